// Rows that change by themselves while the simulated phone system runs.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, number, openPage, signedIn, startDemo } from "./support.mjs";

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

const total = async (page) => number(await page.textContent("#agents-foot tr:last-child [data-col=calls_answered]"));

test("calls tick up, and Refresh brings the total of the table along", { timeout: 120_000 }, async () => {
  const page = await signedIn(browser, demo);
  await page.goto(`${demo.url}/agents?per=50&days=today`);
  await watch(page);
  const before = await total(page);
  await page.waitForFunction(() => window.changes.some((line) => line.endsWith("calls_answered")), null, { timeout: 90_000 });
  await page.click("#refresh");
  await page.waitForFunction((n) => Number(document.querySelector("#agents-foot tr:last-child [data-col=calls_answered]").textContent.replace(/[^0-9]/g, "")) > n, before);
  page.sound();
  await page.context().close();
});

test("a badge changes in two tabs, focus and scroll untouched", { timeout: 120_000 }, async () => {
  const one = await signedIn(browser, demo);
  const two = await openPage(one.context());
  for (const page of [one, two]) {
    await page.goto(`${demo.url}/agents?per=50&days=today`);
    await watch(page);
  }
  await one.bringToFront();
  await one.focus("#sort-name");
  await one.evaluate(() => window.scrollTo(0, 200));
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

test("a connection that is lost is said, and it goes when it is back", { timeout: 60_000 }, async () => {
  const page = await signedIn(browser, demo);
  await page.goto(`${demo.url}/agents`);
  await page.context().setOffline(true);
  await page.waitForSelector("#lost");
  assert.match(await page.textContent("#lost"), /Connection lost. Showing \d\d:\d\d:\d\d\./);
  assert.match(await page.textContent("#said"), /Connection lost/);
  await page.context().setOffline(false);
  await page.waitForSelector("#lost", { state: "detached" });
  await page.context().close();
});

test("leaving a page while its stream is still being opened is no fault", { timeout: 60_000 }, async () => {
  const page = await signedIn(browser, demo);
  await page.route(/[/]live\?/, () => {}); // never answered
  const asked = page.waitForRequest(/[/]live\?/);
  await page.goto(`${demo.url}/agents`);
  await asked;
  await page.goto(`${demo.url}/agents?per=25`);
  page.sound();
  await page.context().close();
});
