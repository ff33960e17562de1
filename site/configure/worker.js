// Copier in Python, in a thread of its own. Each message is a call of Configurator.
import { loadPyodide } from "./pyodide/pyodide.mjs";

const load = async (name) => {
  const response = await fetch(name);
  if (!response.ok) throw new Error(`${name}: ${response.status} ${response.statusText}`);
  return response;
};
const bytes = async (name) => new Uint8Array(await (await load(name)).arrayBuffer());

async function start() {
  const [python, packages, template, release] = await Promise.all([
    loadPyodide({ indexURL: new URL("pyodide/", import.meta.url).href }),
    bytes("packages.zip"),
    bytes("template.tar.gz"),
    load("form.json").then((response) => response.json()),
  ]);
  python.unpackArchive(packages, "zip", { extractDir: "/packages" });
  python.unpackArchive(template, "tar.gz", { extractDir: "/template" });
  python.runPython("import sys; sys.path.insert(0, '/packages')");
  python.pyimport("extensions.site.browser").prepare();
  const { Configurator } = python.pyimport("extensions.site.configurator");
  return Configurator("/template", "/project", release.url, release.commit);
}

const show = (form) => postMessage({ form: JSON.parse(form.json()) });
const configurator = start();

onmessage = async ({ data: { id, call, argument } }) => {
  try {
    const result = await (await configurator)[call](argument, ...(call === "update" ? [show] : []));
    postMessage({ id, result: result.toJs ? result.toJs() : result });
  } catch (error) {
    const lines = String(error.message ?? error).trim().split("\n");
    postMessage({ id, error: lines.at(-1) });
  }
};
