// Renders one project with the site's files, without a browser: SITE ANSWERS ZIP.
// Prints the questions and the refusals of Copier.
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [site, answers, zip] = process.argv.slice(2);
const bytes = (name) => new Uint8Array(readFileSync(`${site}/${name}`));
const { loadPyodide } = await import(pathToFileURL(`${site}/pyodide/pyodide.mjs`));

const python = await loadPyodide();
python.unpackArchive(bytes("packages.zip"), "zip", { extractDir: "/packages" });
python.unpackArchive(bytes("template.tar.gz"), "tar.gz", { extractDir: "/template" });
python.runPython("import sys; sys.path.insert(0, '/packages')");
python.pyimport("extensions.site.browser").prepare();
const { Configurator } = python.pyimport("extensions.site.configurator");
const { url, commit } = JSON.parse(readFileSync(`${site}/form.json`));
const configurator = Configurator("/template", "/project", url, commit);

const forms = [];
const update = (text) => configurator.update(text, (form) => forms.push(JSON.parse(form.json())));
for (const one of ["{}", '{"database": "oracle", "project_name": "My Service "}', answers]) update(one);
writeFileSync(zip, configurator.archive("project").toJs());
const problems = forms[1].filter(({ problem }) => problem).map(({ name, problem }) => [name, problem]);
console.log(JSON.stringify({ fields: forms[0], problems }));
