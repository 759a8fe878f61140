// Services → Agents in a real browser: reading, finding, choosing days, without a mouse, without script.
import assert from "node:assert/strict";
import { after, before, beforeEach, afterEach, describe, test } from "node:test";
import { agents, column, launch, number, openPage, settled, sideways, signedIn, signIn, startDemo } from "./support.mjs";

let demo, browser, page;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launch()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

const thirteen = [
  "agent_id", "name", "call_forwarding_number", "alternative_numbers", "intercom_number", "time_group", "departments",
  "username", "extension_caller_id", "agent_status", "extension_status", "calls_answered", "action",
];

describe("the agents page", () => {
  beforeEach(async () => {
    page = await signedIn(browser, demo);
    await page.goto(`${demo.url}/agents`);
  });
  afterEach(async () => {
    page.sound();
    await page.context().close();
  });

  test("shows thirteen columns of everyone", async () => {
    const shown = await page.$$eval("#agents-table thead th[data-col]", (heads) => heads.map((head) => head.dataset.col));
    assert.deepEqual(shown, thirteen);
    const [count, total] = (await page.textContent("#agents-count")).match(/[\d,]+/g).map(number);
    assert.equal(count, total);
    assert.equal(total, number(await page.textContent("#tab-all-n")));
    assert.ok((await agents(page)).length >= 25);
  });

  test("finds as one types, and Back restores it", async () => {
    const [name] = await column(page, "name");
    const all = await agents(page);
    await page.locator("#q").pressSequentially(name, { delay: 20 });
    await page.waitForFunction((n) => document.querySelector("#agents-count").textContent.trim().startsWith("1 of") || document.querySelectorAll("tr[data-agent]").length < n, all.length);
    assert.ok((await column(page, "name")).includes(name));
    assert.equal(new URL(page.url()).searchParams.get("q"), name);
    assert.equal(await page.evaluate(() => document.activeElement.id), "q", "the cursor stays in the search box");
    await page.reload();
    assert.equal(await page.inputValue("#q"), name);
  });

  test("filters by a tab; Back restores everyone", async () => {
    const all = await agents(page);
    const blocked = number(await page.textContent("#tab-blocked-n"));
    assert.ok(blocked > 0, "the demo has blocked agents");
    await page.click("#tab-blocked");
    await page.waitForURL(/status=blocked/);
    await page.waitForFunction((n) => document.querySelectorAll("tr[data-agent]").length === n, blocked);
    const statuses = await page.$$eval("[data-col=agent_status] .badge", (badges) => badges.map((badge) => badge.dataset.status));
    assert.ok(statuses.every((status) => status === "blocked"));
    await page.goBack();
    await page.waitForFunction((n) => document.querySelectorAll("tr[data-agent]").length === n, all.length);
    assert.deepEqual(await agents(page), all);
    assert.ok(!page.url().includes("status="));
  });

  test("filters by the menu only when Apply is pressed; a chip takes it off", async () => {
    const before = await page.textContent("#agents-count");
    await page.click("#filter");
    await page.selectOption("#filter-status", "blocked");
    await page.waitForTimeout(400);
    assert.equal(await page.textContent("#agents-count"), before, "choosing reloads nothing");
    await page.click("#filter-apply");
    await page.waitForSelector("#agents-chips .chip");
    assert.notEqual(await page.textContent("#agents-count"), before);
    await page.click("#agents-chips .chip a");
    await page.waitForFunction((text) => document.querySelector("#agents-count").textContent.trim() === text, before.trim());
  });

  test("sorts by calls, then the other way, then not", async () => {
    await page.click("#sort-calls_answered");
    await page.waitForSelector("th[data-col=calls_answered][aria-sort]");
    const first = await page.getAttribute("th[data-col=calls_answered]", "aria-sort");
    const counts = (await column(page, "calls_answered")).slice(0, -1).map(number);
    const sorted = [...counts].sort((a, b) => (first === "ascending" ? a - b : b - a));
    assert.deepEqual(counts, sorted);
    await page.click("#sort-calls_answered");
    await page.waitForFunction((was) => document.querySelector("th[data-col=calls_answered]").ariaSort !== was, first);
    await page.click("#sort-calls_answered");
    await page.waitForFunction(() => !document.querySelector("th[data-col=calls_answered][aria-sort]"));
  });

  test("every sort button sorts, by one column at a time", async () => {
    const buttons = await page.$$eval("a.sort", (links) => links.map((link) => link.id));
    assert.equal(buttons.length, 12, "all but Action");
    for (const id of buttons) {
      await page.click(`#${id}`);
      await page.waitForSelector(`th[aria-sort]:has(#${id})`);
      assert.equal(await page.locator("th[aria-sort]").count(), 1);
    }
  });

  test("Refresh replaces the counts and nothing else", async () => {
    await page.evaluate(() => {
      for (const row of document.querySelectorAll("tr[data-agent]")) row.mark = row.dataset.agent;
      document.querySelector("#agents-rows").mark = "kept";
    });
    const before = await column(page, "calls_answered");
    // The badges only: the ages beside them tick.
    const badges = () => page.$$eval("#agents-rows [data-col=agent_status] .badge", (all) => all.map((badge) => badge.dataset.status));
    const status = await badges();
    await page.check("#days-30", { force: true });
    await page.waitForTimeout(400);
    assert.deepEqual(await column(page, "calls_answered"), before, "choosing reloads nothing");
    await page.click("#refresh");
    await page.waitForURL(/days=30/);
    await settled(page);
    const after = await column(page, "calls_answered");
    const sum = (counts) => counts.map(number).reduce((a, b) => a + b, 0);
    assert.ok(sum(after) > sum(before), "a longer range has more calls");
    assert.ok(status.length > 0);
    assert.deepEqual(await badges(), status);
    const kept = await page.evaluate(() => [...document.querySelectorAll("tr[data-agent]")].every((row) => row.mark === row.dataset.agent));
    assert.ok(kept, "the rows are the same elements as before");
    assert.match(await page.textContent("#range-said"), /as of \d\d:\d\d:\d\d/);
    await page.reload();
    assert.deepEqual(await column(page, "calls_answered"), after, "the address says the same");
  });

  test("more ranges are behind More, and links follow whichever is chosen", async () => {
    const sort = () => page.getAttribute("#sort-username", "href");
    const counts = () => page.$$eval("[data-col=calls_answered]", (cells) => cells.map((cell) => cell.textContent).join());
    await page.click("#range-more");
    await page.waitForSelector("dialog:modal");
    assert.equal(await page.evaluate(() => scrollY), 0, "the page behind the dialog stays where it was");
    await page.click("#range-preset button[value=last-week]");
    await page.waitForURL(/days=last-week/);
    await page.waitForFunction(() => !document.querySelector("dialog:modal"));
    await settled(page);
    assert.equal(await page.textContent("#range-more"), "Last week…");
    assert.equal(await page.locator("#range [name=days]:checked").count(), 0);
    assert.match(await sort(), /days=last-week/);
    await page.click("#range-more");
    const [from, to] = ["2026-11-09", "2026-11-15"];
    await page.fill("#from", from);
    await page.fill("#to", to);
    await page.click("#range-custom-go");
    await page.waitForURL((url) => url.searchParams.get("from") === from && url.searchParams.get("to") === to);
    await settled(page);
    assert.equal(await page.textContent("#range-more"), "Custom…");
    assert.match(await sort(), new RegExp(`from=${from}&to=${to}`));
    const custom = await counts();
    await page.reload();
    assert.equal(await counts(), custom, "the address says the same");
    await page.check("#days-7", { force: true });
    await page.click("#refresh");
    await page.waitForURL(/days=7/);
    await settled(page);
    assert.doesNotMatch(await sort(), /from=/);
    assert.equal(await page.textContent("#range-more"), "More…");
  });

  test("the total is the sum over every page", async () => {
    await page.goto(`${demo.url}/agents?days=30&per=250`);
    const counts = (await column(page, "calls_answered")).map(number);
    const total = number(await page.textContent("#agents-foot tr:last-child [data-col=calls_answered]"));
    assert.ok(total > 0);
    const leavers = await page.locator("#agents-foot .leavers").count();
    const sum = counts.reduce((a, b) => a + b, 0);
    if (!leavers) assert.equal(sum, total);
    else assert.ok(sum < total, "those who left answered some of them");
  });

  test("the last page is as good as the first", async () => {
    await page.goto(`${demo.url}/agents?per=25`);
    const first = await agents(page);
    assert.equal(first.length, 25);
    await page.click("#agents-pager .ends li:last-child a");
    await page.waitForFunction((key) => document.querySelector("tr[data-agent]").dataset.agent !== key, first[0]);
    assert.match(await page.textContent("#agents-pager"), /of 1\d\d/);
  });

  test("a filter that makes no sense says so, keeps the page and shows no rows", async () => {
    const other = await openPage(page.context(), { allowed: [400] });
    const answer = await other.goto(`${demo.url}/agents?status=sleeping`);
    assert.equal(answer.status(), 400);
    assert.equal((await agents(other)).length, 0);
    assert.match(await other.textContent("#agents-chips"), /sleeping/);
    await other.click("#empty-clear");
    await other.waitForSelector("tr[data-agent]");
    other.sound();
  });

  test("fits a phone: cards, and nothing hangs over the edge at 320 px", async () => {
    for (const width of [390, 320]) {
      await page.setViewportSize({ width, height: 844 });
      for (const path of ["/", "/agents", "/agents?q=nobody-is-called-this"]) {
        await page.goto(demo.url + path);
        assert.ok((await sideways(page)) <= 1, `${path} at ${width} px`);
      }
    }
  });

  test("sign out ends the session", async () => {
    await page.goto(`${demo.url}/agents`);
    await page.click("#me");
    await page.click("#sign-out");
    await page.waitForURL(/sign-in/);
    await page.goto(`${demo.url}/agents`);
    assert.match(page.url(), /sign-in/);
  });
});

