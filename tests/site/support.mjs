// Chromium, and the page of the configurator.
const { chromium } = (await import(`${process.env.PACKAGES}/playwright-core/index.js`)).default;

export async function launch() {
  const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"];
  return chromium.launch({ executablePath: process.env.BROWSER, args });
}

/** Open the configurator until a test ends; errors and requests to other hosts are collected. */
export async function open(browser, address, { hash = "", prepare, until, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1400, height: 1000 }, ...options });
  until?.after(() => context.close());
  const faults = [];
  context.on("request", (request) => {
    if (!request.url().startsWith(address) && !request.url().startsWith("blob:")) faults.push(request.url());
  });
  const page = await context.newPage();
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  if (prepare) await prepare(page, context);
  await page.goto(`${address}/configure/${hash}`);
  return { page, context, faults };
}

export const reach = (page, state) => page.waitForSelector(`body[data-state=${state}]`, { timeout: 120_000 });
export const linkTo = (answers) => `#${encodeURIComponent(JSON.stringify(answers))}`;
