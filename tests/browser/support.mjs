// Starts the real program on a small demo of its own, and opens pages that report every fault.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const root = fileURLToPath(new URL("../..", import.meta.url));
const program = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug", "rollcall");

// A test that fails before it stops its demo leaves a program behind: it neither keeps this process waiting nor outlives it.
const running = new Set();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/// When a demo begins, whenever the tests run: a working hour, in which its few agents have calls.
const WORKING_HOUR = "2026-11-18T06:00:00Z";

/// A demo on a free port: `{ url, login_id, password, stop }`. `live` lets the simulator run.
export async function startDemo({ live = false, agents = 120, more = [] } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-browser-"));
  const args = ["demo", "--listen", "127.0.0.1:0", "--print-json", "--database", join(folder, "demo.db")];
  args.push("--agents", String(agents), "--calls", "3000", "--days", "30", "--seed", "7");
  args.push("--from", WORKING_HOUR, ...(live ? [] : ["--still"]));
  const child = spawn(program, [...args, ...more], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  child.on("close", () => running.delete(child));
  let log = "";
  child.stderr.on("data", (chunk) => (log = (log + chunk).slice(-20_000)));
  const ended = new Promise((resolve) => child.on("close", resolve));
  const lines = createInterface({ input: child.stdout });
  const ready = new Promise((resolve, reject) => {
    lines.once("line", resolve);
    child.once("error", reject);
    ended.then((code) => reject(new Error(`${program} ended with ${code}:\n${log}`)));
  });
  const demo = JSON.parse(await ready);
  for (const handle of [child, child.stdout, child.stderr]) handle.unref();
  demo.url = demo.url.replace(/\/$/, "");
  demo.log = () => log;
  demo.stop = async () => {
    child.ref();
    child.kill("SIGTERM");
    const code = await ended;
    rmSync(folder, { recursive: true, force: true });
    assert.equal(code, 0, `the program ends well on SIGTERM:\n${log}`);
  };
  return demo;
}

export function launch() {
  const executablePath = process.env.CHROMIUM ?? execFileSync("sh", ["-c", "command -v chromium"], { encoding: "utf8" }).trim();
  const args = ["--disable-dev-shm-usage", "--disable-gpu", "--no-first-run"];
  // Chromium's sandbox refuses to start as root.
  if (process.getuid() === 0) args.push("--no-sandbox");
  return chromium.launch({ executablePath, headless: true, args });
}

/// A page that remembers every console error, script error, failed request and breach of the policy.
/// `allowed`: statuses that the test means to meet.
export async function openPage(context, { allowed = [] } = {}) {
  const page = await context.newPage();
  const faults = [];
  const meant = (text) => allowed.some((status) => text.includes(`status of ${status}`));
  page.on("pageerror", (error) => faults.push(`script: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" && !meant(message.text())) faults.push(`console: ${message.text()}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400 && !allowed.includes(response.status())) faults.push(`${response.status()} ${response.url()}`);
  });
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (e) => console.error(`policy: ${e.violatedDirective} ${e.blockedURI}`));
  });
  page.faults = faults;
  page.sound = () => assert.deepEqual(faults, [], `faults on ${page.url()}`);
  return page;
}

export async function signIn(page, demo) {
  await page.goto(`${demo.url}/sign-in`);
  await page.fill("[name=login_id]", demo.login_id);
  await page.fill("[name=password]", demo.password);
  await page.press("[name=password]", "Enter");
  await page.waitForURL((url) => url.pathname !== "/sign-in");
}

/// A browser context that is signed in; its first page.
export async function signedIn(browser, demo, options = {}, pageOptions = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await openPage(context, pageOptions);
  await signIn(page, demo);
  return page;
}

/// The text of a column, top to bottom, of the agents shown.
export const column = (page, name) =>
  page.$$eval(`#agents-table tbody [data-col=${name}]`, (cells) => cells.map((cell) => cell.textContent.trim()));

/// The rows' keys, top to bottom.
export const agents = (page) => page.$$eval("#agents-table tr[data-agent]", (rows) => rows.map((row) => row.dataset.agent));

/// Counts as the page prints them: "1,204" is 1204.
export const number = (text) => Number(text.replace(/[^0-9]/g, ""));

/// How far the page is wider than the window (WCAG 1.4.10).
export const sideways = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/// Settles what htmx is doing: no request under way, nothing being swapped.
export async function settled(page) {
  await page.waitForLoadState("load");
  await page.waitForFunction(() => !document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling"));
}

/// What an authenticator app shows at an instant for a key in base32 (RFC 6238).
export function appCode(key, milliseconds) {
  const bits = [...key.replaceAll(" ", "")].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0"));
  const bytes = bits.join("").match(/.{8}/g).map((byte) => parseInt(byte, 2));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(milliseconds / 30_000)));
  const mac = createHmac("sha1", Buffer.from(bytes)).update(counter).digest();
  const at = mac[mac.length - 1] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}
