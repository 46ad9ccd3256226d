import { call } from "./api.js";
import { paths } from "./config.js";
import { byID, el, facts, time } from "./dom.js";
import * as session from "./session.js";
import { showToken } from "./token.js";
import * as views from "./views.js";

const kinds = { user: "agent", guest: "guest", userexternal: "user of another system" };

export const resend = byID("resend"); // it stands in the row of the address, while that is not verified
resend.remove();

let account = null; // what /me says

export const who = () => account;

// refresh asks who is signed in, and shows it. It forgets a token that is no longer good, and
// reports whether it has kept it. Nothing but a 401 says that a session is over.
export async function refresh() {
  const had = Boolean(session.token());
  try {
    account = had ? await call("GET", paths.me, { token: session.token() }) : null;
    if (account) showLines(await call("GET", paths.lines, { token: session.token() }));
  } catch (error) {
    if (error.status !== 401) throw error;
    session.forget();
    account = null;
  }
  render();
  return !had || account !== null;
}

// enter begins a session.
export async function enter(token, text) {
  session.keep(token);
  await refresh();
  views.go("me", text);
}

// leave ends it here. The server has heard of it, or has said so.
export function leave(text, tone) {
  session.forget();
  account = null;
  render();
  views.go("signin", text, tone);
}

// write keeps a line.
export async function write(line) {
  showLines(await call("POST", paths.lines, { token: session.token(), body: { line } }));
  byID("kept").textContent = `Kept: ${line}`;
}

function showLines({ lines }) {
  byID("lines").replaceChildren(...lines.map((line) => el("li", {}, line)));
  byID("lines").hidden = lines.length === 0;
}

export function render() {
  views.signedIn(account?.kind ?? "");
  byID("chip").replaceChildren(...account
    ? [nameOf(account), el("span", { class: "quiet" }, ` · ${kinds[account.kind]}`)] : ["Signed out"]);
  byID("chip").classList.toggle("in", account !== null);
  showToken(session.token());
  if (!account) {
    facts(byID("facts"), []);
    showLines({ lines: [] });
    byID("kept").textContent = "";
    return;
  }
  byID("hello").textContent = `Hello, ${account.firstName || "you"}`;
  byID("kind").textContent = sentence(account);
  byID("line-hint").textContent = account.kind === "guest"
    ? "The server keeps it under the ID of your account. Sign up, and it stays yours."
    : "The server keeps it under the ID of your account.";
  byID("password-email").value = account.email;
  facts(byID("facts"), rows(account));
}

function nameOf(a) {
  return [a.firstName, a.lastName].filter(Boolean).join(" ") || a.email || a.externalID;
}

function sentence(a) {
  if (a.kind === "user") return "You are an agent.";
  if (a.kind === "guest") return `You are a guest of the project ${a.projectID}.`;
  return `You are a user of another system, which signs for the project ${a.projectID}.`;
}

function rows(a) {
  const code = (text) => el("code", {}, text);
  const tag = a.emailVerified ? { class: "tag good" } : { class: "tag" };
  const mark = el("span", tag, a.emailVerified ? "verified" : "not verified");
  return [
    ["Account ID", code(a.userID)],
    a.externalID && ["ID in the other system", code(a.externalID)],
    a.kind === "user" && ["E-mail", [a.email, " ", mark, ...(a.emailVerified ? [] : [" ", resend])]],
    ["Session ID", code(a.sessionID)],
    ["Signed in", time(new Date(a.authTime))],
    ["Token expires", time(new Date(a.expiresAt))],
  ].filter(Boolean);
}
