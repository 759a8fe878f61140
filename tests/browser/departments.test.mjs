// Departments, IVRs and caller ids in a real browser: ordering members by keyboard and without script, the counts of
// other days, and the judges of every page in wide, narrow and dark.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import AxeBuilder from "@axe-core/playwright";
import { launch, number, settled, sideways, signedIn, startDemo } from "./support.mjs";

const Axe = AxeBuilder.default ?? AxeBuilder;
let demo, browser;

before(async () => {
  [demo, browser] = await Promise.all([startDemo({ agents: 60 }), launch()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

const order = (page) => page.$$eval("#members-table tr[id^=member-]", (rows) => rows.map((row) => row.id.slice("member-".length)));
const serious = ({ violations }) => violations.filter((v) => v.impact === "critical" || v.impact === "serious").map((v) => v.id);

describe("departments", () => {
  test("members move by keyboard with the focus, and only Save writes", async () => {
    const page = await signedIn(browser, demo);
    await page.goto(`${demo.url}/departments/1`);
    const stored = await order(page);
    assert.ok(stored.length > 2, "the demo's first department has members");
    await page.goto(`${demo.url}/departments/1/edit`);
    await page.focus(`#down-${stored[0]}`);
    await page.keyboard.press("Enter");
    await page.waitForFunction((first) => document.querySelector("#members-table tr[id^=member-]").id !== `member-${first}`, stored[0]);
    await settled(page);
    assert.deepEqual((await order(page)).slice(0, 2), [stored[1], stored[0]]);
    assert.equal(await page.evaluate(() => document.activeElement.id), `down-${stored[0]}`, "the focus goes along");
    assert.match(await page.textContent("#members-pending"), /the order changes/);
    await page.fill("#description", "Typed meanwhile");
    await page.click(`#remove-${stored[2]}`);
    await page.waitForSelector(`#member-${stored[2]}`, { state: "detached" });
    assert.equal(await page.inputValue("#description"), "Typed meanwhile", "what is typed stays");
    // Enter in the search looks for agents; it does not save.
    await page.fill("#find-agents", stored[2]);
    await page.press("#find-agents", "Enter");
    await page.waitForSelector(`#add-${stored[2]}`);
    assert.equal(new URL(page.url()).pathname, "/departments/1/edit");
    await page.press(`#add-${stored[2]}`, "Enter");
    await page.waitForSelector(`#member-${stored[2]}, #members-later`);
    await page.press("#name", "Enter");
    await page.waitForURL(/\/departments\/1$/);
    assert.match(await page.textContent("#toasts"), /is saved/);
    assert.deepEqual((await order(page)).slice(0, 2), [stored[1], stored[0]]);
    await page.click("#undo");
    await page.waitForFunction((first) => document.querySelector("#members-table tr[id^=member-]")?.id === `member-${first}`, stored[0]);
    page.sound();
    await page.context().close();
  });

  test("the same buttons work without script", async () => {
    const page = await signedIn(browser, demo, { javaScriptEnabled: false });
    await page.goto(`${demo.url}/departments/2/edit`);
    const before = await order(page);
    await page.click(`#down-${before[0]}`);
    assert.deepEqual((await order(page)).slice(0, 2), [before[1], before[0]]);
    await page.click("#edit-save");
    assert.equal(new URL(page.url()).pathname, "/departments/2");
    assert.deepEqual((await order(page)).slice(0, 2), [before[1], before[0]]);
    page.sound();
    await page.context().close();
  });

  test("deleting opens a dialog that says what depends on it; Escape leaves it, Undo brings it back", async () => {
    const page = await signedIn(browser, demo);
    await page.goto(`${demo.url}/departments/3`);
    const name = await page.textContent("h1");
    const ask = async () => {
      await page.focus("#delete");
      await page.keyboard.press("Enter");
      await page.waitForSelector("dialog#delete-dialog:modal");
    };
    await ask();
    assert.ok((await page.textContent("#delete-h")).includes(name));
    assert.match(await page.textContent("#effects"), /agents? leaves? it|Nobody is in it/);
    assert.ok(await page.evaluate(() => document.activeElement.closest("dialog")), "the focus is in the dialog");
    assert.deepEqual(serious(await new Axe({ page }).analyze()), []);
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => !document.querySelector("dialog[open]"));
    assert.equal(await page.evaluate(() => document.activeElement.id), "delete", "back where it came from");
    await ask();
    await page.focus("#delete-go");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/departments$/);
    assert.match(await page.textContent("#toasts"), /is deleted/);
    assert.equal(await page.locator("#row-3").count(), 0);
    await page.click("#undo");
    await page.waitForSelector("#row-3");
    // From the list it is the same dialog.
    await page.focus("#delete-3");
    await page.keyboard.press("Enter");
    await page.waitForSelector("dialog#delete-dialog:modal");
    assert.equal(new URL(page.url()).pathname, "/departments");
    page.sound();
    await page.context().close();
  });

  test("Refresh counts the chosen days and leaves the rest of the page", async () => {
    const page = await signedIn(browser, demo);
    await page.goto(`${demo.url}/departments`);
    const sum = async () => number(await page.textContent("#routing-table tfoot [data-label=Answered]"));
    const today = await sum();
    await page.evaluate(() => (document.querySelector("#q").kept = true));
    await page.check("#days-30", { force: true });
    assert.equal(await sum(), today, "choosing alone counts nothing");
    await page.click("#refresh");
    await page.waitForURL(/days=30/);
    await settled(page);
    assert.ok((await sum()) > today, "thirty days have more calls than one");
    assert.ok(await page.evaluate(() => document.querySelector("#q").kept), "the search box is the one that was there");
    await page.click("#sort-answered");
    await page.waitForURL(/sort=-answered.*days=30/);
    page.sound();
    await page.context().close();
  });

  for (const [name, options] of [["wide", {}], ["at 320 px", { viewport: { width: 320, height: 700 } }], ["in dark", { colorScheme: "dark" }]]) {
    test(`every page is clean ${name}`, async () => {
      const page = await signedIn(browser, demo, options);
      for (const path of [
        "/departments", "/departments/1", "/departments/1/edit", "/departments/1/delete", "/departments/new", "/departments/deleted",
        "/ivrs", "/ivrs/1", "/ivrs/1/edit", "/ivrs/1/delete", "/ivrs/new", "/caller-ids", "/caller-ids/1", "/caller-ids/1/edit",
        "/caller-ids/1/delete", "/caller-ids/new",
      ]) {
        await page.goto(`${demo.url}${path}`);
        assert.deepEqual(serious(await new Axe({ page }).analyze()), [], path);
        assert.ok((await sideways(page)) <= 0, `${path} does not scroll sideways`);
      }
      page.sound();
      await page.context().close();
    });
  }
});
