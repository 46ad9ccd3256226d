import { byID } from "./dom.js";

// The address names a view, as in #/signin. The link of a mail has a code behind that. It is
// taken out of the address at once, so that no history keeps it.
const ofMails = {
  resetpassword: /^#\/resetpassword\/(?<code>[\w-]+)$/,
  verify: /^#\/verify\/email\/(?<id>[^/]+)\/(?<code>[\w-]+)$/,
  changeemail: /^#\/changeemail\/(?<code>[\w-]+)$/,
};

let kind = ""; // of the account that is signed in, if any
let next = null; // what the next view has to say
let first = true;
let mail = null; // what the link of a mail says that the page was opened with
let onMail = () => {};

// takeMail takes the code of a mail out of the address. start follows the link.
export function takeMail() {
  mail = ofMail(location.hash);
  if (mail) history.replaceState(null, "", `#/${viewOf(mail)}`);
}

// start shows the view of the address, now and when it changes. opened is called with what
// the link of a mail says.
export function start(opened) {
  onMail = opened;
  addEventListener("hashchange", () => {
    if (location.hash.startsWith("#/")) show();
  });
  show();
}

// signedIn says whose views are to be shown: an account's by its kind, or nobody's.
export function signedIn(as) {
  kind = as;
  byID("out-tabs").hidden = Boolean(kind);
  byID("in-tabs").hidden = !kind;
  for (const tab of document.querySelectorAll(".tabs [data-when]")) tab.hidden = !isFor(tab);
}

// go leads to a view, which says a text first.
export function go(view, text = "", tone = "good") {
  next = { text, tone };
  if (location.hash === `#/${view}`) show();
  else location.hash = `#/${view}`;
}

// open follows the link of a mail without putting it into the address.
export function open(link) {
  const opened = ofMail(link);
  if (!opened) return;
  onMail(opened);
  go(viewOf(opened));
}

// say tells a text above the view.
export function say(text, tone = "good") {
  const notice = byID("notice");
  notice.textContent = text;
  notice.dataset.tone = tone;
}

function show() {
  const opened = mail ?? ofMail(location.hash);
  mail = null;
  let view = opened ? viewOf(opened) : location.hash.slice(2);
  const section = [...document.querySelectorAll("main > section")].find(({ id }) => id === view);
  if (!section || !isFor(section)) view = kind ? "me" : "signin";
  if (location.hash !== `#/${view}`) history.replaceState(null, "", `#/${view}`);
  if (opened) onMail(opened);
  for (const section of document.querySelectorAll("main > section")) section.hidden = section.id !== view;
  for (const tab of document.querySelectorAll(".tabs a")) {
    if (tab.hash === `#/${view}`) tab.ariaCurrent = "page";
    else tab.removeAttribute("aria-current");
  }
  document.title = `${byID(view).dataset.title} · deskauth`;
  say(next?.text ?? "", next?.tone);
  if (!first || opened) byID(view).querySelector("h1").focus();
  next = null;
  first = false;
}

const viewOf = (opened) => (opened.name === "resetpassword" ? "resetpassword" : "opened");

// isFor reports whether a view or a tab is for who is signed in: its data-when is any, out,
// in, or a kind of account.
function isFor({ dataset }) {
  return ["any", kind ? "in" : "out", kind].includes(dataset.when);
}

function ofMail(link) {
  for (const [name, pattern] of Object.entries(ofMails)) {
    const match = pattern.exec(link);
    if (match) return { name, ...match.groups };
  }
  return null;
}
