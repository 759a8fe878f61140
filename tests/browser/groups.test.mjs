// Agent groups in a real browser: picked by keyboard and with Shift, in two tabs, without script, narrow and dark.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import AxeBuilder from "@axe-core/playwright";
import { launch, number, openPage, settled, sideways, signedIn, startDemo } from "./support.mjs";

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
/// Adds a group; its key.
async function add(page, name) {
  await page.goto(`${demo.url}/agent-groups/new`);
  await page.fill("#name", name);
  await page.press("#name", "Enter");
  await page.waitForURL(/\/agent-groups\/\d+\/agents/);
  return page.url().match(/agent-groups\/(\d+)/)[1];
}
const boxes = (page) => page.locator("#members-list [name=agent]");
const count = (page) => page.textContent("#members-pending .count").then(number);

describe("agent groups", () => {
  test("from the Agents page to a new group, picked with Shift, saved and undone", async () => {
    const page = await open("/agents");
    await page.click("#agent-groups");
    await page.waitForURL(/\/agent-groups$/);
    await page.click("#add-group");
    await page.waitForSelector("#group-form");
    const id = await add(page, "Shift pickers");
    await boxes(page).nth(1).click();
    await boxes(page).nth(4).click({ modifiers: ["Shift"] });
    await page.waitForFunction(() => document.querySelector("#members-pending .count").textContent === "4");
    assert.match(await page.textContent("#members-pending"), /4 agents join/);
    await page.keyboard.press("Escape");
    assert.equal(await boxes(page).nth(2).isChecked(), true, "Escape lets go of nothing here");
    await page.click("#members-save");
    await page.waitForURL(new RegExp(`/agents\\?group=${id}`));
    assert.match(await page.textContent("#toasts"), /Shift pickers: 4 agents joined/);
    assert.match(await page.textContent("#agents-count"), /^\s*4 of/);
    await page.click("#undo");
    await settled(page);
    await page.goto(`${demo.url}/agents?group=${id}`);
    assert.match(await page.textContent("#agents-count"), /^\s*0 of/);
    page.sound();
    await page.context().close();
  });

  test("everything that is on the page, and everyone who matches", async () => {
    const page = await open("/agent-groups");
    const id = await add(page, "Everyone");
    await page.check("#pick-all");
    await page.waitForFunction(() => document.querySelector("#members-pending .count").textContent === "100");
    await page.uncheck("#pick-all");
    await page.waitForFunction(() => document.querySelector("#members-pending .count").textContent === "0");
    const all = number(await page.textContent("#members-shown"));
    await page.click("#add-all");
    await page.waitForURL(/draft=/);
    assert.equal(await count(page), all);
    await page.click("#members-next");
    await page.waitForURL(/page=2/);
    assert.ok(await boxes(page).first().isChecked());
    await page.click("#members-save");
    await page.waitForURL(new RegExp(`/agents\\?group=${id}`));
    assert.equal(number((await page.textContent("#agents-count")).split("of")[0]), all);
    page.sound();
    await page.context().close();
  });

  test("the search finds while it is typed, and keeps the focus and what is ticked", async () => {
    const page = await open("/agent-groups");
    await add(page, "Typed");
    await boxes(page).first().check();
    await page.waitForFunction(() => document.querySelector("#members-pending .count").textContent === "1");
    const name = await page.locator("#members-list label b").nth(1).textContent();
    await page.fill("#q", name);
    await page.waitForFunction(() => document.querySelectorAll("#members-list [name=agent]").length < 100);
    await page.waitForURL(/q=.*draft=/);
    assert.match(await page.textContent("#members-list"), new RegExp(name));
    assert.equal(await page.evaluate(() => document.activeElement.id), "q");
    await page.fill("#q", "");
    await page.waitForFunction(() => document.querySelectorAll("#members-list [name=agent]").length === 100);
    assert.ok(await boxes(page).first().isChecked());
    await page.selectOption("#show", "in");
    await page.waitForFunction(() => !document.querySelector("#members-list [name=agent]"));
    assert.match(await page.textContent("#members-shown"), /^0 match/);
    await settled(page);
    await page.click("#members-save");
    await page.waitForURL(/\/agents\?group=/);
    assert.match(await page.textContent("#toasts"), /Typed: 1 agent joined/);
    page.sound();
    await page.context().close();
  });

  test("deleting asks in a dialog, and Undo brings the group back", async () => {
    const page = await open("/agent-groups");
    const id = await add(page, "Short lived");
    await page.goto(`${demo.url}/agent-groups?q=short+lived`);
    await page.click(`#delete-${id}`);
    await page.waitForSelector("dialog:modal");
    assert.match(await page.textContent("dialog"), /Nobody is in this group/);
    await page.keyboard.press("Escape");
    await page.waitForSelector("dialog", { state: "detached" });
    await page.click(`#delete-${id}`);
    await page.click("dialog #delete-go");
    await page.waitForFunction(() => /Short lived is deleted/.test(document.querySelector("#toasts").textContent));
    assert.match(page.url(), /\/agent-groups\?q=short/, "to the list as it was");
    assert.equal(await page.locator(`#group-${id}`).count(), 0);
    await page.click("#undo");
    await page.waitForSelector(`#group-${id}`);
    page.sound();
    await page.context().close();
  });

  test("another tab that shows the group follows by itself", async () => {
    const page = await open("/agent-groups");
    const id = await add(page, "Watched");
    const other = await openPage(page.context());
    await other.goto(`${demo.url}/agents?group=${id}`);
    await boxes(page).first().click();
    await page.click("#members-save");
    await page.waitForURL(/\/agents\?group=/);
    await other.waitForSelector("#agents-rows tr[data-agent]");
    assert.match(await other.textContent("#agents-count"), /^\s*1 of/);
    // With a hand on the list nothing moves; it is said.
    await other.focus("#agents-rows a");
    await page.goto(`${demo.url}/agent-groups/${id}/agents`);
    await boxes(page).nth(1).click();
    await page.click("#members-save");
    await page.waitForURL(/\/agents\?group=/);
    await other.waitForSelector("#order-refresh");
    assert.equal(await other.locator("#agents-rows tr[data-agent]").count(), 1);
    assert.match(await other.textContent("#agents-count"), /^\s*2 of/);
    other.sound();
    await page.context().close();
  });

  test("rows put into a group from the list by the bar", async () => {
    const page = await open("/agent-groups");
    const id = await add(page, "From the list");
    await page.goto(`${demo.url}/agents`);
    await page.locator("#agents-rows .pick input").nth(0).click();
    await page.locator("#agents-rows .pick input").nth(2).click({ modifiers: ["Shift"] });
    await page.click("#bulk-join_groups");
    await page.waitForSelector("dialog:modal");
    assert.ok(await page.isVisible("#pick-groups"));
    assert.ok(!(await page.isVisible("#pick-departments")), "only what the chosen act knows");
    await page.check(`#groups-${id}`);
    await page.click("#acts-go");
    await page.waitForFunction(() => /3 agents are in From the list now/.test(document.querySelector("#toasts").textContent));
    page.sound();
    await page.context().close();
  });

  test("without script: picked over two searches, shown, saved, deleted, undone", async () => {
    const page = await open("/agent-groups", { javaScriptEnabled: false });
    const id = await add(page, "Plain forms");
    await boxes(page).nth(0).check();
    await page.click("#members-next");
    await boxes(page).nth(0).check();
    await page.click("text=Show what changes");
    assert.match(await page.textContent("#members-pending"), /2 agents join/);
    await page.click("#members-save");
    assert.match(await page.textContent("#toasts"), /2 agents joined/);
    await page.goto(`${demo.url}/agent-groups/${id}/delete`);
    assert.match(await page.textContent("main"), /2 agents\s*leave the group/);
    await page.click("#delete-go");
    assert.match(await page.textContent("#toasts"), /Plain forms is deleted\. 2 agents left the group\./);
    await page.click("#undo");
    await page.goto(`${demo.url}/agents?group=${id}`);
    assert.match(await page.textContent("#agents-count"), /^\s*2 of/);
    page.sound();
    await page.context().close();
  });

  test("by keyboard alone: a name that is taken is told at its field, which has what was typed", async () => {
    const page = await open("/agent-groups", {}, [422]);
    await add(page, "Taken");
    await page.goto(`${demo.url}/agent-groups/new`);
    await page.keyboard.type("tAKEN");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#name-err");
    assert.equal(await page.inputValue("#name"), "tAKEN");
    assert.match(await page.textContent("#name-err"), /already in use/);
    await page.context().close();
  });

  for (const colorScheme of ["light", "dark"])
    for (const width of [1440, 320])
      test(`every page is accessible: ${colorScheme}, ${width} px`, { timeout: 120_000 }, async () => {
        const page = await open("/agent-groups", { colorScheme, viewport: { width, height: 900 }, bypassCSP: true }, [400]);
        const id = await add(page, `Judged ${colorScheme} ${width}`);
        await boxes(page).first().check();
        await page.waitForFunction(() => document.querySelector("#members-pending .count").textContent === "1");
        const judge = async (what) => {
          const { violations } = await new Axe({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]).analyze();
          assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(" ")}`), [], what);
          assert.ok((await sideways(page)) <= 1, `${what} is wider than the window`);
        };
        await judge("the picker");
        for (const path of ["", "?sort=wage", "?q=nobody", `/${id}/edit`, `/${id}/delete`, "/new"]) {
          await page.goto(`${demo.url}/agent-groups${path}`);
          await judge(path);
        }
        await page.context().close();
      });
});
