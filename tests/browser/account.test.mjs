// One's own account in a real browser: by keyboard, without script, judged by axe; a second factor with a code that
// is worked out here from the key on the page.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import AxeBuilder from "@axe-core/playwright";
import { appCode, launch, openPage, sideways, signedIn, signIn, startDemo } from "./support.mjs";

const Axe = AxeBuilder.default ?? AxeBuilder;
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"];
let demo, browser;

before(async () => {
  [demo, browser] = await Promise.all([startDemo({ agents: 20 }), launch()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

/// How far the demo's clock is from ours, from the moment at which this session began.
async function offset(page) {
  const began = await page.getAttribute("#sessions tr:has-text('this one') time", "datetime");
  return Date.parse(began) - page.signedInAt;
}

const open = async (path, options = {}, allowed = []) => {
  const page = await signedIn(browser, demo, options, { allowed });
  page.signedInAt = Date.now();
  await page.goto(demo.url + path);
  return page;
};

/// Adds a second factor; the recovery codes.
async function addFactor(page) {
  await page.goto(`${demo.url}/account`);
  const ahead = await offset(page);
  await page.click("#factor");
  await page.waitForURL(/\/account\/factor$/);
  await page.fill("#code", appCode(await page.textContent("#factor-key"), Date.now() + ahead));
  await page.press("#code", "Enter");
  await page.waitForSelector("#codes");
  return page.$$eval("#codes code", (codes) => codes.map((code) => code.textContent));
}

async function takeFactorAway(page) {
  await page.goto(`${demo.url}/account/factor/off`);
  await page.fill("#password", demo.password);
  await page.press("#password", "Enter");
  await page.waitForURL(/\/account\?done=factor-removed/);
}

describe("account", () => {
  test("by keyboard alone: from the menu to another password; a weak one is told at its field", async () => {
    const page = await open("/", {}, [422]);
    const other = await signedIn(browser, demo);
    await page.focus("#me");
    await page.keyboard.press("Enter");
    await page.focus("#account");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/account$/);
    await page.focus("#change-password");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/account\/password$/);
    await page.focus("#password");
    await page.keyboard.type("rollcallrollcall");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#password-err");
    assert.match(await page.textContent("#password-err"), /too easy to guess/);
    assert.equal(await page.inputValue("#password"), "", "a password is never sent back");
    const password = "nine lanterns over the harbour";
    await page.fill("#password", password);
    await page.press("#password", "Enter");
    await page.waitForURL(/done=password/);
    demo.password = password;
    assert.match(await page.textContent("#toasts"), /The password is changed/);
    await other.goto(`${demo.url}/agents`);
    assert.match(other.url(), /\/sign-in/, "other sessions have ended");
    page.sound();
    await page.context().close();
    await other.context().close();
  });

  test("a session elsewhere is listed and ended", async () => {
    const page = await open("/account");
    const other = await signedIn(browser, demo);
    await page.reload();
    assert.match(await page.textContent("#sessions"), /Chrome on Linux/);
    await page.click("#end-others");
    await page.waitForURL(/done=others-ended/);
    assert.equal(await page.locator("#sessions tbody tr").count(), 1);
    await other.goto(`${demo.url}/agents`);
    assert.match(other.url(), /\/sign-in/);
    page.sound();
    await page.context().close();
    await other.context().close();
  });

  test("without script: a second factor is added, asked for, and taken away", async () => {
    const page = await open("/account", { javaScriptEnabled: false }, [422]);
    const codes = await addFactor(page);
    assert.equal(codes.length, 10);
    const door = await openPage(await browser.newContext({ javaScriptEnabled: false }), { allowed: [422] });
    await door.goto(`${demo.url}/sign-in?next=%2Fagents%3Fper%3D25`);
    await door.fill("[name=login_id]", demo.login_id);
    await door.fill("[name=password]", demo.password);
    await door.press("[name=password]", "Enter");
    await door.waitForSelector("#second-step");
    await door.fill("#code", "aaaa-bbbb-cccc-dddd-eeee-ffff");
    await door.press("#code", "Enter");
    await door.waitForSelector("#form-err");
    await door.fill("#code", codes[0]);
    await door.press("#code", "Enter");
    await door.waitForURL(/\/agents\?per=25/);
    await takeFactorAway(page);
    await door.goto(`${demo.url}/agents`);
    assert.match(door.url(), /\/sign-in/, "other sessions have ended");
    await signIn(door, demo);
    page.sound();
    door.sound();
    await page.context().close();
    await door.context().close();
  });

  for (const colorScheme of ["light", "dark"])
    for (const width of [1440, 320])
      test(`every page is accessible: ${colorScheme}, ${width} px`, { timeout: 120_000 }, async () => {
        const options = { colorScheme, viewport: { width, height: 900 }, bypassCSP: true };
        const judge = async (page, what) => {
          const { violations } = await new Axe({ page }).withTags(TAGS).analyze();
          assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(" ")}`), [], what);
          assert.ok((await sideways(page)) <= 1, `${what} is wider than the window`);
        };
        const page = await open("/account", options, [422]);
        for (const path of ["/account", "/account/password", "/account/factor", "/account/confirm?next=%2Faccount%2Fpassword", "/settings/mail", "/settings/sign-in"]) {
          await page.goto(demo.url + path);
          await judge(page, path);
        }
        await page.goto(`${demo.url}/settings/mail`);
        await page.fill("#host", "no host");
        await page.click("#mail-save");
        await page.waitForSelector("#host-err");
        await judge(page, "the mail server with an error");
        await addFactor(page);
        await judge(page, "recovery codes");
        await page.goto(`${demo.url}/account`);
        await judge(page, "the account with a second factor");
        const door = await openPage(await browser.newContext(options));
        await door.goto(`${demo.url}/forgotten`);
        await judge(door, "forgotten password");
        await door.goto(`${demo.url}/sign-in`);
        await door.fill("[name=login_id]", demo.login_id);
        await door.fill("[name=password]", demo.password);
        await door.press("[name=password]", "Enter");
        await door.waitForSelector("#second-step");
        await judge(door, "the second step");
        await door.context().close();
        await takeFactorAway(page);
        await page.context().close();
      });
});
