// Rows that change by themselves while the simulated phone system runs.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, openPage, signedIn, startDemo } from "./support.mjs";

let demo, browser;
before(async () => {
  [demo, browser] = await Promise.all([startDemo({ live: true, agents: 40 }), launch()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

const watch = (page) =>
  page.evaluate(() => {
    window.changes = [];
    const cell = (node) => (node.nodeType === 1 ? node : node.parentElement)?.closest?.("[data-col]");
    new MutationObserver((list) => {
      for (const { target } of list) {
        const at = cell(target);
        const row = at?.closest("tr[data-agent]");
        if (row) window.changes.push(`${row.dataset.agent} ${at.dataset.col}`);
      }
    }).observe(document.querySelector("#agents-table"), { subtree: true, childList: true, characterData: true, attributes: true });
  });

test("a badge changes in two tabs, focus and scroll untouched", { timeout: 120_000 }, async () => {
  const one = await signedIn(browser, demo);
  const two = await openPage(one.context());
  for (const page of [one, two]) {
    await page.goto(`${demo.url}/agents?per=50&days=today`);
    await watch(page);
  }
  await one.bringToFront();
  await one.fill("#q", "half a wo");
  await one.evaluate(() => window.scrollTo(0, 200));
  await one.focus("#sort-name");
  const before = await one.evaluate(() => [document.activeElement.id, window.scrollY]);
  const changed = (page) => page.waitForFunction(() => window.changes.some((line) => line.endsWith("agent_status")), null, { timeout: 60_000 });
  await changed(one);
  assert.deepEqual(await one.evaluate(() => [document.activeElement.id, window.scrollY]), before);
  await two.bringToFront();
  await changed(two);
  one.sound();
  two.sound();
  await one.context().close();
});

test("a stream ends with the session", { timeout: 60_000 }, async () => {
  const page = await signedIn(browser, demo, {}, { allowed: [401, 403] });
  await page.goto(`${demo.url}/agents`);
  const other = await openPage(page.context(), { allowed: [401, 403] });
  await other.goto(`${demo.url}/agents`);
  const closed = page.waitForEvent("requestfinished", { predicate: (request) => request.url().includes("/live"), timeout: 20_000 });
  await other.locator("form[action='/sign-out'] button").evaluate((button) => button.form.requestSubmit(button));
  await other.waitForURL(/sign-in/);
  await closed.catch(() => assert.fail("the stream of a signed-out session goes on"));
  await page.context().close();
});
