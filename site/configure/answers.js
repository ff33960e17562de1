// Answers as a command and as a link.
const quoted = (value) => {
  const text = String(value);
  return /^[\w.@:/+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
};

/** The answers that differ from the defaults. */
export const chosen = (fields) =>
  Object.fromEntries(
    fields.filter(({ value, default: unset }) => value !== unset).map(({ name, value }) => [name, value]),
  );

export const folder = (fields) => fields.find(({ name }) => name === "project_slug")?.value || "my-service";

export const command = ({ url, commit }, fields) =>
  [
    `copier copy --defaults --vcs-ref ${commit}`,
    ...Object.entries(chosen(fields)).map(([name, value]) => `--data ${name}=${quoted(value)}`),
    url,
    quoted(folder(fields)),
  ].join(" ");

export function address(answers) {
  const page = location.href.split("#")[0];
  return Object.keys(answers).length ? `${page}#${encodeURIComponent(JSON.stringify(answers))}` : page;
}

/** Read the answers of a link; the second value is what was ignored, and why. */
export function answersOf(hash, questions) {
  if (hash.length < 2) return [{}, ""];
  let read;
  try {
    read = JSON.parse(decodeURIComponent(hash.slice(1)));
  } catch {
    return [{}, "The answers of this link can not be read. They were ignored."];
  }
  if (read === null || typeof read !== "object" || Array.isArray(read))
    return [{}, "This link has no answers to questions. It was ignored."];
  const fits = ([name, value]) =>
    Object.hasOwn(questions, name) && typeof value === (questions[name].kind === "bool" ? "boolean" : "string");
  const entries = Object.entries(read);
  const ignored = entries.filter((entry) => !fits(entry)).map(([name]) => name);
  return [
    Object.fromEntries(entries.filter(fits)),
    ignored.length ? `This link has answers that fit no question: ${ignored.join(", ")}. They were ignored.` : "",
  ];
}
