// A short way to create elements.
export function element(tag, properties = {}, ...children) {
  const { attributes = {}, ...rest } = properties;
  const created = Object.assign(document.createElement(tag), rest);
  for (const [name, value] of Object.entries(attributes)) created.setAttribute(name, value);
  created.append(...children);
  return created;
}

export const byId = (id) => document.getElementById(id);
