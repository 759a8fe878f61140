// The agent page, the calls page, the dashboard and the files, in a real browser.
import AxeBuilder from "@axe-core/playwright";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { launch, number, settled, sideways, signedIn, startDemo } from "./support.mjs";

const Axe = AxeBuilder.default ?? AxeBuilder;
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"];

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

/// The page of an agent who answers many calls.
async function busiest(page) {
  await page.goto(`${demo.url}/agents?days=30&sort=-calls_answered`);
  return page.getAttribute("#agents-rows tr:first-child th a", "href");
}

for (const colorScheme of ["light", "dark"]) {
  describe(`axe, ${colorScheme}`, () => {
    for (const width of [1440, 390, 320]) {
      test(`${width} px`, { timeout: 180_000 }, async () => {
        const options = { colorScheme, reducedMotion: "reduce", viewport: { width, height: 900 } };
        const page = await signedIn(browser, demo, options, { allowed: [400] });
        const agent = await busiest(page);
        for (const path of ["/", agent, `${agent}?days=7`, `${agent}?days=90`, `${agent}?days=never`, "/calls?days=30", "/calls?days=30&outcome=missed&per=25", "/calls?number=99999999", "/calls?outcome=none"]) {
          await page.goto(demo.url + path);
          for (const summary of await page.$$("main summary")) await summary.click();
          await judge(page, path);
        }
        page.sound();
        await page.context().close();
      });
    }
  });
}

for (const javaScriptEnabled of [true, false]) {
  test(`each number leads to its calls, JavaScript ${javaScriptEnabled ? "on" : "off"}`, { timeout: 120_000 }, async () => {
    const page = await signedIn(browser, demo, { javaScriptEnabled });
    await page.goto(`${demo.url}/agents?days=30&sort=-calls_answered`);
    const cell = page.locator("#agents-rows tr:first-child [data-col=calls_answered] a");
    const said = number(await cell.textContent());
    await cell.click();
    await page.waitForURL(/\/calls\?/);
    assert.equal(number(await page.textContent("#calls-count")), said);
    await page.selectOption("#filter-direction", "outbound");
    await page.click("#filter-apply");
    await page.waitForURL(/direction=outbound/);
    assert.equal(number(await page.textContent("#calls-count")), 0, "no outbound call is counted as answered");
    await page.click("#clear-all");
    await page.waitForURL((url) => !url.search.includes("direction"));
    await page.waitForSelector("#page-right");
    const first = await page.textContent("#calls-table tbody tr:first-child");
    await page.click("#page-right");
    await page.waitForURL(/after=/);
    await page.waitForSelector("#page-left");
    assert.notEqual(await page.textContent("#calls-table tbody tr:first-child"), first);
    await page.click("#page-left");
    await page.waitForURL(/before=/);
    await page.waitForFunction((first) => document.querySelector("#calls-table tbody tr:first-child").textContent === first, first).catch(async (error) => {
      if (javaScriptEnabled) throw error;
    });
    assert.equal(await page.textContent("#calls-table tbody tr:first-child"), first);
    page.sound();
    await page.context().close();
  });

  test(`an agent's page by days, JavaScript ${javaScriptEnabled ? "on" : "off"}`, { timeout: 120_000 }, async () => {
    const page = await signedIn(browser, demo, { javaScriptEnabled });
    const agent = await busiest(page);
    await page.goto(demo.url + agent);
    await page.check("#days-7", { force: true });
    await page.click("#refresh");
    await page.waitForURL(/days=7/);
    await page.click("main summary");
    assert.equal(await page.locator("#stretches tbody tr").count(), 7);
    const row = page.locator("#agent-numbers tbody tr", { hasText: "30 days" }).locator("a").first();
    const said = number(await row.textContent());
    await row.click();
    await page.waitForURL(/\/calls/);
    assert.equal(number(await page.textContent("#calls-count")), said);
    page.sound();
    await page.context().close();
  });
}

test("the list is taken along as it is filtered, also after Refresh", { timeout: 120_000 }, async () => {
  const page = await signedIn(browser, demo);
  await page.goto(`${demo.url}/agents?status=blocked`);
  await page.check("#days-30", { force: true });
  await page.click("#refresh");
  await page.waitForURL(/days=30/);
  await settled(page);
  const shown = await page.locator("#agents-rows tr").count();
  const [csv] = await Promise.all([page.waitForEvent("download"), page.click("#export-csv")]);
  assert.match(csv.suggestedFilename(), /^rollcall-agents-\d{4}-\d\d-\d\d\.csv$/);
  assert.equal(readFileSync(await csv.path(), "utf8").trim().split("\r\n").length - 1, shown);
  const [xlsx] = await Promise.all([page.waitForEvent("download"), page.click("#export-xlsx")]);
  assert.equal(readFileSync(await xlsx.path()).subarray(0, 2).toString(), "PK");
  page.sound();
  await page.context().close();
});
