// Highlighted text of a file, by highlight.js.
import hljs from "./highlight/core.min.js";
import bash from "./highlight/languages/bash.min.js";
import diff from "./highlight/languages/diff.min.js";
import dockerfile from "./highlight/languages/dockerfile.min.js";
import ini from "./highlight/languages/ini.min.js";
import json from "./highlight/languages/json.min.js";
import makefile from "./highlight/languages/makefile.min.js";
import markdown from "./highlight/languages/markdown.min.js";
import python from "./highlight/languages/python.min.js";
import yaml from "./highlight/languages/yaml.min.js";

const LANGUAGES = { bash, diff, dockerfile, ini, json, makefile, markdown, python, yaml };
for (const [name, language] of Object.entries(LANGUAGES)) hljs.registerLanguage(name, language);

const KINDS = [
  [/\.(py|pyi|mako)$/, "python"],
  [/\.(ya?ml)$|\.secrets\.baseline$/, "yaml"],
  [/\.(toml|ini|cfg|env|example|editorconfig)$/, "ini"],
  [/\.(json|code-workspace)$/, "json"],
  [/\.md$/, "markdown"],
  [/(^|\/)Makefile|\.mk$/, "makefile"],
  [/(^|\/)Dockerfile/, "dockerfile"],
  [/\.(sh|bash)$/, "bash"],
];

export function highlighted(path, text, language = KINDS.find(([kind]) => kind.test(path))?.[1]) {
  const code = document.createElement("code");
  if (language) code.innerHTML = hljs.highlight(text, { language }).value;
  else code.textContent = text;
  return code;
}
