// Third-party judges over every page: axe (WCAG 2.2 AA) and the Nu HTML checker.
import AxeBuilder from "@axe-core/playwright";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { agents, launch, openPage, signedIn, sideways, startDemo } from "./support.mjs";

const Axe = AxeBuilder.default ?? AxeBuilder;
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"];

/// Pages of someone signed in, with the status that they answer and what to press first.
const PAGES = [
  { path: "/" },
  { path: "/agents" },
  { path: "/agents?per=25&sort=-calls_answered&days=30&status=active" },
  { path: "/agents?q=nobody-is-called-this" },
  { path: "/agents?status=sleeping&days=never", status: 400 },
  { path: "/agents", press: "#filter", state: "filter menu" },
  { path: "/agents", press: "#view", state: "view menu" },
  { path: "/agents", press: "#range-more", state: "more days", wait: "#range-custom" },
  { path: "/agents", press: "#legend", state: "legend", wait: "dialog:modal .legend" },
  { path: "/no-such-page", status: 404 },
];

/// Pages that axe judges in the tests of their own areas: only their HTML is checked here.
const OF_AREAS = [
  { path: "/agent-groups" },
  { path: "/agent-groups?sort=-members&per=25" },
  { path: "/agent-groups?q=no-group-is-called-this" },
  { path: "/agent-groups?sort=wage", status: 400 },
  { path: "/agent-groups/new" },
  { path: "/agent-groups/1/edit" },
  { path: "/agent-groups/1/agents" },
  { path: "/agent-groups/1/agents?q=nobody-is-called-this&show=in" },
  { path: "/agent-groups/1/delete" },
  { path: "/agents?group=1" },
  { path: "/feature-codes" },
  { path: "/feature-codes?transfer=conference&after=attended&keys=%232" },
  { path: "/feature-codes?department=x", status: 400 },
  { path: "/feature-codes/sheet" },
  { path: "/settings" },
  { path: "/settings/general" },
  { path: "/settings/tokens" },
  { path: "/roles" },
  { path: "/roles/1" },
  { path: "/roles/new" },
  { path: "/audit" },
  { path: "/audit?kind=x", status: 400 },
  { path: "/me" },
  { path: "/directory" },
  { path: "/no-such-page", status: 404 },
  { path: "/time-groups" },
  { path: "/time-groups?q=nowhere" },
  { path: "/time-groups?sort=wage", status: 400 },
  { path: "/time-groups/1" },
  { path: "/time-groups/1/edit" },
  { path: "/time-groups/1/delete" },
  { path: "/time-groups/new" },
  { path: "/time-groups/deleted" },
  { path: "/departments" },
  { path: "/departments?q=nowhere&days=30&sort=-answered" },
  { path: "/departments?days=never", status: 400 },
  { path: "/departments/1" },
  { path: "/departments/1/edit" },
  { path: "/departments/1/delete" },
  { path: "/departments/new" },
  { path: "/departments/deleted" },
  { path: "/ivrs" },
  { path: "/ivrs/1" },
  { path: "/ivrs/1/edit" },
  { path: "/caller-ids" },
  { path: "/caller-ids/1" },
  { path: "/caller-ids/1/edit" },
  { path: "/caller-ids/1/delete" },
];

let demo, browser;
before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launch()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

async function judge(page, what) {
  const { violations } = await new Axe({ page }).withTags(TAGS).analyze();
  const said = violations.map((v) => `${v.impact} ${v.id} ×${v.nodes.length}: ${v.nodes[0].target.join(" ")}`);
  assert.deepEqual(said, [], what);
  assert.ok((await sideways(page)) <= 1, `${what} is wider than the window`);
}

