// The rendered files: a tree of folders, and the text or the changes of one file.
import { byId, element } from "./elements.js";
import { highlighted } from "./highlight.js";

const open = new Set(); // Folders.
let files = {};
let selected = "README.md";
let copier;

const parent = (path) => path.split("/").slice(0, -1).join("/");
const parents = (path) => (path ? [path, ...parents(parent(path))] : []);

function fileButton(path) {
  const state = files[path];
  const button = element("button", { type: "button", textContent: path.split("/").at(-1) });
  button.dataset.path = path;
  if (state) button.append(" ", element("span", { className: `state ${state}`, textContent: state }));
  button.onclick = () => showFile(path, state ? "changes" : "text");
  return element("li", {}, button);
}

function folderOf(lists, folder) {
  if (lists.has(folder)) return lists.get(folder);
  const list = element("ul");
  const details = element("details", { open: open.has(folder) });
  details.append(element("summary", { textContent: `${folder.split("/").at(-1)}/` }), list);
  details.ontoggle = () => (details.open ? open.add(folder) : open.delete(folder));
  lists.set(folder, list);
  folderOf(lists, parent(folder)).append(element("li", {}, details));
  return list;
}

function drawTree() {
  const only = byId("changed-only").checked;
  const top = element("ul");
  const lists = new Map([["", top]]);
  const paths = Object.keys(files).filter((path) => !only || files[path]);
  if (only) for (const path of paths) for (const folder of parents(path)) open.add(folder);
  // Folders first, as in editors.
  const [deep, flat] = [paths.filter((path) => path.includes("/")), paths.filter((path) => !path.includes("/"))];
  for (const path of [...deep, ...flat]) folderOf(lists, parent(path)).append(fileButton(path));
  for (const details of top.querySelectorAll("details"))
    if (details.querySelector("button .state"))
      details.firstChild.append(" ", element("span", { className: "state changed", textContent: "changes" }));
  byId("tree").replaceChildren(top);
  mark();
}

function mark() {
  for (const button of byId("tree").querySelectorAll("button"))
    if (button.dataset.path === selected) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
}

async function showFile(path, view) {
  selected = path;
  mark();
  const text = await copier[view](path);
  byId("path").textContent = path;
  for (const name of ["text", "changes"]) byId(`show-${name}`).setAttribute("aria-pressed", String(name === view));
  byId("file").replaceChildren(
    view === "text" ? highlighted(path, text) : highlighted(path, text || "No changes by the last answer.", "diff"),
  );
}

const count = (state) => Object.values(files).filter((one) => one === state).length;

/** Show the files of a project; `cause` is what the last answer changed. */
export async function drawFiles(caller, rendered, cause) {
  [copier, files] = [caller, rendered];
  const total = Object.keys(files).length - count("removed");
  const numbers = ["added", "removed", "changed"].map((state) => `${count(state)} ${state}`).join(", ");
  byId("files-count").textContent = `${total} files`;
  byId("cause").textContent = cause ? `${cause}: ${numbers}` : "Change an answer to see which files it changes.";
  drawTree();
  await showFile(selected in files ? selected : "README.md", files[selected] ? "changes" : "text");
}

byId("changed-only").onchange = drawTree;
byId("show-text").onclick = () => showFile(selected, "text");
byId("show-changes").onclick = () => showFile(selected, "changes");
