export const byID = (id) => document.getElementById(id);

// el makes an element. What stands in it is text or other elements, and never HTML.
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// facts lists names and values. A value is text, an element, or a list of both.
export function facts(list, pairs) {
  list.replaceChildren(...pairs.map(([name, value]) =>
    el("div", {}, el("dt", {}, name), el("dd", {}, ...[value].flat()))));
}

// time shows an instant in the words of the reader's place.
export function time(date) {
  const text = date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  return el("time", { datetime: date.toISOString() }, text);
}
