// The form: one fieldset for each group, one field for each question that Copier asks.
import { element } from "./elements.js";

const TYPING = 300; // Milliseconds without a key, until text is an answer.
const groups = new Map();
const fields = new Map();

function control({ name, kind, choices }, change) {
  if (kind === "confirm") {
    const box = element("input", { type: "checkbox" });
    box.onchange = () => change(name, box.checked);
    return box;
  }
  const input = element(choices.length ? "select" : "input");
  if (choices.length) input.onchange = () => change(name, input.value);
  else {
    Object.assign(input, { autocomplete: "off", spellcheck: false });
    input.oninput = () => change(name, input.value, TYPING);
  }
  return input;
}

function createField(question, change) {
  const { name, kind } = question;
  const [, label, hint] = question.help.match(/^(.*?)(?: \((.*)\))?$/s);
  const input = control(question, change);
  Object.assign(input, { id: name, name });
  input.setAttribute("aria-describedby", `${name}-hint ${name}-problem`);
  const title = element("label", { htmlFor: name, textContent: label });
  return element(
    "div",
    { className: `field ${kind}` },
    ...(kind === "confirm" ? [input, title] : [title, input]),
    element("p", { id: `${name}-hint`, className: "hint", textContent: hint ?? "" }),
    element("p", { id: `${name}-problem`, className: "problem", attributes: { "aria-live": "polite" } }),
  );
}

function fill(field, { name, kind, choices, value, problem }) {
  const input = field.querySelector("[name]");
  if (choices.length)
    input.replaceChildren(
      ...choices.map((one) =>
        element("option", {
          textContent: one.disabled ? `${one.title} (${one.disabled})` : one.title,
          value: one.value,
          disabled: Boolean(one.disabled),
        }),
      ),
    );
  if (kind === "confirm") input.checked = value;
  else if (input.value !== value) input.value = value;
  input.setAttribute("aria-invalid", String(Boolean(problem)));
  const shown = field.querySelector(".problem");
  if (shown.textContent !== problem) shown.textContent = problem;
}

function groupOf(form, title) {
  if (!groups.has(title)) groups.set(title, element("fieldset", {}, element("legend", { textContent: title })));
  const group = groups.get(title);
  if (!group.isConnected) form.append(group);
  return group;
}

/** Show the questions. Elements stay, so that the focus does. */
export function drawForm(form, asked, questions, change) {
  const places = new Map();
  for (const question of asked) {
    if (!fields.has(question.name)) fields.set(question.name, createField(question, change));
    const field = fields.get(question.name);
    const group = groupOf(form, questions[question.name].group);
    const place = (places.get(group) ?? 0) + 1; // The first child is the legend.
    places.set(group, place);
    if (group.children[place] !== field) group.insertBefore(field, group.children[place] ?? null);
    fill(field, question);
  }
  const names = new Set(asked.map(({ name }) => name));
  for (const [name, field] of fields) if (!names.has(name)) field.remove();
}
