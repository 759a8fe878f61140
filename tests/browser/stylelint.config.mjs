// Finds mistakes in the style sheet; how it is laid out on the page is a matter of taste.
export default {
  extends: ["stylelint-config-recommended"],
  reportNeedlessDisables: true,
  reportInvalidScopeDisables: true,
  rules: {
    // Layers and sections order the sheet by purpose, not by weight.
    "no-descending-specificity": null,
    "no-duplicate-selectors": null,
    "selector-max-id": 1,
    // The content security policy allows nothing from elsewhere.
    "function-url-scheme-disallowed-list": ["data", "http", "https"],
  },
};
