// Downloads a zip for each set of answers: ADDRESS ANSWERS FOLDER. Prints the commands.
import { launch, linkTo, open, reach } from "./support.mjs";

const [address, sets, folder] = process.argv.slice(2);
const browser = await launch();
const { page } = await open(browser, address);
const commands = [];
for (const [index, answers] of JSON.parse(sets).entries()) {
  await page.goto(`${address}/configure/${linkTo(answers)}`);
  await reach(page, "ready");
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#download")]);
  await download.saveAs(`${folder}/${index}.zip`);
  commands.push(await page.textContent("#command"));
}
console.log(JSON.stringify(commands));
await browser.close();
