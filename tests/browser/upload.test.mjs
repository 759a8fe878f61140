// The bulk upload in a real browser: a file chosen, its plan changed, carried out, mended and taken back; by keyboard,
// without script, narrow and dark.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { readFileSync } from "node:fs";
import AxeBuilder from "@axe-core/playwright";
import { launch, number, settled, sideways, signedIn, startDemo } from "./support.mjs";

const Axe = AxeBuilder.default ?? AxeBuilder;
const SHOTS = process.env.SHOTS;
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
const csv = (name, text) => ({ name, mimeType: "text/csv", buffer: Buffer.from(text) });
/// People of a file, told apart by a word, the last with a number that a spreadsheet damaged.
const joiners = (word) =>
  `Username;Full name;Blood group;Handy;calling_agent\n${word}.one;${word} One;A+;098765 4${number3(word)}1;yes\n${word}.two;${word} Two;B+;;yes\n${word}.three;${word} Three;0;9.19877E+11;yes\n`;
const number3 = (word) => String(100 + (word.charCodeAt(0) * 7 + word.charCodeAt(1)) % 900);
const chip = async (page, word) => number(await page.textContent(`#rows-${word} b`));
/// Chooses a file and waits for its plan.
async function upload(page, file) {
  await page.goto(`${demo.url}/users/upload`);
  await page.setInputFiles("#file", file);
  await page.click("#upload-go");
  await page.waitForURL(/\/imports\/\d+$/);
  await page.waitForSelector("#progress", { state: "detached" });
  await settled(page);
}
/// The same with the columns said that nothing is known of.
async function mapped(page, word) {
  await upload(page, csv(`${word}.csv`, joiners(word)));
  if (await page.locator("#fault").count()) {
    await page.selectOption("[id='column.2']", "ignore");
    await page.selectOption("[id='column.3']", "phone");
    await page.click("#replan");
    await page.waitForSelector("#rows-table");
  }
}
/// Looks again, as somebody without script does, until the page has it.
async function lookUntil(page, sought) {
  for (let tries = 0; tries < 100; tries++) {
    await page.waitForSelector(`${sought}, #look-again`);
    if (await page.locator(sought).count()) return;
    await page.click("#look-again");
  }
}
async function commit(page) {
  await page.click("#commit");
  await page.waitForSelector("#outcome");
}
const shot = async (page, name) => {
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
};

