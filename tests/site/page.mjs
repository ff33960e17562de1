// Behaviour of the page in Chromium: ADDRESS BROKEN_TEMPLATE SCREENSHOTS.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { launch, linkTo, open, reach } from "./support.mjs";

const [address, broken, screenshots] = process.argv.slice(2);
const AXE = readFileSync(`${process.env.PACKAGES}/axe-core/axe.min.js`, "utf-8");
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

let browser;
let desktop;
before(async () => {
  browser = await launch();
  desktop = await open(browser, address);
  await reach(desktop.page, "ready");
});
after(() => browser.close());

async function violations(page) {
  // The strict policy of the page refuses a script tag; an evaluated script is the debugger's.
  await page.evaluate(AXE);
  const { violations: found } = await page.evaluate(() => window.axe.run());
  return found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
}
const picture = (page, name, fullPage = false) => page.screenshot({ path: `${screenshots}/${name}.png`, fullPage });
const limit = (name, milliseconds, most) => {
  console.log(`# ${name}: ${Math.round(milliseconds)} ms`);
  if (process.env.PLUMBLINE_SPEED) assert.ok(milliseconds <= most, `${name}: ${milliseconds} ms, at most ${most}`);
};

test("the form is visible at once, and Copier is ready soon", async (until) => {
  const { page } = await open(browser, address, { until });
  await page.waitForSelector("#database");
  const since = (name) => page.evaluate((mark) => performance.getEntriesByName(mark)[0]?.startTime, name);
  limit("form visible", await since("form"), 1000);
  await reach(page, "ready");
  limit("ready", await page.evaluate(() => performance.now()), 10_000);
  const begin = performance.now();
  await page.selectOption("#database", "sqlite");
  await reach(page, "ready");
  limit("changed answer", performance.now() - begin, 2000);
});

test("an answer shows which files it changes", async () => {
  const { page } = desktop;
  await page.click("#reset");
  await reach(page, "ready");
  await page.check("#kubernetes");
  await reach(page, "ready");
  assert.match(await page.textContent("#cause"), /^kubernetes: false → true: \d+ added, \d+ removed, \d+ changed$/);
  await page.check("#changed-only");
  await page.click("#tree button[data-path='kubernetes/base/kustomization.yaml']");
  assert.match(await page.textContent("#file"), /^--- before/);
  await page.click("#show-text");
  await page.waitForSelector("#file .hljs-attr");
  assert.deepEqual(await violations(page), []);
  await picture(page, "desktop");
  await page.uncheck("#changed-only");
});

test("every preset is a button that shows its answers", async () => {
  const { page } = desktop;
  for (const button of await page.$$("#presets button")) {
    await button.click();
    await reach(page, "ready");
    assert.equal(await button.getAttribute("aria-pressed"), "true");
  }
});

test("a refused answer has Copier's words at its field, and no zip", async () => {
  const { page } = desktop;
  await page.fill("#project_name", "My Service ");
  await reach(page, "refused");
  assert.match(await page.textContent("#project_name-problem"), /^starts or ends with white space/);
  assert.equal(await page.getAttribute("#project_name", "aria-invalid"), "true");
  assert.ok(await page.isDisabled("#download"));
  assert.ok(await page.evaluate(() => document.activeElement.id === "project_name"), "the focus stays");
  assert.deepEqual(await violations(page), []);
  await picture(page, "refused");
  await page.fill("#project_name", "My Shop");
  await reach(page, "ready");
  assert.equal(await page.inputValue("#project_slug"), "my-shop");
});

const follow = (hash) => desktop.page.goto(`${address}/configure/${hash}`);

