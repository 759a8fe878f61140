// The way in, in a real browser: an invitation, a forgotten password, a second factor with its codes; and the way out,
// when somebody else ends the session of an open page.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import AxeBuilder from "@axe-core/playwright";
import { appCode, launch, openPage, sideways, signedIn, signIn, startDemo } from "./support.mjs";

const Axe = AxeBuilder.default ?? AxeBuilder;
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"];
const SCREENS = ["light", "dark"].flatMap((colorScheme) => [1440, 390].map((width) => ({ colorScheme, viewport: { width, height: 900 } })));
const PASSWORD = "wet green lamp seven";
let demo, browser;

before(async () => {
  [demo, browser] = await Promise.all([startDemo({ agents: 20 }), launch()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

const close = (...pages) => Promise.all(pages.map((page) => page.context().close()));

/// A page that nobody is signed in with.
const door = async (options = {}, allowed = []) => openPage(await browser.newContext(options), { allowed });

async function judge(page, what) {
  const { violations } = await new Axe({ page }).withTags(TAGS).analyze();
  assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(" ")}`), [], what);
  assert.ok((await sideways(page)) <= 1, `${what} is wider than the window`);
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${what.replace(/\W+/g, "-")}.png`, fullPage: true });
}

/// Adds a user who may sign in; the link that is shown once.
async function invite(admin, name, username) {
  await admin.goto(`${demo.url}/users/new`);
  await admin.fill("#name-", name);
  await admin.fill("#username-", username);
  await admin.fill("#email-", `${username}@example.org`);
  await admin.click("#user-next");
  await admin.waitForSelector("#calling_agent");
  await admin.setChecked("#calling_agent", false);
  await admin.click("#user-next");
  await admin.waitForSelector("#web_login");
  await admin.check("#web_login-allowed");
  await admin.selectOption("[name=role]", { label: "Auditor" });
  await admin.click("#user-save");
  await admin.waitForSelector("#one-time-link, #sent");
  return new URL(await admin.inputValue("#one-time-link")).pathname + new URL(await admin.inputValue("#one-time-link")).search;
}

async function choose(page, link, password) {
  await page.goto(demo.url + link);
  await page.fill("#password", password);
  await page.press("#password", "Enter");
}

async function enter(page, username, password) {
  await page.fill("[name=login_id]", username);
  await page.fill("[name=password]", password);
  await page.press("[name=password]", "Enter");
}

describe("sign-in", () => {
  test("without script: an invitation leads to a first sign-in, once", async () => {
    const admin = await signedIn(browser, demo);
    const link = await invite(admin, "Ravi Deshpande", "ravi.deshpande");
    const page = await door({ javaScriptEnabled: false, viewport: { width: 390, height: 800 } }, [404, 422]);
    await choose(page, link, "ravi deshpande!");
    await page.waitForSelector("#password-err");
    assert.match(await page.textContent("#password-err"), /too easy to guess/);
    await page.fill("#password", PASSWORD);
    await page.press("#password", "Enter");
    await page.waitForURL(/\/sign-in\?done=password/);
    assert.match(await page.textContent("[role=status]"), /Your password is saved/);
    await enter(page, "ravi.deshpande", "not this one at all");
    await page.waitForSelector("#form-err");
    assert.equal(await page.inputValue("[name=login_id]"), "ravi.deshpande", "what was typed is kept");
    await page.fill("[name=password]", PASSWORD);
    await page.press("[name=password]", "Enter");
    await page.waitForURL(`${demo.url}/`);
    const again = await page.goto(demo.url + link);
    assert.equal(again.status(), 404, "the link is used up");
    page.sound();
    admin.sound();
    await close(page, admin);
  });

  test("without script: a forgotten password has one answer for all, once mail is set", async () => {
    const admin = await signedIn(browser, demo);
    const page = await door({ javaScriptEnabled: false });
    await page.goto(`${demo.url}/sign-in`);
    assert.equal(await page.locator("#forgot").count(), 0);
    assert.match(await page.textContent("main"), /Ask an administrator/);
    await admin.goto(`${demo.url}/settings/mail`);
    await admin.fill("#host", "127.0.0.1");
    await admin.fill("#port", "9");
    await admin.selectOption("#security", "plain");
    await admin.fill("#from", "rollcall@example.org");
    await admin.click("#mail-save");
    await admin.waitForURL(/done=saved/);
    await page.reload();
    await page.click("#forgot");
    await page.waitForURL(/\/forgotten/);
    const answers = [];
    for (const name of [demo.login_id, "nobody.at.all", "nobody@example.org"]) {
      await page.goto(`${demo.url}/forgotten`);
      await page.fill("[name=login_id]", name);
      await page.press("[name=login_id]", "Enter");
      await page.waitForSelector("#asked");
      answers.push(await page.innerHTML("main"));
    }
    assert.equal(new Set(answers).size, 1);
    await page.click("#asked-back");
    await page.waitForURL(/\/sign-in$/);
    await admin.click("#mail-off");
    await admin.waitForURL(/done=removed/);
    page.sound();
    admin.sound();
    await close(page, admin);
  });

  test("a second factor is turned on; its codes and the recovery codes sign in", async () => {
    const admin = await signedIn(browser, demo);
    const link = await invite(admin, "Sunita Rao", "sunita.rao");
    const page = await door({}, [422]);
    await choose(page, link, PASSWORD);
    await page.waitForURL(/\/sign-in/);
    await enter(page, "sunita.rao", PASSWORD);
    await page.waitForURL(`${demo.url}/`);
    await page.goto(`${demo.url}/account`);
    const ahead = Date.parse(await page.getAttribute("#sessions tr:has-text('this one') time", "datetime")) - Date.now();
    await page.click("#factor");
    await page.waitForURL(/\/account\/factor$/);
    const key = await page.textContent("#factor-key");
    await page.fill("#code", "000000");
    await page.press("#code", "Enter");
    await page.waitForSelector("#code-err");
    assert.equal(await page.textContent("#factor-key"), key, "the app has been given this one");
    await page.fill("#code", appCode(key, Date.now() + ahead));
    await page.press("#code", "Enter");
    await page.waitForSelector("#codes");
    const codes = await page.$$eval("#codes code", (codes) => codes.map((code) => code.textContent));
    await page.click("#codes-kept");
    await page.waitForURL(/\/account$/);
    // The code of the next half minute is good already, and was not used.
    for (const [name, code] of [["a code", appCode(key, Date.now() + ahead + 30_000)], ["a recovery code", codes[4].toUpperCase()]]) {
      const other = await door();
      await other.goto(`${demo.url}/sign-in?next=%2Faccount`);
      await enter(other, "sunita.rao", PASSWORD);
      await other.waitForSelector("#second-step");
      assert.equal(await other.evaluate(() => document.activeElement.id), "code", `${name}: ready to type`);
      await other.fill("#code", code);
      await other.press("#code", "Enter");
      await other.waitForURL(/\/account$/);
      other.sound();
      await close(other);
    }
    await page.reload();
    assert.match(await page.textContent("main"), /9 left/);
    page.sound();
    admin.sound();
    await close(page, admin);
  });

  test("an open page goes to sign-in by itself when its session is ended elsewhere, or its user blocked", async () => {
    const admin = await signedIn(browser, demo);
    const here = await door();
    await choose(here, await invite(admin, "Kiran Joshi", "kiran.joshi"), PASSWORD);
    await here.waitForURL(/\/sign-in/);
    await enter(here, "kiran.joshi", PASSWORD);
    await here.waitForURL(`${demo.url}/`);
    const watching = async () => {
      const page = await door({}, [401]);
      await page.goto(`${demo.url}/sign-in?next=%2Fagents%3Fstatus%3Doffline`);
      await enter(page, "kiran.joshi", PASSWORD);
      const stream = page.waitForResponse((answer) => answer.url().includes("/live?"));
      await page.waitForURL(/\/agents/);
      await stream;
      return page;
    };
    const ended = await watching();
    await here.goto(`${demo.url}/account`);
    await here.locator("#sessions button").first().click();
    await here.waitForURL(/done=session-ended/);
    await ended.waitForURL(/\/sign-in\?next=%2Fagents/);
    const blocked = await watching();
    await admin.goto(`${demo.url}/users?q=kiran.joshi`);
    await admin.click("#users-table tbody a[href^='/users/']");
    await admin.waitForURL(/\/users\/\d+/);
    await admin.goto(`${admin.url()}/acts?act=block_web_login`);
    await admin.click("form button.primary, form button.danger");
    await blocked.waitForURL(/\/sign-in\?next=%2Fagents/);
    await here.goto(`${demo.url}/account`);
    assert.match(here.url(), /\/sign-in/);
    for (const page of [here, admin]) page.sound();
    // htmx says on the console why the stream did not come back.
    for (const page of [ended, blocked]) assert.deepEqual(page.faults.filter((fault) => !fault.includes("status 401")), []);
    await close(here, ended, blocked, admin);
  });

  for (const screen of SCREENS)
    test(`the way in is accessible: ${screen.colorScheme}, ${screen.viewport.width} px`, { timeout: 120_000 }, async () => {
      const options = { ...screen, bypassCSP: true };
      const label = `${screen.colorScheme}-${screen.viewport.width}`;
      const username = `zoya.${screen.colorScheme}${screen.viewport.width}`;
      const admin = await signedIn(browser, demo, options);
      const link = await invite(admin, "Zoya Khan", username);
      await judge(admin, `link-shown ${label}`);
      const page = await door(options, [404, 422]);
      await page.goto(demo.url + link);
      await judge(page, `choose-a-password ${label}`);
      await page.fill("#password", "short");
      await page.press("#password", "Enter");
      await page.waitForSelector("#password-err");
      await judge(page, `choose-a-password-fault ${label}`);
      await page.fill("#password", PASSWORD);
      await page.press("#password", "Enter");
      await page.waitForURL(/done=password/);
      await judge(page, `password-saved ${label}`);
      await enter(page, username, "not this one at all");
      await page.waitForSelector("#form-err");
      await judge(page, `sign-in-refused ${label}`);
      await page.goto(demo.url + link);
      await judge(page, `link-used-up ${label}`);
      await page.goto(`${demo.url}/forgotten`);
      await judge(page, `forgotten-without-mail ${label}`);
      await close(page, admin);
    });
});
