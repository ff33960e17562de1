// The page: keeps the answers, and asks Copier after each change.
import { address, answersOf, chosen, command, folder } from "./answers.js";
import { startCopier } from "./copier.js";
import { byId, element } from "./elements.js";
import { drawFiles } from "./files.js";
import { drawForm } from "./form.js";

const release = await (await fetch("form.json")).json();
let given = {}; // The answers of the reader.
let fields = release.fields; // The questions, as Copier asked them.
let rendered; // The fields of the project that is shown.
let copier;
let timer;
let waiting = false; // Answers changed since Copier was asked.
let running = false;

function state(name, text) {
  document.body.dataset.state = name;
  byId("state").textContent = text;
  byId("download").disabled = name !== "ready";
}

function draw() {
  fields = fields.map((field) => (field.name in given ? { ...field, value: given[field.name] } : field));
  drawForm(byId("questions"), fields, release.questions, change);
  byId("command").textContent = command(release, fields);
  byId("folder").textContent = folder(fields);
  history.replaceState(null, "", address(chosen(fields)));
  const answers = JSON.stringify(choices(chosen(fields)));
  for (const button of byId("presets").children)
    button.setAttribute("aria-pressed", String(button.dataset.answers === answers));
}

const isText = (name) => release.questions[name].kind === "str" && !release.questions[name].choices;
const choices = (answers) =>
  Object.fromEntries(Object.entries(answers).filter(([name]) => !isText(name)).sort());

function change(name, value, wait = 0) {
  given[name] = value;
  draw();
  ask(wait);
}

function replace(answers) {
  given = answers;
  fields = fields.map((field) => ({ ...field, value: field.default }));
  draw();
  ask();
}

function ask(wait = 0) {
  if (!copier) return;
  waiting = true;
  state("working", "Copier is rendering…");
  clearTimeout(timer);
  timer = setTimeout(render, wait);
}

async function render() {
  if (running) return;
  running = true;
  while (waiting) {
    waiting = false;
    await renderOnce().catch((error) => fail(`Copier failed: ${error.message}`));
  }
  running = false;
}

async function renderOnce() {
  const files = await copier.update(given);
  if (fields.some(({ problem }) => problem)) {
    if (!waiting) state("refused", "Copier refuses an answer. The message is at the question.");
    return;
  }
  await drawFiles(copier, files, rendered ? difference(rendered, fields) : "");
  rendered = fields;
  if (!waiting) state("ready", `${byId("files-count").textContent} are ready.`);
}

function difference(before, after) {
  const old = Object.fromEntries(before.map(({ name, value }) => [name, value]));
  const differ = after.filter(({ name, value }) => name in old && old[name] !== value);
  return differ.map(({ name, value }) => `${name}: ${old[name]} → ${value}`).join(", ") || "Nothing";
}

function received(form) {
  if (!rendered) storeForOffline();
  fields = form;
  for (const { name, default: unset } of form) if (given[name] === unset) delete given[name];
  draw();
}

// Copier has loaded all files by now, so the service worker finds them in the cache.
async function storeForOffline() {
  await navigator.serviceWorker?.register("offline.js");
  await navigator.serviceWorker?.ready;
  byId("offline").hidden = !navigator.serviceWorker;
}

function fail(reason) {
  state("failed", `${reason}. The command works without this page.`);
}

function follow() {
  const [answers, complaint] = answersOf(location.hash, release.questions);
  byId("complaint").textContent = complaint;
  byId("complaint").hidden = !complaint;
  replace(answers);
}

function presetButton({ name, help, answers }) {
  const button = element("button", { type: "button", textContent: name, title: help });
  const asked = Object.fromEntries(release.fields.map((field) => [field.name, field.default]));
  const differ = Object.entries(answers).filter(([question, value]) => value !== asked[question]);
  button.dataset.answers = JSON.stringify(choices(Object.fromEntries(differ)));
  button.onclick = () => {
    const texts = Object.entries(given).filter(([question]) => isText(question));
    replace({ ...Object.fromEntries(texts), ...answers });
  };
  return button;
}

async function copyText(text, button) {
  await navigator.clipboard.writeText(text);
  const label = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = label), 1500);
}

byId("download").onclick = async () => {
  const name = folder(fields);
  const zip = new Blob([await copier.archive(name)], { type: "application/zip" });
  const link = element("a", { href: URL.createObjectURL(zip), download: `${name}.zip` });
  link.click();
  URL.revokeObjectURL(link.href);
};
byId("reset").onclick = () => replace({});
byId("copy-command").onclick = ({ target }) => copyText(byId("command").textContent, target);
byId("copy-link").onclick = ({ target }) => copyText(location.href, target);
byId("questions").onsubmit = (event) => event.preventDefault();
addEventListener("hashchange", follow);

byId("version").textContent = release.commit;
byId("presets").append(...release.presets.map(presetButton));
follow();
performance.mark("form");
if (typeof WebAssembly === "object") {
  state("starting", "Copier is starting. You can answer already.");
  copier = startCopier(received, fail);
  ask();
} else fail("This browser has no WebAssembly, so there is no preview");
