// Time groups in a real browser: the list, one of them, its form with and without script, by keyboard.
import AxeBuilder from "@axe-core/playwright";
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch, settled, sideways, signedIn, startDemo } from "./support.mjs";

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

/// The address of the first time group of the list.
async function first(page) {
  await page.goto(`${demo.url}/time-groups`);
  return page.getAttribute("#time-groups-table tbody th a", "href");
}

for (const colorScheme of ["light", "dark"]) {
  describe(`axe, ${colorScheme}`, () => {
    for (const width of [1440, 390, 320]) {
      test(`${width} px`, { timeout: 180_000 }, async () => {
        const options = { colorScheme, reducedMotion: "reduce", viewport: { width, height: 900 } };
        const page = await signedIn(browser, demo, options, { allowed: [400, 422] });
        const one = await first(page);
        for (const path of ["/time-groups", "/time-groups?q=nowhere", "/time-groups?sort=wage", one, `${one}/edit`, `${one}/delete`, "/time-groups/deleted", "/time-groups/new"]) {
          await page.goto(demo.url + path);
          for (const summary of await page.$$("main summary")) await summary.click();
          await judge(page, path);
        }
        await page.click("#save");
        await page.waitForSelector("#summary");
        await judge(page, "a form with faults");
        page.sound();
        await page.context().close();
      });
    }
  });
}

for (const javaScriptEnabled of [true, false]) {
  test(`rows come and go and the group is saved, changed, deleted and back, JavaScript ${javaScriptEnabled ? "on" : "off"}`, { timeout: 180_000 }, async () => {
    const page = await signedIn(browser, demo, { javaScriptEnabled });
    const press = async (id) => {
      await page.click(id);
      await (javaScriptEnabled ? settled(page) : page.waitForLoadState());
    };
    const name = `Late desk ${javaScriptEnabled}`;
    await page.goto(`${demo.url}/time-groups/new`);
    await page.fill("#name", name);
    await page.fill("#time_zone", "Europe/London");
    await page.check("#row-0-Fri", { force: true });
    await page.fill("#row-0-from", "22:00");
    await page.fill("#row-0-to", "02:00");
    await press("#add-row");
    await page.waitForSelector("#row-1-from");
    assert.equal(await page.inputValue("#name"), name, "what was typed stays");
    assert.ok(await page.isChecked("#row-0-Fri"));
    assert.equal(await page.evaluate(() => document.activeElement.id), "row-1-Mon", "the focus is in the new row");
    assert.match(await page.textContent("#row-0-hint"), /Overnight: until 02:00/);
    await page.check("#row-1-Mon", { force: true });
    await page.fill("#row-1-from", "09:00");
    await page.fill("#row-1-to", "17:00");
    await press("#add-holiday");
    await page.waitForSelector("#holiday-0-date");
    await page.fill("#holiday-0-date", "2026-12-25");
    await page.fill("#holiday-0-name", "Christmas");
    await press("#row-0-drop");
    await page.waitForSelector("#row-1-from", { state: "detached" });
    assert.equal(await page.inputValue("#row-0-from"), "09:00", "the other row moved up");
    assert.equal(new URL(page.url()).pathname, javaScriptEnabled ? "/time-groups/new" : "/time-groups");
    // Enter in a field saves, and takes no row away.
    await page.press("#name", "Enter");
    await page.waitForURL(/\/time-groups\/\d+$/);
    assert.match(await page.textContent("#hours"), /^Mon 09:00–17:00$/);
    assert.match(await page.textContent("#holidays"), /Fri 25 Dec 2026\s*Christmas/);
    assert.match(await page.textContent("#toasts"), /is added/);
    const place = page.url();

    await page.click("#edit");
    await page.check("#always");
    await page.click("#save");
    await page.waitForURL(place);
    assert.equal(await page.textContent("#now"), "Open now");
    assert.match(await page.textContent("#next"), /Does not close/);

    await page.click("#delete");
    if (javaScriptEnabled) await page.waitForSelector("dialog#delete-dialog[open]");
    await page.click("#delete-go");
    await page.waitForURL(/\/time-groups$/);
    assert.doesNotMatch(await page.textContent("main table"), new RegExp(name));
    await page.click("#undo");
    await page.waitForSelector("#toasts :text('Undone')");
    await page.goto(place);
    assert.equal(await page.textContent("h1"), name, "back by Undo");
    assert.equal(await page.locator("#changes li").count(), 4, "added, changed, deleted and back");

    await page.goto(`${place}/delete`);
    await page.click("#delete-go");
    await page.waitForURL(/\/time-groups$/);
    await page.click("#deleted");
    await page.click(`#restore-${new URL(place).pathname.split("/").pop()}`);
    await page.waitForURL(place);
    assert.match(await page.textContent("#toasts"), /is restored/);
    page.sound();
    await page.context().close();
  });
}

test("the list is searched as one types, and sorted by the keyboard alone", { timeout: 120_000 }, async () => {
  const page = await signedIn(browser, demo);
  await page.goto(`${demo.url}/time-groups`);
  const names = () => page.$$eval("#time-groups-table tbody th", (cells) => cells.map((cell) => cell.textContent.trim()));
  const all = await names();
  assert.ok(all.length > 1);
  await page.focus("#sort-name");
  await page.keyboard.press("Enter");
  await page.waitForURL(/sort=-name/);
  await settled(page);
  assert.deepEqual(await names(), [...all].reverse());
  assert.equal(await page.evaluate(() => document.activeElement.id), "sort-name", "the focus stays");
  await page.focus("#per-25");
  await page.keyboard.press("Enter");
  await page.waitForURL(/per=25/);
  await settled(page);
  assert.equal(await page.evaluate(() => document.activeElement.id), "per-25", "the focus stays");
  assert.match(await page.textContent("#time-groups-pager p"), new RegExp(`^1–${all.length} of ${all.length}$`));
  await page.fill("#q", all[0]);
  await page.waitForURL(/q=/);
  await settled(page);
  assert.ok((await names()).includes(all[0]) && (await names()).length < all.length);
  const agents = page.locator("#time-groups-table tbody tr").first().locator("td[data-label=Agents] a");
  const count = await agents.textContent();
  await agents.click();
  await page.waitForURL(/\/agents\?time_group=/);
  assert.ok((await page.textContent("#agents-count")).includes(count), "the agents list is filtered by it");
  page.sound();
  await page.context().close();
});
