// Feature codes in a real browser: the dialog, the dial helper by keyboard and without script, the sheet on paper.
import assert from "node:assert/strict";
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

const pressed = (page) => page.$$eval("#answer kbd", (keys) => keys.map((key) => key.textContent).join(""));
const anIntercom = (page) => page.$eval("#sheet-agents td.num", (cell) => cell.textContent);

describe("feature codes", () => {
  test("the button opens them over the lists, Escape closes, the focus comes back", async () => {
    const page = await signedIn(browser, demo);
    for (const list of ["/agents", "/departments"]) {
      await page.goto(demo.url + list);
      await page.focus("#feature-codes");
      await page.keyboard.press("Enter");
      await page.waitForSelector("dialog:modal #codes");
      assert.equal(new URL(page.url()).pathname, list, "the list stays where it is");
      const { violations } = await new Axe({ page }).analyze();
      assert.deepEqual(violations.filter((v) => v.impact === "critical" || v.impact === "serious").map((v) => v.id), []);
      await page.keyboard.press("Escape");
      await page.waitForSelector("dialog", { state: "detached" });
      assert.equal(await page.evaluate(() => document.activeElement.id), "feature-codes");
    }
    page.sound();
    await page.context().close();
  });

  test("the helper answers by keyboard alone, and the address keeps the question", async () => {
    const page = await signedIn(browser, demo);
    await page.goto(`${demo.url}/feature-codes/sheet`);
    const intercom = await anIntercom(page);
    await page.goto(`${demo.url}/feature-codes`);
    await page.selectOption("#transfer", "blind");
    await page.focus("#to");
    await page.keyboard.type(intercom);
    await page.keyboard.press("Enter");
    await page.waitForSelector("#answer kbd");
    assert.equal(await pressed(page), `#1${intercom}`);
    assert.equal(await page.evaluate(() => document.activeElement.id), "to", "the focus stays where it was");
    assert.match(page.url(), new RegExp(`to=${intercom}`));
    await page.fill("#keys", "*3");
    await page.press("#keys", "Enter");
    await page.waitForSelector("#meaning .err");
    assert.match(await page.textContent("#meaning"), /only after a successful attended transfer/);
    await page.check("#after");
    await page.press("#keys", "Enter");
    await page.waitForSelector("#meaning:not(:has(.err))");
    await settled(page);
    await page.reload();
    assert.equal(await pressed(page), `#1${intercom}`);
    page.sound();
    await page.context().close();
  });

  test("without script the same form answers with a page, at 320 px", async () => {
    const page = await signedIn(browser, demo, { javaScriptEnabled: false, viewport: { width: 320, height: 700 } });
    await page.goto(`${demo.url}/feature-codes`);
    await page.fill("#keys", "#2");
    await page.click("#keys-go");
    assert.match(await page.textContent("#meaning"), /Nothing follows #2/);
    await page.goto(`${demo.url}/agents`);
    await page.click("#feature-codes");
    assert.equal(new URL(page.url()).pathname, "/feature-codes");
    await page.context().close();
    const scripted = await signedIn(browser, demo, { viewport: { width: 320, height: 700 } });
    for (const path of ["/feature-codes", "/feature-codes/sheet", "/settings"]) {
      await scripted.goto(demo.url + path);
      assert.ok((await sideways(scripted)) <= 1, `${path} is wider than the window`);
    }
    await scripted.context().close();
  });

  test("sixty agents are one sheet of A4, more are several with the heading on each", async () => {
    const page = await signedIn(browser, demo);
    await page.goto(`${demo.url}/feature-codes/sheet`);
    const printed = async () => (await page.pdf({ preferCSSPageSize: true })).toString("latin1");
    const sheets = (pdf) => (pdf.match(/\/Type\s*\/Page[^s]/g) ?? []).length;
    const one = await printed();
    assert.equal(sheets(one), 1);
    // 210 × 297 mm in points, whatever a printer's own paper is.
    const [width, height] = one.match(/\/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]/).slice(1).map(Number);
    assert.ok(Math.abs(width - 595) < 2 && Math.abs(height - 842) < 2, `${width} × ${height}`);
    await page.$eval("#sheet-agents tbody", (body) => {
      const rows = [...body.rows];
      for (let copy = 0; copy < 7; copy++) body.append(...rows.map((row) => row.cloneNode(true)));
    });
    assert.ok(sheets(await printed()) > 1);
    await page.emulateMedia({ media: "print" });
    const style = (selector, name) => page.$eval(selector, (element, name) => getComputedStyle(element)[name], name);
    assert.equal(await style("#sheet-agents thead", "display"), "table-header-group", "the heading repeats on each page");
    assert.equal(await style(".tbl-wrap:has(#sheet-agents)", "overflow"), "visible", "nothing is cut off");
    assert.equal(await page.isVisible("nav.nav"), false);
    await page.context().close();
  });
});
