// Editing in the row: two people at once, the keyboard alone, without JavaScript, and judged by axe.
import AxeBuilder from "@axe-core/playwright";
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { agents, column, launch, openPage, settled, sideways, signedIn, startDemo } from "./support.mjs";

const Axe = AxeBuilder.default ?? AxeBuilder;
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"];

let demo, browser;
before(async () => {
  [demo, browser] = await Promise.all([startDemo({ agents: 60 }), launch()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

const LIST = "/agents?per=50";
const focused = (page) => page.evaluate(() => document.activeElement.id || document.activeElement.tagName);

async function openRow(page, id) {
  await page.click(`#agent-${id} a[href$="/edit"]`);
  await page.waitForSelector(`tr#agent-${id}.editing`);
}

async function save(page, id) {
  await page.click(`#save-${id}`);
  await settled(page);
}

/// A number that nobody in the demo has.
let next = 9_100;
const free = () => String(next++);

test("other fields merge, the same field brings the bar, and nothing typed is lost", { timeout: 120_000 }, async () => {
  const one = await signedIn(browser, demo, {}, { allowed: [409] });
  const two = await signedIn(browser, demo, {}, { allowed: [409] });
  for (const page of [one, two]) await page.goto(demo.url + LIST);
  const [id] = await agents(one);
  await openRow(one, id);
  await openRow(two, id);
  await one.fill(`#name-${id}`, "Merged Name");
  const theirs = free();
  await two.fill(`#intercom_number-${id}`, theirs);
  await save(two, id);
  await two.waitForSelector(`tr#agent-${id}:not(.editing)`);
  // The stream tells the open row, and leaves what is typed and the focus alone.
  await one.waitForSelector(`#agent-${id}-news .notice`);
  assert.match(await one.textContent(`#agent-${id}-news`), /changed the intercom number/);
  assert.equal(await one.inputValue(`#name-${id}`), "Merged Name");
  assert.equal(await focused(one), `name-${id}`);
  await save(one, id);
  await one.waitForSelector(`tr#agent-${id}:not(.editing)`);
  assert.match(await one.textContent("#toasts"), /had changed the intercom number meanwhile: kept/);
  assert.equal((await column(one, "intercom_number"))[0], theirs);
  // Now the same field.
  await openRow(one, id);
  await openRow(two, id);
  const [mine, later] = [free(), free()];
  await two.fill(`#intercom_number-${id}`, later);
  await save(two, id);
  await two.waitForSelector(`tr#agent-${id}:not(.editing)`);
  await one.fill(`#intercom_number-${id}`, mine);
  await one.fill(`#name-${id}`, "Typed And Kept");
  await one.press(`#name-${id}`, "Enter");
  await one.waitForSelector(`#agent-${id}-bar .conflict`);
  assert.equal(await one.inputValue(`#intercom_number-${id}`), mine);
  assert.equal(await one.inputValue(`#name-${id}`), "Typed And Kept");
  assert.equal(await focused(one), `keep-${id}-intercom_number-mine`);
  const said = await one.textContent(`#agent-${id}-bar`);
  assert.ok(said.includes(`Keep ${later}`) && said.includes(`Use ${mine}`) && said.includes("while you were editing"), said);
  await one.click(`#conflict-${id}-save`);
  await one.waitForSelector(`tr#agent-${id}:not(.editing)`);
  assert.equal((await column(one, "intercom_number"))[0], mine);
  assert.equal((await column(one, "name"))[0], "Typed And Kept");
  assert.equal(await one.$(`#agent-${id}-bar`), null);
  for (const page of [one, two]) {
    page.sound();
    await page.context().close();
  }
});

test("an open row is never replaced by what the phone system tells", { timeout: 120_000 }, async () => {
  const live = await startDemo({ live: true, agents: 40 });
  const page = await signedIn(browser, live);
  await page.goto(`${live.url}/agents?per=50`);
  // Those at work, because the phone system has most to tell of them.
  const ids = await page.$$eval("tr[data-agent]:has(.badge:is([data-status=active],[data-status=busy]))", (rows) => rows.slice(0, 12).map((row) => row.dataset.agent));
  for (const id of ids) {
    await openRow(page, id);
    await page.waitForFunction((id) => document.activeElement.id === `name-${id}`, id);
  }
  await page.fill(`#username-${ids[0]}`, "half.typed");
  await page.evaluate(() => {
    window.states = 0;
    new MutationObserver((list) => {
      for (const { addedNodes } of list) for (const node of addedNodes) if (node.dataset?.col === "agent_status") window.states += 1;
    }).observe(document.querySelector("#agents-rows"), { subtree: true, childList: true });
  });
  await page.waitForFunction(() => window.states > 0, null, { timeout: 90_000 });
  assert.equal(await page.$$eval("tr.editing", (rows) => rows.length), ids.length, "all rows are still open");
  assert.equal(await page.inputValue(`#username-${ids[0]}`), "half.typed");
  assert.equal(await focused(page), `username-${ids[0]}`);
  // A search of one's own leaves the open rows that still match, and the focus in its box.
  await page.fill("#q", ids[0]);
  await page.waitForFunction(() => document.querySelectorAll("tr[data-agent]").length === 1);
  assert.equal(await focused(page), "q");
  assert.equal(await page.inputValue(`#username-${ids[0]}`), "half.typed");
  page.sound();
  await page.context().close();
  await live.stop();
});

test("by the keyboard alone: open, wrong, mend, save, cancel; the focus never falls to the top", { timeout: 120_000 }, async () => {
  const page = await signedIn(browser, demo, {}, { allowed: [422] });
  await page.goto(demo.url + LIST);
  const ids = await agents(page);
  const id = ids[3];
  await page.focus("#agents-region");
  for (let i = 0; i < 4; i++) await page.keyboard.press("j");
  assert.ok(await page.evaluate((id) => document.activeElement.matches(`#agent-${id} a[href$="/edit"]`), id));
  await page.keyboard.press("e");
  await page.waitForSelector(`tr#agent-${id}.editing`);
  assert.equal(await focused(page), `name-${id}`);
  await page.keyboard.press("Tab");
  assert.equal(await focused(page), `call_forwarding_number-${id}`);
  await page.keyboard.type("12");
  await page.keyboard.press("Enter");
  await page.waitForSelector(`#call_forwarding_number-${id}-err`);
  assert.equal(await focused(page), `call_forwarding_number-${id}`);
  assert.match(await page.inputValue(`#call_forwarding_number-${id}`), /12$/);
  await page.keyboard.press("Control+a");
  await page.keyboard.type("098765 43210");
  await page.keyboard.press("Enter");
  await page.waitForSelector(`tr#agent-${id}:not(.editing)`);
  assert.equal((await column(page, "call_forwarding_number"))[3], "098765 43210");
  assert.ok(await page.evaluate((id) => document.activeElement.matches(`#agent-${id} a[href$="/edit"]`), id));
  await page.keyboard.press("e");
  await page.waitForSelector(`tr#agent-${id}.editing`);
  await page.keyboard.type("not this");
  await page.keyboard.press("Escape");
  await page.waitForSelector(`tr#agent-${id}:not(.editing)`);
  assert.ok(await page.evaluate((id) => document.activeElement.matches(`#agent-${id} a[href$="/edit"]`), id));
  assert.ok(!(await column(page, "name"))[3].includes("not this"));
  // The list of departments opens, takes a tick and closes without closing the row.
  await page.keyboard.press("Enter");
  await page.waitForSelector(`tr#agent-${id}.editing`);
  await page.focus(`#departments-${id}`);
  await page.keyboard.press("Enter");
  await page.waitForSelector(`#departments-${id}-menu:popover-open`);
  const boxes = await page.$$(`#departments-${id}-menu input[type=checkbox]`);
  await boxes.at(-1).focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("Escape");
  await page.waitForSelector(`tr#agent-${id}.editing`);
  const before = (await column(page, "departments"))[3];
  await page.focus(`#name-${id}`);
  await page.keyboard.press("Enter");
  await page.waitForSelector(`tr#agent-${id}:not(.editing)`);
  assert.notEqual((await column(page, "departments"))[3], before);
  page.sound();
  await page.context().close();
});

test("without JavaScript everything is a form", { timeout: 120_000 }, async () => {
  const page = await signedIn(browser, demo, { javaScriptEnabled: false }, { allowed: [409, 422] });
  await page.goto(`${demo.url}/agents?per=25&sort=-name`);
  const [id] = await agents(page);
  await page.click(`#agent-${id} a[href$="/edit"]`);
  await page.fill(`#name-${id}`, "");
  await page.click("#edit-save");
  await page.waitForSelector("#summary");
  await page.fill(`#name-${id}`, "Zz Plain");
  const other = await page.context().newPage();
  await other.goto(`${demo.url}/agents/${id}/edit`);
  await other.fill(`#name-${id}`, "Zz Other");
  await other.click("#edit-save");
  await page.click("#edit-save");
  await page.waitForSelector(".conflict");
  assert.equal(await page.inputValue(`#name-${id}`), "Zz Plain");
  await page.check(`#keep-${id}-name-mine`);
  await page.click(`#conflict-${id}-save`);
  await page.waitForURL((url) => url.pathname === "/agents" && url.search === "?per=25&sort=-name");
  assert.equal(await page.textContent(`#agent-${id} [data-col=name]`), "Zz Plain");
  await page.click("#add-agent");
  await page.fill("[name=name]", "Zz New");
  await page.fill("[name=username]", "zz.new.person");
  await page.click("#user-next");
  await page.click("#user-next");
  await page.click("#user-save");
  await page.goto(`${demo.url}/agents?q=zz.new`);
  assert.deepEqual(await column(page, "name"), ["Zz New"]);
  page.sound();
  await page.context().close();
});

async function judge(page, what) {
  const { violations } = await new Axe({ page }).withTags(TAGS).analyze();
  const said = violations.map((v) => `${v.impact} ${v.id} ×${v.nodes.length}: ${v.nodes[0].target.join(" ")}`);
  assert.deepEqual(said, [], what);
  assert.ok((await sideways(page)) <= 1, `${what} is wider than the window`);
}

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1440, 390]) {
    test(`axe, ${colorScheme}, ${width} px: a row open, with errors, with the bar; the forms`, { timeout: 180_000 }, async () => {
      const options = { colorScheme, reducedMotion: "reduce", viewport: { width, height: 900 } };
      const page = await signedIn(browser, demo, options, { allowed: [409, 422] });
      await page.goto(demo.url + LIST);
      const id = (await agents(page))[5];
      await openRow(page, id);
      await judge(page, "a row open");
      await page.click(`#departments-${id}`);
      await judge(page, "a list of boxes");
      await page.keyboard.press("Escape");
      await page.fill(`#intercom_number-${id}`, "12");
      await page.fill(`#call_forwarding_number-${id}`, "ring me");
      await save(page, id);
      await page.waitForSelector(`#intercom_number-${id}-err`);
      await judge(page, "a row with errors");
      const other = await openPage(page.context());
      await other.goto(`${demo.url}/agents/${id}/edit`);
      await judge(other, "the form");
      await other.fill(`#name-${id}`, `Judge ${colorScheme} ${width}`);
      await other.click("#edit-save");
      await other.goto(`${demo.url}/agents/new`);
      await judge(other, "the form of a new agent");
      await other.close();
      await page.fill(`#intercom_number-${id}`, free());
      await page.fill(`#call_forwarding_number-${id}`, "");
      await page.fill(`#name-${id}`, "Another judge");
      await save(page, id);
      await page.waitForSelector(`#agent-${id}-bar .conflict`);
      // In sight from the top of the page, so that nothing is half under the bar that sticks there.
      await page.locator(`#agent-${id}`).evaluate((row) => {
        window.scrollTo(0, 0);
        row.scrollIntoView({ block: "nearest" });
      });
      await judge(page, "a row with the bar");
      page.sound();
      await page.context().close();
    });
  }
}
