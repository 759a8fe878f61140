// Acts on agents in a real browser: by keyboard alone, in two tabs, on many rows, without script.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import AxeBuilder from "@axe-core/playwright";
import { agents, launch, openPage, settled, sideways, signedIn, signIn, startDemo } from "./support.mjs";

let demo, browser;

before(async () => {
  [demo, browser] = await Promise.all([startDemo({ agents: 80 }), launch()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

const open = async (options = {}, allowed = []) => {
  const page = await signedIn(browser, demo, options, { allowed });
  await page.goto(`${demo.url}/agents`);
  return page;
};
const badge = (page, id) => page.getAttribute(`#agent-${id} [data-col=agent_status] .badge`, "data-status");
const becomes = (page, id, status) => page.waitForSelector(`#agent-${id} .badge[data-status=${status}]`);
const picks = (page) => page.$$eval("#agents-rows .pick input:checked", (boxes) => boxes.map((box) => box.value));
const boxes = (page) => page.locator("#agents-rows .pick input");
/// The first agents that are neither blocked nor disabled.
const free = (page) => page.$$eval("#agents-rows tr", (rows) => rows.filter((row) => !row.querySelector(".badge[data-status=blocked], .badge[data-status=disabled]")).map((row) => row.dataset.agent));
const focused = (page) => page.evaluate(() => document.activeElement.id || document.activeElement.tagName);

describe("acts", () => {
  test("by keyboard alone: block with a reason, undo; the focus is never lost", async () => {
    const page = await open();
    const [id] = await free(page);
    await page.focus(`#agent-${id} a[href$="/acts"]`);
    await page.keyboard.press("Enter");
    await page.waitForSelector("dialog:modal");
    assert.ok(await page.evaluate(() => document.activeElement.closest("dialog")), "the focus is in the dialog");
    await page.focus("#act-block");
    await page.keyboard.press("Space");
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), "reason");
    await page.keyboard.type("sick");
    await page.keyboard.press("Enter");
    await becomes(page, id, "blocked");
    await page.waitForFunction(() => !document.querySelector("dialog[open]"));
    assert.match(await page.textContent("#toasts"), /is blocked: sick/);
    assert.match(await page.textContent(`#agent-${id} .why`), /by P\. Nair · sick/);
    assert.ok(await page.evaluate((id) => document.activeElement.closest(`#agent-${id}`), id), "back where it came from");
    await page.keyboard.press("u");
    assert.equal(await focused(page), "undo");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => /Undone/.test(document.querySelector("#toasts").textContent));
    await page.waitForSelector(`#agent-${id} .badge:not([data-status=blocked])`);
    assert.notEqual(await focused(page), "BODY");
    page.sound();
    await page.context().close();
  });

  test("a fault stays in the dialog with what was typed; Escape leaves it", async () => {
    const page = await open({}, [422]);
    const [id] = await free(page);
    await page.click(`#agent-${id} a[href$="/acts"]`);
    await page.waitForSelector("dialog:modal");
    await page.fill("#reason", "sick");
    await page.check("#until-at", { force: true });
    await page.click("#acts-go");
    await page.waitForSelector("#until-err");
    assert.equal(await page.inputValue("#reason"), "sick");
    assert.equal(await focused(page), "until_at");
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => !document.querySelector("dialog[open]"));
    assert.notEqual(await badge(page, id), "blocked");
    await page.context().close();
  });

  test("two tabs: the other one turns red by itself, with name, reason and the time that is left", async () => {
    const page = await open();
    const other = await openPage(page.context());
    await other.goto(`${demo.url}/agents`);
    const [id] = await free(page);
    await page.click(`#agent-${id} a[href$="/acts"]`);
    await page.waitForSelector("dialog:modal");
    await page.fill("#reason", "sick");
    await page.check("#until-today", { force: true });
    await page.click("#acts-go");
    await becomes(page, id, "blocked");
    await other.bringToFront();
    await becomes(other, id, "blocked");
    assert.match(await other.textContent(`#agent-${id} .why`), /by P\. Nair · sick · until .* left/);
    await page.context().close();
  });

  test("Shift takes a range, x the row in hand, Escape lets go; live rows keep the selection", async () => {
    const page = await open();
    const all = await agents(page);
    await boxes(page).nth(1).click();
    await boxes(page).nth(4).click({ modifiers: ["Shift"] });
    assert.deepEqual(await picks(page), all.slice(1, 5));
    assert.equal(await page.textContent("#picked"), "4 selected");
    const other = await openPage(page.context());
    await other.goto(`${demo.url}/agents/${all[2]}/acts?act=pause`);
    await other.click("#acts-go");
    await other.waitForURL(/\/agents$/);
    await page.bringToFront();
    await page.waitForFunction((id) => /paus|off/i.test(document.querySelector(`#agent-${id} [data-col=agent_status]`).textContent), all[2]);
    assert.deepEqual(await picks(page), all.slice(1, 5));
    await page.focus(`#agent-${all[6]} [data-col=action] a`);
    await page.keyboard.press("x");
    assert.equal((await picks(page)).length, 5);
    await page.keyboard.press("Escape");
    assert.deepEqual(await picks(page), []);
    assert.ok(await page.isHidden("#bulk"));
    await page.click("#pick-all");
    assert.equal((await picks(page)).length, all.length);
    page.sound();
    await page.context().close();
  });

  test("many at once, then all that match; one Undo for the whole", async () => {
    const page = await open();
    const ids = (await free(page)).slice(0, 3);
    for (const id of ids) await page.click(`#agent-${id} .pick input`);
    await page.click("#bulk-disable");
    await page.waitForSelector("dialog:modal");
    assert.match(await page.textContent("dialog"), /3 agents/);
    await page.fill("#reason", "drill");
    await page.click("#acts-go");
    for (const id of ids) await becomes(page, id, "disabled");
    assert.match(await page.textContent("#toasts"), /3 agents are disabled: drill/);
    assert.deepEqual(await picks(page), [], "done: nothing stays selected");
    await page.click("#undo");
    for (const id of ids) await page.waitForSelector(`#agent-${id} .badge:not([data-status=disabled])`);
    await page.click("#pick-all");
    await page.click("#match-all");
    await page.waitForSelector("dialog:modal");
    assert.match(await page.textContent("dialog h2"), /8\d agents|80 agents/);
    await page.keyboard.press("Escape");
    page.sound();
    await page.context().close();
  });

  test("without script: a form, a page that says what will be, the result with Undo", async () => {
    const page = await open({ javaScriptEnabled: false });
    const ids = (await free(page)).slice(0, 2);
    for (const id of ids) await page.check(`#agent-${id} .pick input`);
    await page.click("#bulk-block");
    assert.match(await page.textContent("main"), /2 agents[\s\S]*none come in, can call out/);
    await page.fill("#reason", "fire drill");
    await page.click("#acts-go");
    assert.match(await page.textContent("#toasts"), /2 agents are blocked: fire drill/);
    for (const id of ids) assert.equal(await badge(page, id), "blocked");
    await page.click("#undo");
    assert.match(await page.textContent("#toasts"), /Undone: 2 agents are as before/);
    for (const id of ids) assert.notEqual(await badge(page, id), "blocked");
    await page.click(`#agent-${ids[0]} a[href$="/acts"]`);
    await page.check("#act-delete");
    await page.click("#acts-go");
    assert.match(await page.textContent("#toasts"), /is deleted/);
    await page.click("#deleted");
    await page.click(`#restore-${ids[0]}`);
    assert.match(await page.textContent("#toasts"), /is restored/);
    page.sound();
    await page.context().close();
  });

  for (const colorScheme of ["light", "dark"])
    for (const width of [1440, 390])
      test(`dialog, bar and toast are accessible: ${colorScheme}, ${width} px`, async () => {
        const page = await open({ colorScheme, viewport: { width, height: 900 }, bypassCSP: true });
        const axe = async (what) => {
          const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]).analyze();
          assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(" ")}`), [], what);
        };
        const id = (await free(page)).at(-1);
        await boxes(page).first().click();
        // The bar lies over whichever rows one has not scrolled to; so high, it lies over none.
        await page.setViewportSize({ width, height: await page.evaluate(() => document.documentElement.scrollHeight + 200) });
        await axe("with the bar");
        await page.setViewportSize({ width, height: 900 });
        await page.keyboard.press("Escape");
        await page.click(`#agent-${id} a[href$="/acts"]`);
        await page.waitForSelector("dialog:modal");
        await axe("with the dialog");
        await page.click("#act-pause");
        await page.click("#acts-go");
        await page.waitForSelector("#undo");
        await settled(page);
        await axe("with the toast");
        assert.ok((await sideways(page)) <= 0, "nothing sticks out");
        await page.click("#undo");
        await page.goto(`${demo.url}/agents/deleted`);
        await axe("the deleted");
        await page.goto(`${demo.url}/agents/${id}/acts`);
        await axe("the page");
        await page.context().close();
      });
});