test("a link restores its answers, and the command has them", async () => {
  const { page } = desktop;
  const answers = { project_name: "it's", database: "sqlite", auth: false };
  await follow(linkTo(answers));
  await page.reload();
  await reach(page, "ready");
  assert.equal(await page.inputValue("#project_name"), "it's");
  assert.equal(await page.inputValue("#database"), "sqlite");
  assert.ok(!(await page.isChecked("#auth")));
  const command = await page.textContent("#command");
  for (const part of ["--data project_name='it'\\''s'", "--data database=sqlite", "--data auth=false"])
    assert.ok(command.includes(part), command);
  assert.ok(page.url().endsWith(linkTo(answers)));
});

for (const [name, hash, words] of [
  ["no JSON", "#%7Bbroken", /can not be read/],
  ["no percent code", "#%E0%A4%A", /can not be read/],
  ["no object", "#%5B1%5D", /no answers/],
  ["an unknown question", linkTo({ colour: "red", auth: "maybe" }), /colour, auth/],
]) {
  test(`a link with ${name} is told and ignored`, async () => {
    const { page } = desktop;
    await follow(hash);
    assert.match(await page.textContent("#complaint"), words);
    await reach(page, "ready");
    assert.equal(await page.inputValue("#project_name"), "My Service");
    assert.ok(!(await page.textContent("#command")).includes("--data"));
    assert.deepEqual(await violations(page), []);
  });
}

test("an unknown choice in a link is refused by Copier", async () => {
  const { page } = desktop;
  await follow(linkTo({ database: "oracle" }));
  await reach(page, "refused");
  assert.match(await page.textContent("#database-problem"), /'oracle' is not in/);
});

test("a failing render shows the reason and keeps the form", async (until) => {
  const prepare = (page) =>
    page.context().route("**/template.tar.gz", (route) => route.fulfill({ body: readFileSync(broken) }));
  const { page } = await open(browser, address, { until, prepare, serviceWorkers: "block" });
  await reach(page, "failed");
  assert.match(await page.textContent("#state"), /Copier failed: .*missing_answer/);
  await page.selectOption("#database", "sqlite");
  assert.match(await page.textContent("#command"), /--data database=sqlite/);
});

for (const [name, prepare] of [
  ["WebAssembly", (page) => page.addInitScript(() => delete window.WebAssembly)],
  ["Python", (page) => page.context().route("**/packages.zip", (route) => route.fulfill({ status: 404 }))],
]) {
  test(`a browser without ${name} gets the command`, async (until) => {
    const { page } = await open(browser, address, { until, prepare, serviceWorkers: "block" });
    await reach(page, "failed");
    await page.selectOption("#database", "sqlite");
    await page.uncheck("#docker");
    assert.match(await page.textContent("#command"), /--data database=sqlite --data docker=false/);
    assert.deepEqual(await violations(page), []);
    });
}

test("the keyboard is enough", async () => {
  const { page } = desktop;
  await page.click("#reset");
  await reach(page, "ready");
  await page.focus("#presets button");
  await page.keyboard.press("Enter");
  await reach(page, "ready");
  await page.focus("#auth");
  await page.keyboard.press("Space");
  await reach(page, "ready");
  assert.ok((await page.textContent("#command")).includes("--data auth=false"));
  await page.focus("#tree summary");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.closest("#tree") !== null), true);
});

for (const [name, options] of [
  ["phone", PHONE],
  ["dark", { colorScheme: "dark" }],
  ["phone-dark", { ...PHONE, colorScheme: "dark" }],
]) {
  test(`the page is accessible: ${name}`, async (until) => {
    const { page } = await open(browser, address, { until, ...options });
    await reach(page, "ready");
    assert.deepEqual(await violations(page), []);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `the page is ${wide} pixels wider than the screen`);
    await picture(page, name, true);
    });
}

test("the second visit needs no network", async () => {
  const { page, context } = desktop;
  await page.waitForSelector("#offline:not([hidden])");
  await context.setOffline(true);
  await page.reload();
  await reach(page, "ready");
  await page.selectOption("#database", "sqlite");
  await reach(page, "ready");
  await context.setOffline(false);
});

test("no error, and no request to another host", () => {
  assert.deepEqual(desktop.faults, []);
});
