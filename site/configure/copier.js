// Calls of Copier, which runs in worker.js; `onform` receives the questions.
export function startCopier(onform, onfail) {
  const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
  const calls = new Map();
  let last = 0;
  worker.onmessage = ({ data: { id, form, result, error } }) => {
    if (form) return onform(form);
    const [resolve, reject] = calls.get(id);
    calls.delete(id);
    if (error === undefined) resolve(result);
    else reject(new Error(error));
  };
  worker.onerror = (event) => onfail(event.message || "the worker did not start");
  const call = (name, argument) =>
    new Promise((resolve, reject) => {
      calls.set(++last, [resolve, reject]);
      worker.postMessage({ id: last, call: name, argument });
    });
  return {
    update: async (answers) => JSON.parse(await call("update", JSON.stringify(answers))),
    text: (path) => call("text", path),
    changes: (path) => call("changes", path),
    archive: (folder) => call("archive", folder),
  };
}
