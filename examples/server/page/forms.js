import { Refusal } from "./api.js";
import { el } from "./dom.js";
import { say } from "./views.js";

let settle = async () => {};

// afterEach sets what happens after each action, with its refusal if there was one.
export function afterEach(f) {
  settle = f;
}

// onSubmit lets a form act with its fields, once at a time, and shows what the server
// refuses. The fields are emptied when it has succeeded.
export function onSubmit(form, action) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    once(form, async () => {
      clear(form);
      say("");
      await action(Object.fromEntries(new FormData(form)));
      form.reset();
    }, (refusal) => show(form, refusal));
  });
}

// onClick lets a button act, once at a time. What the server refuses is said above.
export function onClick(button, action) {
  button.addEventListener("click", () => once(button, action, (refusal) => say(refusal.message, "bad")));
}

async function once(node, action, refused) {
  if (node.ariaBusy === "true") return;
  node.ariaBusy = "true";
  let refusal;
  try {
    await action();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    refusal = error;
  } finally {
    node.ariaBusy = "false";
  }
  await settle(refusal);
  if (refusal) refused(refusal);
}

// show says what is wrong: beside the fields if the answer names them, else above the form.
// The focus goes there, to the first field from above.
function show(form, refusal) {
  for (const { param, msg } of refusal.fields) mark(form.elements[param], msg);
  const marked = form.querySelector("[aria-invalid]");
  if (marked) {
    marked.focus();
    return;
  }
  const named = refusal.fields.map(({ param, msg }) => `${param} ${msg}.`).join(" ");
  const error = el("p", { class: "error", tabindex: "-1" }, named || refusal.message);
  form.prepend(error);
  error.focus();
}

function mark(input, msg) {
  if (!input?.labels?.length) return;
  const id = `${input.id}-error`;
  const field = input.closest(".field");
  field.append(el("p", { class: "error", id }, `${field.querySelector("label").firstChild.data.trim()} ${msg}.`));
  input.ariaInvalid = "true";
  input.setAttribute("aria-describedby", [input.getAttribute("aria-describedby"), id].filter(Boolean).join(" "));
}

export function clear(form) {
  for (const error of form.querySelectorAll(".error")) error.remove();
  for (const input of form.querySelectorAll("[aria-invalid]")) {
    input.removeAttribute("aria-invalid");
    const rest = (input.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id !== `${input.id}-error`);
    if (rest.join("")) input.setAttribute("aria-describedby", rest.join(" "));
    else input.removeAttribute("aria-describedby");
  }
}

// revealable puts a button into each field of a password, which shows what is typed.
export function revealable(inputs) {
  for (const input of inputs) {
    const button = el("button", { type: "button", class: "reveal", "aria-label": "Show password" }, "Show");
    button.ariaPressed = "false";
    const set = (shown) => {
      input.type = shown ? "text" : "password";
      button.ariaPressed = String(shown);
    };
    button.addEventListener("click", () => set(input.type === "password"));
    input.form.addEventListener("submit", () => set(false));
    const wrap = el("div", { class: "secret" });
    input.replaceWith(wrap);
    wrap.append(input, button);
  }
}
