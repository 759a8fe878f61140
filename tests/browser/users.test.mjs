// Users in a real browser: added by keyboard and without script, blocked from the dialog, narrow and dark.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import AxeBuilder from "@axe-core/playwright";
import { launch, number, settled, sideways, signedIn, startDemo } from "./support.mjs";

const Axe = AxeBuilder.default ?? AxeBuilder;
let demo, browser;

before(async () => {
  [demo, browser] = await Promise.all([startDemo({ agents: 120 }), launch()]);
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
const rows = (page) => page.locator("#users-table tbody tr").count();
/// Adds a user with all three steps; leaves the page on what came of it.
async function add(page, { name, username, calls = true, login = false }) {
  await page.goto(`${demo.url}/users/new`);
  await page.fill("#name-", name);
  await page.fill("#username-", username);
  if (login) await page.fill("#email-", `${username}@example.com`);
  await page.click("#user-next");
  await page.waitForSelector("#calling_agent");
  await page.setChecked("#calling_agent", calls);
  await page.click("#user-next");
  await page.waitForSelector("#web_login");
  await page.check(login ? "#web_login-allowed" : "#web_login-none");
  await page.click("#user-save");
  await page.waitForURL(/\/users(\/\d+)?$/);
}

describe("users", () => {
  test("a user is added by keyboard alone, and Back keeps what was typed", async () => {
    const page = await open("/users", {}, [422]);
    await page.focus("#add-user");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#name-");
    await page.keyboard.press("Tab");
    await page.focus("#name-");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#summary");
    assert.match(await page.textContent("#summary"), /2 things to put right/);
    await page.fill("#name-", "Keyboard Person");
    await page.fill("#username-", "keyboard.person");
    await page.press("#username-", "Enter");
    await page.waitForSelector("#calling_agent");
    assert.match(await page.textContent("#step-h"), /User settings/);
    await page.focus("#calling_agent");
    if (!(await page.isChecked("#calling_agent"))) await page.keyboard.press("Space");
    await page.fill("#extension-", "889900");
    await page.focus("#user-back");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#name-");
    assert.equal(await page.inputValue("#name-"), "Keyboard Person");
    await page.press("#name-", "Enter");
    await page.waitForSelector("#extension-");
    assert.equal(await page.inputValue("#extension-"), "889900");
    await page.press("#extension-", "Enter");
    await page.waitForSelector("#web_login");
    await page.focus("#user-save");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/users\/\d+$/);
    assert.match(await page.textContent("#toasts"), /Keyboard Person is added/);
    assert.match(await page.textContent("main"), /889900/);
    page.sound();
    await page.context().close();
  });

  test("search and filters follow the address, and the first caller ID is said", async () => {
    const page = await open("/users");
    const all = number((await page.textContent("#users-count")).split("of")[0]);
    await page.fill("#q", "zzzz nobody");
    await page.waitForFunction(() => document.querySelector("#users-count").textContent.trim().startsWith("0 of"));
    assert.match(page.url(), /q=zzzz/);
    assert.equal(await page.evaluate(() => document.activeElement.id), "q");
    await page.click("#empty-clear");
    await page.waitForFunction((all) => Number(document.querySelector("#users-count").textContent.split("of")[0].replace(/\D/g, "")) === all, all);
    await page.selectOption("#filter-calling_agent", "no");
    await page.click("#users-apply");
    await page.waitForURL(/calling_agent=no/);
    await settled(page);
    const others = number((await page.textContent("#users-count")).split("of")[0]);
    assert.ok(others > 0 && others < all);
    await page.click("#sort-email");
    await page.waitForURL(/sort=email/);
    assert.equal(await page.getAttribute("th[aria-sort]", "aria-sort"), "ascending");
    assert.ok((await rows(page)) > 0);
    await page.goto(`${demo.url}/users/new?calling_agent=yes`);
    await page.fill("#name-", "Caller");
    await page.fill("#username-", "caller.person");
    await page.click("#user-next");
    await page.waitForSelector("#caller_ids-");
    const box = page.locator(".picks [name=caller_ids]").first();
    await box.check();
    const label = (await box.locator("xpath=..").textContent()).trim();
    await page.click("#user-next");
    await page.waitForSelector("#user-save");
    await page.check("#web_login-none");
    await page.click("#user-save");
    await page.waitForURL(/\/users\/\d+$/);
    const shown = (await page.textContent("#extension-caller-id")).trim();
    assert.ok(label.startsWith(shown), `${label} / ${shown}`);
    assert.match(await page.textContent("main"), /the first of the allowed caller IDs/);
    page.sound();
    await page.context().close();
  });

  test("the web login is blocked from the dialog and comes back by Undo", async () => {
    const page = await open("/users");
    await add(page, { name: "Blocked Soon", username: "blocked.soon", calls: false, login: true });
    assert.match(await page.inputValue("#one-time-link"), /\/password\?token=/);
    await page.goto(`${demo.url}/users?q=blocked.soon`);
    await page.click("#users-table [id^=acts-]");
    await page.waitForSelector("dialog#acts[open]");
    await page.check("#user-act-block_web_login");
    await page.fill("#reason", "left");
    await page.click("#acts-go");
    await page.waitForFunction(() => document.querySelector("#toasts")?.textContent.includes("is blocked"));
    assert.equal(await page.getAttribute("#users-table [data-web-login]", "data-web-login"), "blocked");
    await page.click("#undo");
    await page.waitForFunction(() => document.querySelector("#users-table [data-web-login]")?.dataset.webLogin === "allowed");
    await page.click("#users-table [id^=acts-]");
    await page.waitForSelector("dialog#acts[open]");
    await page.keyboard.press("Escape");
    await page.waitForSelector("dialog#acts", { state: "detached" });
    page.sound();
    await page.context().close();
  });

  test("everything works without script", async () => {
    const page = await open("/users", { javaScriptEnabled: false }, [422]);
    await add(page, { name: "Plain Person", username: "plain.person" });
    assert.match(await page.textContent("#toasts"), /Plain Person is added/);
    await page.click("#edit");
    await page.fill("[name=designation]", "Lead");
    await page.click("#user-save");
    await page.waitForURL(/\/users\/\d+$/);
    assert.match(await page.textContent("main"), /Lead/);
    await page.click("#acts");
    await page.check("#user-act-delete");
    await page.click("#acts-go");
    await page.waitForURL(/\/users$/);
    assert.match(await page.textContent("#toasts"), /Plain Person is deleted/);
    await page.click("#undo");
    await page.goto(`${demo.url}/users?q=plain.person`);
    assert.equal(await rows(page), 1);
    await page.selectOption("#filter-web_login", "none");
    await page.click("#users-apply");
    assert.match(page.url(), /web_login=none/);
    page.sound();
    await page.context().close();
  });

  test("without script each step is validated by itself, and Back keeps what was typed", async () => {
    const page = await open("/users/new", { javaScriptEnabled: false }, [422]);
    await page.fill("[name=name]", "Steps Person");
    await page.click("#user-next");
    assert.match(await page.textContent("#summary"), /One thing to put right/);
    assert.equal(await page.inputValue("[name=name]"), "Steps Person");
    await page.fill("[name=username]", "steps.person");
    await page.click("#user-next");
    await page.check("#calling_agent");
    await page.fill("[name=intercom_number]", "99");
    await page.click("#user-next");
    assert.match(await page.textContent("#step-h"), /User settings/);
    assert.equal(await page.inputValue("[name=intercom_number]"), "99", "what is wrong stays to be put right");
    await page.click("#user-back");
    assert.equal(await page.inputValue("[name=username]"), "steps.person");
    await page.click("#user-next");
    assert.equal(await page.inputValue("[name=intercom_number]"), "99");
    await page.fill("[name=intercom_number]", "");
    await page.click("#user-next");
    await page.check("#web_login-allowed");
    await page.click("#user-save");
    assert.match(await page.textContent("#summary"), /email/i, "a web login needs an address");
    await page.fill("[name=email]", "steps.person@example.com", { timeout: 2_000 });
    await page.click("#user-next");
    await page.click("#user-next");
    assert.ok(await page.isChecked("#web_login-allowed"));
    await page.click("#user-save");
    assert.match(await page.inputValue("#one-time-link"), /\/password\?token=/);
    page.sound();
    await page.context().close();
  });

  test("a user is deleted from the dialog and comes back by Undo", async () => {
    const page = await open("/users");
    await add(page, { name: "Deleted Soon", username: "deleted.soon" });
    await page.goto(`${demo.url}/users?q=deleted.soon`);
    await page.click("#users-table [id^=acts-]");
    await page.waitForSelector("dialog#acts[open]");
    await page.check("#user-act-delete");
    await page.click("#acts-go");
    await page.waitForFunction(() => document.querySelector("#toasts")?.textContent.includes("is deleted"));
    assert.equal(await rows(page), 0);
    await page.click("#undo");
    await page.waitForSelector("#users-table tbody tr");
    assert.match(await page.textContent("#users-table"), /Deleted Soon/);
    page.sound();
    await page.context().close();
  });

  test("two people edit the same user: both are shown, nothing that was typed is lost", async () => {
    const page = await open("/users", {}, [409]);
    await add(page, { name: "Shared Person", username: "shared.person" });
    const path = new URL(page.url()).pathname;
    const other = await open(`${path}/edit`);
    await page.goto(`${demo.url}${path}/edit`);
    await page.fill("[name=designation]", "Lead of nights");
    await page.fill("[name=name]", "Shared Mine");
    await other.fill("[name=name]", "Shared Theirs");
    await other.fill("[name=employee_id]", "EMP-SHARED");
    await other.click("#user-save");
    await other.waitForURL(/\/users\/\d+$/);
    await page.click("#user-save");
    await page.waitForSelector("#conflict-h");
    assert.match(await page.textContent(".conflict"), /Shared Theirs[^]*Shared Mine/);
    assert.equal(await page.inputValue("[name=designation]"), "Lead of nights");
    await page.check("#keep-name-theirs");
    await page.click("#user-save");
    await page.waitForURL(/\/users\/\d+$/);
    const told = await page.textContent("main");
    for (const kept of ["Shared Theirs", "Lead of nights", "EMP-SHARED"]) assert.ok(told.includes(kept), `${kept} in ${told}`);
    page.sound();
    await page.context().close();
    await other.context().close();
  });

  test("Add agent is Add user with calling agent ticked", async () => {
    const page = await open("/agents");
    await page.click("#add-agent");
    await page.waitForSelector("#name-");
    await page.fill("#name-", "Agent Person");
    await page.fill("#username-", "agent.person");
    await page.click("#user-next");
    await page.waitForSelector("#calling_agent");
    assert.ok(await page.isChecked("#calling_agent"));
    page.sound();
    await page.context().close();
  });

  for (const [colorScheme, width] of [["light", 1440], ["dark", 1440], ["light", 390], ["dark", 320]]) {
    test(`nothing is out of reach, ${colorScheme} at ${width} px`, async () => {
      const page = await open("/users", { colorScheme, viewport: { width, height: 900 } }, [400, 422]);
      const judge = async (what) => {
        const { violations } = await new Axe({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]).analyze();
        assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" | ")}`), [], what);
        assert.equal(await sideways(page), 0, `${what} is no wider than the window`);
      };
      await judge("list");
      const user = await page.getAttribute("#users-table tbody tr", "data-user");
      for (const path of ["/users?sort=wage", "/users?q=nobody-at-all", `/users/${user}`, `/users/${user}/edit`, `/users/${user}/acts`, "/users/deleted", "/users/new"]) {
        await page.goto(demo.url + path);
        await judge(path);
      }
      await page.click("#user-next");
      await page.waitForSelector("#summary");
      await judge("step 1 with errors");
      await page.fill("#name-", "Axe");
      await page.fill("#username-", `axe.${colorScheme}.${width}`);
      await page.click("#user-next");
      await page.waitForSelector("#calling_agent");
      await judge("step 2");
      await page.click("#user-next");
      await page.waitForSelector("#web_login");
      await judge("step 3");
      page.sound();
      await page.context().close();
    });
  }
});