for (const colorScheme of ["light", "dark"]) {
  describe(`axe, ${colorScheme}`, () => {
    for (const width of [1440, 768, 390]) {
      test(`${width} px`, { timeout: 180_000 }, async () => {
        const options = { colorScheme, reducedMotion: "reduce", viewport: { width, height: 900 } };
        const stranger = await openPage(await browser.newContext(options), { allowed: [401] });
        await stranger.goto(`${demo.url}/sign-in`);
        await judge(stranger, "/sign-in");
        await stranger.fill("[name=login_id]", "nobody");
        await stranger.fill("[name=password]", "not the password");
        await stranger.press("[name=password]", "Enter");
        await stranger.waitForSelector("[role=alert], .err, .notice");
        await judge(stranger, "/sign-in refused");
        await stranger.context().close();
        const page = await signedIn(browser, demo, options, { allowed: [400, 404] });
        for (const { path, press, state, wait } of PAGES) {
          await page.goto(demo.url + path);
          if (press) await page.click(press);
          if (wait) await page.waitForSelector(wait);
          await judge(page, `${path} ${state ?? ""}`);
        }
        page.sound();
        await page.context().close();
      });
    }
  });
}

test("the Nu HTML checker finds no error in any page or fragment", { timeout: 120_000 }, async () => {
  const page = await signedIn(browser, demo);
  const folder = mkdtempSync(join(tmpdir(), "rollcall-html-"));
  const files = new Map();
  const keep = async (path, { status = 200, headers = {}, wrap = (html) => html } = {}) => {
    const answer = await page.request.get(demo.url + path, { headers, failOnStatusCode: false });
    assert.equal(answer.status(), status, path);
    const file = join(folder, `${files.size}.html`);
    files.set(file, `${path} ${JSON.stringify(headers)}`);
    writeFileSync(file, wrap(await answer.text()));
  };
  // The list stands in a page that has the form of its boxes.
  const around = (html) => `<!doctype html><html lang="en"><head><title>Fragment</title></head><body><h1>Fragment</h1>\n${html}\n<form id="bulk"></form></body></html>`;
  for (const { path, status, press } of [...PAGES, ...OF_AREAS]) if (!press) await keep(path, { status });
  await page.goto(`${demo.url}/agents`);
  const [id] = await agents(page);
  const ofOne = ["", "/edit", "/acts"].map((part) => `/agents/${id}${part}`);
  for (const path of ["/calls", "/agents/new", "/agents/days", "/agents/legend", "/agents/filters", "/agents/view", "/agents/deleted", ...ofOne]) await keep(path);
  const partial = { "HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#agents-list" };
  await keep("/agents", { headers: partial, wrap: around });
  await keep("/agents?q=nobody-is-called-this", { headers: partial, wrap: around });
  // What is found stands in the form of the picker, its hidden fields with it.
  const inForm = (html) => around(`<form id="members">${html}</form>`);
  await keep("/agent-groups/1/agents?q=a", { headers: { ...partial, "HX-Target": "div#members-found" }, wrap: inForm });
  await keep("/agent-groups/1/delete", { headers: { ...partial, "HX-Target": "div#dialog" }, wrap: around });
  const stranger = await browser.newContext();
  const signIn = await stranger.request.get(`${demo.url}/sign-in`);
  const file = join(folder, "sign-in.html");
  files.set(file, "/sign-in");
  writeFileSync(file, await signIn.text());

  const jar = fileURLToPath(new URL("node_modules/vnu-jar/build/dist/vnu.jar", import.meta.url));
  const checked = spawnSync("java", ["-jar", jar, "--errors-only", "--format", "json", ...files.keys()], { encoding: "utf8", maxBuffer: 64 << 20 });
  assert.ifError(checked.error);
  const named = (message) => `${files.get(new URL(message.url).pathname)}:${message.lastLine} ${message.message}`;
  // Attributes of htmx are no HTML; everything else must be.
  const ours = (message) => /Attribute “hx-[^”]*” not allowed|Element “hx-partial” not allowed/.test(message.message);
  const errors = JSON.parse(checked.stderr).messages.filter((message) => !ours(message)).map(named);
  rmSync(folder, { recursive: true, force: true });
  assert.deepEqual(errors, []);
  await stranger.close();
  await page.context().close();
});