describe("bulk upload", () => {
  test("a file is planned, mapped, carried out, mended and taken back", async () => {
    const page = await open("/users", {}, [422]);
    await page.click("#upload-users");
    await page.waitForSelector("#upload-form");
    await upload(page, csv("november.csv", joiners("asel")));
    assert.match(await page.textContent("#fault"), /Blood group/);
    assert.ok(await page.isVisible("#reading-form"), "the choices stand open");
    await page.selectOption("[id='column.2']", "ignore");
    await page.selectOption("[id='column.3']", "phone");
    await page.click("#replan");
    await page.waitForSelector("#rows-table");
    assert.deepEqual([await chip(page, "all"), await chip(page, "create"), await chip(page, "error")], [3, 2, 1]);
    await page.click("#rows-error");
    await page.waitForSelector("#rows-error[aria-current]");
    await settled(page);
    assert.equal(await page.locator("#rows-table tbody tr").count(), 1);
    assert.match(await page.textContent("#rows-table"), /9\.19877E\+11/);
    assert.equal(await page.evaluate(() => document.activeElement.id), "rows-error", "the focus stays");
    assert.match(page.url(), /rows=error/);
    await commit(page);
    assert.match(await page.textContent("#outcome"), /2 changes are in/);
    assert.match(await page.textContent("#toasts"), /2 users created/);
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("#errors")]);
    const file = readFileSync(await download.path(), "utf8");
    assert.match(file, /_reason/);
    const first = page.url();
    await upload(page, csv("mended.csv", file.replace("9.19877E+11", "+91 98765 43999")));
    assert.deepEqual([await chip(page, "create"), await chip(page, "error")], [1, 0]);
    await commit(page);
    await page.goto(first);
    await page.click("#undo-all");
    await page.waitForSelector("#rows-undone");
    assert.equal(await chip(page, "undone"), 2);
    await page.goto(`${demo.url}/users?q=asel`);
    assert.match(await page.textContent("#users-table"), /asel Three/);
    assert.doesNotMatch(await page.textContent("#users-table"), /asel One/);
    page.sound();
    await page.context().close();
  });

  test("the toast takes it back at once", async () => {
    const page = await open("/users");
    await mapped(page, "bano");
    await commit(page);
    await page.click("#undo");
    await page.waitForSelector("#rows-undone");
    assert.equal(await chip(page, "undone"), 2);
    page.sound();
    await page.context().close();
  });

  test("by keyboard alone", async () => {
    const page = await open("/users/upload");
    await page.setInputFiles("#file", csv("keys.csv", "login_id,name\nkeys.person,Keys Person\n"));
    await page.focus("#upload-go");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#commit");
    await page.focus("#rows-create");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#rows-create[aria-current]");
    await page.focus("#reading > summary");
    await page.keyboard.press("Enter");
    assert.ok(await page.isVisible("#replan"));
    await page.focus("#mode-valid");
    await page.keyboard.press("ArrowDown");
    assert.ok(await page.isChecked("#mode-all"));
    await page.focus("#commit");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#outcome");
    page.sound();
    await page.context().close();
  });

  test("without script", async () => {
    const page = await open("/users/upload", { javaScriptEnabled: false });
    await page.setInputFiles("#file", csv("plain.csv", "login_id,name\nplain.person,Plain Person\n"));
    await page.click("#upload-go");
    await lookUntil(page, "#rows-create");
    assert.equal(await chip(page, "create"), 1);
    await page.click("#rows-create");
    await page.click("#commit");
    await lookUntil(page, "#outcome");
    assert.match(await page.textContent("#outcome"), /1 change is in/);
    await page.context().close();
  });

  test("a file is dropped on its field", async () => {
    const page = await open("/users/upload");
    const data = await page.evaluateHandle(() => {
      const data = new DataTransfer();
      data.items.add(new File(["login_id,name\n"], "dropped.csv", { type: "text/csv" }));
      return data;
    });
    await page.dispatchEvent("#drop", "dragover", { dataTransfer: data });
    assert.ok(await page.locator("#drop.over").count());
    await page.dispatchEvent("#drop", "drop", { dataTransfer: data });
    assert.equal(await page.evaluate(() => document.querySelector("#file").files[0].name), "dropped.csv");
    page.sound();
    await page.context().close();
  });

  for (const scheme of ["light", "dark"]) {
    for (const width of [1440, 390]) {
      test(`nothing is out of reach, ${scheme}, ${width} wide`, async () => {
        const page = await open("/users/upload", { viewport: { width, height: 900 }, colorScheme: scheme });
        const judge = async (name) => {
          assert.ok((await sideways(page)) <= 0, `${name}: no sideways scroll`);
          const { violations } = await new Axe({ page }).analyze();
          assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(" ")}`), [], name);
          await shot(page, `${name}-${scheme}-${width}`);
        };
        await page.click("#defaults > summary");
        await judge("upload");
        const word = { light1440: "cira", light390: "dira", dark1440: "eira", dark390: "fira" }[scheme + width];
        await upload(page, csv(`${word}.csv`, `login_id,name,agent_groups,shoe size of ${word}\n${word}.one,${word} One,Nowhere at all,42\n`));
        await judge("unreadable");
        await page.click("#ignore_unknown");
        await page.click("#replan");
        await page.waitForSelector("#rows-table");
        await page.click("#reading > summary");
        await judge("names");
        await mapped(page, word);
        await judge("plan");
        await commit(page);
        await judge("result");
        await page.goto(`${demo.url}/imports`);
        await judge("history");
        page.sound();
        await page.context().close();
      });
    }
  }
});
