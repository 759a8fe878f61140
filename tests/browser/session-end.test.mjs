// A session that ends under an open form: nothing that was typed is lost, with script and without.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import AxeBuilder from "@axe-core/playwright";
import { agents, column, launch, sideways, signedIn, startDemo } from "./support.mjs";

const Axe = AxeBuilder.default ?? AxeBuilder;
let demo, browser;

before(async () => {
  [demo, browser] = await Promise.all([startDemo({ agents: 20 }), launch()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

/// Ends the session of a page as another tab does.
async function signOutBeside(page) {
  const beside = await page.context().newPage();
  await beside.goto(`${demo.url}/account`);
  await beside.evaluate(() => fetch("/sign-out", { method: "POST" }));
  await beside.close();
}

/// Follows the link that opens beside the page, and signs in there.
async function signInBeside(page, link) {
  const [beside] = await Promise.all([page.context().waitForEvent("page"), page.click(link)]);
  await beside.fill("[name=login_id]", demo.login_id);
  await beside.fill("[name=password]", demo.password);
  await beside.press("[name=password]", "Enter");
  await beside.waitForURL((url) => url.pathname !== "/sign-in");
  return beside;
}

describe("the end of a session", () => {
  for (const javaScriptEnabled of [true, false])
    test(`a form is sent again after signing in beside it, ${javaScriptEnabled ? "with" : "without"} script`, async () => {
      const options = { javaScriptEnabled, bypassCSP: javaScriptEnabled, viewport: { width: 390, height: 800 } };
      const page = await signedIn(browser, demo, options, { allowed: [401] });
      await page.goto(`${demo.url}/agent-groups/new`);
      const name = `Night desk ${javaScriptEnabled}`;
      await page.fill("#name", name);
      await page.fill("#description", "two\nlines");
      await page.context().clearCookies();
      await page.click("#group-save");
      await page.waitForSelector("#send-again");
      assert.match(await page.textContent("main"), /nothing was saved/);
      if (javaScriptEnabled) {
        const { violations } = await new Axe({ page }).analyze();
        assert.deepEqual(violations.map((v) => v.id), []);
      }
      assert.ok((await sideways(page)) <= 1);
      const beside = await signInBeside(page, "#sign-in-beside");
      assert.match(beside.url(), /\/agent-groups\/new$/, "led to the page of the form");
      await page.click("#send-again");
      await page.waitForURL(/\/agent-groups\/\d+/);
      assert.match(await page.textContent("main"), new RegExp(name));
      page.sound();
      await page.context().close();
    });

  test("a row that is open stays, says so, and is saved afterwards", { timeout: 120_000 }, async () => {
    const page = await signedIn(browser, demo, {}, { allowed: [401] });
    const stream = page.waitForResponse((answer) => answer.url().includes("/live?"));
    await page.goto(`${demo.url}/agents`);
    await stream;
    const [id] = await agents(page);
    await page.click(`#agent-${id} a[href$='/edit']`);
    await page.fill(`#name-${id}`, "Typed Before The End");
    await signOutBeside(page);
    await page.waitForSelector("#signed-out");
    assert.match(await page.textContent("#signed-out"), /You are signed out/);
    assert.equal(await page.inputValue(`#name-${id}`), "Typed Before The End");
    await page.press(`#name-${id}`, "Enter");
    await page.waitForSelector("#toasts #sign-in-beside");
    assert.equal(await page.inputValue(`#name-${id}`), "Typed Before The End", "the row is not swapped away");
    await signInBeside(page, "#signed-out a");
    await page.press(`#name-${id}`, "Enter");
    await page.waitForSelector(`tr#agent-${id}:not(.editing)`);
    assert.ok((await column(page, "name")).includes("Typed Before The End"));
    assert.equal(await page.$("#signed-out"), null);
    // htmx says on the console why the stream did not come back.
    assert.deepEqual(page.faults.filter((fault) => !fault.includes("status 401")), []);
    await page.context().close();
  });
});
