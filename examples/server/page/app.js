import * as account from "./account.js";
import { call, Refusal } from "./api.js";
import { isDemo, paths } from "./config.js";
import { byID } from "./dom.js";
import { afterEach, clear, onClick, onSubmit, revealable } from "./forms.js";
import * as outbox from "./outbox.js";
import * as session from "./session.js";
import * as views from "./views.js";

const sessionEnded = "Your session has ended. Sign in again.";

let resetCode = ""; // of the mail whose link was opened; it stays in memory

const form = (view) => byID(view)?.querySelector("form");

// Forms are there as far as the server's options let them.
function on(view, action) {
  if (form(view)) onSubmit(form(view), action);
}

on("signin", async (fields) => {
  const { token } = await call("POST", paths.signin, { body: fields });
  await account.enter(token, "You are signed in.");
});

on("signup", async (fields) => {
  await call("POST", paths.signup, { body: fields });
  await signInAfter(fields, "Your account is made, and you are signed in.");
});

on("guest", async (fields) => {
  const { token } = await call("POST", paths.guest, { body: fields });
  await account.enter(token, "You are a guest. Write a line, and sign up later: it stays yours.");
});

on("custom", async (fields) => {
  const signed = await call("POST", paths.sign, { body: fields });
  const { token } = await call("POST", paths.custom, { token: signed.token });
  await account.enter(token, "The custom token was good: here is a session.");
});

on("upgrade", async (fields) => {
  const guest = account.who();
  const { user } = await call("POST", paths.signup, { body: fields, token: session.token() });
  session.forget(); // the guest's sessions have ended
  await signInAfter(fields, user._id === guest.userID
    ? "You are an agent now. The account’s ID stayed, and so did your lines."
    : "You have another account now.");
});

on("forgot", async (fields) => {
  const { message } = await call("PUT", paths.forgot, { body: fields });
  views.say(`${message}.`);
});

on("resetpassword", async (fields) => {
  if (!resetCode) throw new Refusal(0, "Open the link of the mail again: a reload forgets its code.");
  const { message } = await call("PUT", paths.reset(resetCode), { body: fields });
  resetCode = "";
  await account.refresh();
  views.go(account.who() ? "me" : "signin", `${message}. Sign in with it.`);
});

on("password", async (fields) => {
  const { message } = await call("PUT", paths.password, { body: fields, token: session.token() });
  await account.refresh();
  views.go("me", `${message}. Every other session has ended.`);
});

onSubmit(byID("write"), ({ line }) => account.write(line));

onClick(byID("signout"), async () => {
  await call("POST", paths.signout, { token: session.token() });
  account.leave("You are signed out here. Other sessions go on.");
});

onClick(byID("signout-everywhere"), async () => {
  await call("POST", paths.everywhere, { token: session.token() });
  account.leave("You are signed out everywhere.");
});

onClick(account.resend, async () => {
  const { message } = await call("GET", paths.resend, { token: session.token() });
  views.say(`${message}.`);
});

// signInAfter signs in with what somebody has just signed up with. A server that wants the
// address verified first refuses that, and says so.
async function signInAfter({ email, password }, text) {
  try {
    const { token } = await call("POST", paths.signin, { body: { email, password } });
    await account.enter(token, text);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    account.leave(`Your account is made. ${error.message}`);
  }
}

// openMail does what the link of a mail is for.
async function openMail({ name, id, code }) {
  if (name === "resetpassword") {
    resetCode = code;
    clear(form("resetpassword"));
    await call("GET", paths.checkReset(code)).catch(({ message }) => {
      views.go("forgot", `${message}. Ask for a new mail.`, "bad");
    });
    return;
  }
  const result = byID("opened-result");
  result.textContent = "Asking the server…";
  try {
    const answer = await call("PUT", name === "verify" ? paths.verify(id, code) : paths.changeEmail(code));
    result.textContent = `${(answer.user ?? answer).email} is verified.`;
    await account.refresh();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    result.textContent = error.message;
  }
  views.say(result.textContent);
  outbox.refresh();
}

// A 401 may be about a password or a code. Whether the session is over too, /me knows.
afterEach(async (refusal) => {
  await outbox.refresh();
  if (refusal?.status === 401 && !(await account.refresh())) account.leave(sessionEnded, "bad");
});

if (isDemo) {
  onClick(byID("outbox-refresh"), async () => {}); // afterEach asks
  onClick(byID("to-outbox"), async () => outbox.lead());
}
addEventListener("focus", () => outbox.refresh());
revealable(document.querySelectorAll("input[type=password]"));

// A page that comes back brings its token, as Tiledesk's widget does, and gets a fresh one
// in the second half of its life.
async function resume() {
  if (!session.token()) return "";
  try {
    const { token } = await call("POST", paths.custom, { token: session.token() });
    session.keep(token);
    await account.refresh();
    return "";
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.status !== 401) return error.message;
    session.forget();
    return sessionEnded;
  }
}

views.takeMail(); // before anything that may take long or fail
const trouble = await resume();
account.render();
views.start(openMail);
if (trouble) views.say(trouble, "bad");
outbox.refresh();
