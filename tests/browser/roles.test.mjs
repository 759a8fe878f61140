// Roles, the audit log, tokens and one's own page in a real browser: by keyboard, without script, narrow and dark.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import AxeBuilder from "@axe-core/playwright";
import { launch, settled, sideways, signedIn, startDemo } from "./support.mjs";

const Axe = AxeBuilder.default ?? AxeBuilder;
let demo, browser;

before(async () => {
  [demo, browser] = await Promise.all([startDemo({ agents: 60 }), launch()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

const open = async (path, options = {}, allowed = []) => {
  const page = await signedIn(browser, demo, options, { allowed });
  await page.goto(demo.url + path);
  return page;
};

describe("roles", () => {
  test("by keyboard alone: a role is copied, ticked, saved, changed and deleted, and comes back", async () => {
    const page = await open("/roles");
    const copy = page.locator("tr", { hasText: "Auditor" }).locator("a[id^=copy-]");
    await copy.focus();
    await page.keyboard.press("Enter");
    await page.waitForSelector("#role-form");
    assert.equal(await page.evaluate(() => document.activeElement.id), "name", "typing can begin");
    await page.keyboard.type("Listeners");
    await page.focus("[id='right-exports']");
    await page.keyboard.press("Space");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/roles\/\d+$/);
    assert.match(await page.textContent("#toasts"), /Listeners is added\./);
    assert.equal(await page.locator("[id='right-exports']").count(), 0, "it was taken off");
    await page.focus("#edit");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#role-form");
    await page.focus("#own-groups-no");
    await page.keyboard.press("ArrowDown");
    await page.focus("#role-save");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/roles\/\d+$/);
    assert.match(await page.textContent("main"), /Holds on the agents of its holder’s own groups/);
    assert.match(await page.textContent("#changes"), /Only on own groups/);
    await page.click("#delete");
    await page.click("#delete-go");
    await page.waitForURL(/\/roles$/);
    assert.match(await page.textContent("#toasts"), /Listeners is deleted\./);
    await page.click("#undo");
    await settled(page);
    await page.goto(`${demo.url}/roles`);
    assert.match(await page.textContent("#roles-table"), /Listeners/);
    page.sound();
    await page.context().close();
  });

  test("a role made from a built-in one is given to a user", async () => {
    const page = await open("/roles");
    await page.locator("tr", { hasText: "Supervisor" }).locator("a[id^=copy-]").click();
    await page.waitForSelector("#role-form");
    await page.fill("#name", "Night lead");
    await page.uncheck("[id='right-exports']");
    await page.click("#role-save");
    await page.waitForURL(/\/roles\/\d+$/);
    const role = page.url().match(/\d+$/)[0];
    await page.goto(`${demo.url}/users/new`);
    await page.fill("#name-", "Nila Night");
    await page.fill("#username-", "nila.night");
    await page.fill("#email-", "nila.night@example.com");
    await page.click("#user-next");
    await page.waitForSelector("#calling_agent");
    await page.uncheck("#calling_agent");
    await page.click("#user-next");
    await page.waitForSelector("#role");
    await page.check("#web_login-allowed");
    await page.selectOption("#role", { label: "Night lead" });
    await page.click("#user-save");
    await page.waitForSelector("#one-time-link");
    await page.goto(`${demo.url}/users?role=${role}`);
    assert.match(await page.textContent("#users-count"), /1 of/);
    assert.match(await page.textContent("#users-table"), /Nila Night[^]*Night lead/);
    await page.goto(`${demo.url}/roles/${role}/delete`);
    assert.match(await page.textContent("main"), /1 person has this role/, "who has it keeps it");
    page.sound();
    await page.context().close();
  });

  test("what is refused keeps what was ticked", async () => {
    const page = await open("/roles/new", {}, [422]);
    await page.fill("#name", "Half");
    await page.check("[id='right-customer_numbers']");
    await page.click("#role-save");
    await page.waitForSelector("#permissions-err");
    assert.match(await page.textContent("#permissions-err"), /of no use without “See calls”/);
    assert.equal(await page.inputValue("#name"), "Half");
    assert.ok(await page.isChecked("[id='right-customer_numbers']"));
    await page.context().close();
  });

  test("without script: a role, the log of it, and a token that is shown once", async () => {
    const page = await open("/roles/new", { javaScriptEnabled: false });
    await page.fill("#name", "Plain");
    await page.check("[id='right-agents.read']");
    await page.click("#role-save");
    assert.match(await page.textContent("#toasts"), /Plain is added\./);
    await page.goto(`${demo.url}/audit`);
    await page.fill("#q", "Plain");
    await page.selectOption("#kind", "rights");
    await page.click("#audit-apply");
    assert.match(await page.textContent("#audit-table"), /Role added/);
    await page.goto(`${demo.url}/settings/tokens`);
    await page.fill("#name", "wallboard");
    await page.selectOption("#role", { label: "Plain" });
    await page.click("#token-make");
    assert.match(await page.textContent("#token"), /^rc_/);
    await page.goto(`${demo.url}/settings/tokens`);
    assert.equal(await page.locator("#token").count(), 0, "never again");
    await page.locator("tr", { hasText: "wallboard" }).locator("summary").click();
    await page.locator("tr", { hasText: "wallboard" }).locator("button").click();
    assert.match(await page.textContent("#toasts"), /wallboard is ended\./);
    page.sound();
    await page.context().close();
  });

  test("the log is filtered by a press on a name, and Back restores it", async () => {
    const page = await open("/audit");
    await page.locator("#audit-table [id^=by-]").first().click();
    await page.waitForURL(/by=user-\d+/);
    assert.match(await page.textContent("#audit-chips"), /By:/);
    await page.goBack();
    await page.waitForURL(/\/audit$/);
    await page.waitForFunction(() => !document.querySelector("#audit-chips .chip"));
    await page.selectOption("#kind", "sign-ins");
    await page.click("#audit-apply");
    await page.waitForURL(/kind=sign-ins/);
    assert.match(await page.textContent("#audit-table"), /Signed in/);
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("#audit-export")]);
    const lines = (await readFile(await download.path(), "utf8")).trim().split("\n");
    assert.ok(lines.length > 1 && lines.slice(1).every((line) => !line.includes("role.")), "the file holds what was filtered");
    page.sound();
    await page.context().close();
  });

  for (const [colorScheme, width] of [["light", 1440], ["dark", 1440], ["light", 390], ["dark", 320]])
      test(`every page is accessible: ${colorScheme}, ${width} px`, { timeout: 180_000 }, async () => {
        const page = await open("/roles", { colorScheme, reducedMotion: "reduce", viewport: { width, height: 900 }, bypassCSP: true }, [400, 422]);
        const judge = async (what) => {
          const { violations } = await new Axe({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]).analyze();
          assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(" ")}`), [], what);
          assert.ok((await sideways(page)) <= 1, `${what} is wider than the window`);
        };
        for (const path of ["/roles", "/roles/1", "/roles/new", "/roles/new?from=2", "/audit", "/audit?kind=sign-ins&days=30", "/audit?q=nobody", "/audit?kind=x", "/settings", "/settings/general", "/settings/tokens", "/me", "/directory", "/directory?q=nobody-is-called-this", "/directory?page=x"]) {
          await page.goto(demo.url + path);
          await judge(path);
        }
        await page.goto(`${demo.url}/roles/new`);
        await page.click("#role-save");
        await page.waitForSelector("#form-err");
        await judge("a role that is refused");
        await page.goto(`${demo.url}/settings/tokens`);
        await page.click("#token-make");
        await page.waitForSelector("#form-err");
        await judge("a token that is refused");
        await page.context().close();
      });
});
