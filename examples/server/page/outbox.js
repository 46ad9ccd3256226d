import { call, Refusal } from "./api.js";
import { isDemo, paths } from "./config.js";
import { byID, el } from "./dom.js";
import { open } from "./views.js";

const texts = {
  password_reset: { title: "Forgotten password", link: "Choose a new password" },
  email_verification: { title: "Is this your address?", link: "Verify the address" },
  email_change: { title: "A new address", link: "Confirm the address" },
  password_changed: { title: "Your password was changed", note: "A notice. There is nothing to do." },
  email_changed: { title: "Your address was changed", note: "A notice to the old address." },
};

let seen = 0; // the number of the newest mail that is shown

// refresh shows the mails that the server has written.
export async function refresh() {
  if (!isDemo) return;
  let mails;
  try {
    ({ mails } = await call("GET", paths.outbox));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    byID("outbox-empty").textContent = error.message;
    return;
  }
  const fresh = mails.filter((mail) => mail.number > seen).length;
  if (fresh > 0) byID("outbox-news").textContent = `New in the outbox: ${fresh === 1 ? "a mail" : `${fresh} mails`}.`;
  byID("mails").replaceChildren(...mails.map((mail) => item(mail, mail.number > seen)));
  byID("outbox-empty").hidden = mails.length > 0;
  byID("outbox-count").textContent = mails.length || "";
  seen = Math.max(seen, ...mails.map((mail) => mail.number));
}

// lead takes the reader to the outbox, which is below the rest on a phone.
export function lead() {
  byID("outbox-title").scrollIntoView();
  byID("outbox-title").focus();
}

function item(mail, fresh) {
  const text = texts[mail.kind] ?? { title: mail.kind };
  const at = new Date(mail.sentAt);
  const node = el("li", { class: fresh ? "mail fresh" : "mail" },
    el("h3", {}, text.title),
    el("p", { class: "meta" }, "to ", el("span", { class: "to" }, mail.to), ", ",
      el("time", { datetime: at.toISOString() }, at.toLocaleTimeString(undefined, { timeStyle: "short" }))));
  node.append(mail.link ? linkOf(mail, text.link) : el("p", { class: "meta" }, text.note ?? ""));
  return node;
}

// linkOf is the mail's link. A click does what the page behind it would do, and puts no code
// into the address; another tab may still open it.
function linkOf(mail, text) {
  const link = el("a", { href: mail.link }, text);
  link.addEventListener("click", (event) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    open(link.hash);
  });
  return link;
}