describe("without a mouse", () => {
  test("search, sort, tabs, days and Refresh can be reached and used", async () => {
    page = await signedIn(browser, demo);
    await page.goto(`${demo.url}/agents`);
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.className), "skip", "the first stop skips to the content");
    const seen = new Set();
    for (let i = 0; i < 120 && !seen.has("sort-calls_answered"); i++) {
      await page.keyboard.press("Tab");
      const [id, visible] = await page.evaluate(() => {
        const at = document.activeElement;
        const box = at.getBoundingClientRect();
        return [at.id, box.width > 0 && box.height > 0 && at !== document.body];
      });
      assert.ok(visible, `a stop that is not seen: ${id}`);
      seen.add(id);
    }
    for (const id of ["q", "filter", "view", "refresh", "tab-blocked", "sort-calls_answered"]) assert.ok(seen.has(id), `Tab reaches #${id}`);
    await page.keyboard.press("Enter");
    await page.waitForSelector("th[data-col=calls_answered][aria-sort]");
    await settled(page);
    assert.equal(await page.evaluate(() => document.activeElement.id), "sort-calls_answered", "focus stays where it was");
    await page.focus("#refresh");
    await page.keyboard.press("Enter");
    await settled(page);
    await page.waitForTimeout(300);
    assert.equal(await page.evaluate(() => document.activeElement.id), "refresh");
    page.sound();
    await page.context().close();
  });

  test("menus open with Enter and close with Escape, focus back on the button", async () => {
    page = await signedIn(browser, demo);
    await page.goto(`${demo.url}/agents`);
    for (const [button, menu] of [["#me", "#me-menu"]]) {
      await page.focus(button);
      await page.keyboard.press("Enter");
      await page.waitForSelector(`${menu}:popover-open`);
      await page.keyboard.press("Escape");
      await page.waitForFunction((m) => !document.querySelector(m).matches(":popover-open"), menu);
      assert.equal(await page.evaluate(() => `#${document.activeElement.id}`), button);
    }
    for (const [from, key, dialog] of [["view", "Enter", "#dialog:has(#view-menu) > dialog"], ["range-more", "Enter", "#dialog:has(#range-custom) > dialog"], ["legend", "Enter", "#dialog:has(.legend) > dialog"], ["view", "?", "#keys"]]) {
      await page.focus(`#${from}`);
      await page.keyboard.press(key);
      await page.waitForSelector(`${dialog}:modal`);
      await page.keyboard.press("Escape");
      await page.waitForFunction(() => !document.querySelector("dialog:modal"));
      assert.equal(await page.evaluate(() => document.activeElement.id), from);
    }
    page.sound();
    await page.context().close();
  });
});

describe("without script", () => {
  test("signing in, searching, filtering, sorting, choosing days and paging all work", async () => {
    const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    await signIn(page, demo);
    await page.goto(`${demo.url}/agents?per=25`);
    const ids = (await page.locator("tr[data-agent]").all()).length;
    assert.equal(ids, 25);
    await page.click("#sort-name");
    await page.waitForURL(/sort=/);
    assert.equal(await page.locator("th[data-col=name][aria-sort]").count(), 1);
    await page.locator("#days-30").check({ force: true });
    await page.click("#refresh");
    await page.waitForURL(/days=30/);
    assert.match(page.url(), /sort=/, "the order survives the choice of days");
    const name = (await page.locator("[data-col=name]").nth(1).textContent()).trim();
    await page.fill("#q", name);
    await page.press("#q", "Enter");
    await page.waitForURL(/q=/);
    assert.match(page.url(), /days=30/, "the days survive the search");
    assert.ok((await page.locator("tr[data-agent]").count()) >= 1);
    await page.goto(`${demo.url}/agents`);
    await page.click("#tab-offline");
    await page.waitForURL(/status=offline/);
    await context.close();
  });
});
