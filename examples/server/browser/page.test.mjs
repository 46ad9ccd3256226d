// The walks of a person through the page, in a real browser against a real server. browser_test.go
// starts both; by hand:
//   DESKAUTH_TEST_PAGE=http://127.0.0.1:8080 DESKAUTH_TEST_CHROMIUM=/usr/bin/chromium node --test page.test.mjs
// DESKAUTH_TEST_PICTURES=folder keeps a picture of each state that is looked at.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { devices, launch, person, Visit } from "./harness.mjs";

const demo = process.env.DESKAUTH_TEST_PAGE;
const given = process.env.DESKAUTH_TEST_PAGE_GIVEN; // no demo: two projects, and only verified addresses sign in

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

// walk is a test in a tab of its own, which must end without complaints.
function walk(name, device, url, steps) {
  test(name, { skip: url === undefined && "there is no such server" }, async () => {
    const visit = await Visit.begin(browser, url, device, name);
    await visit.page.goto("/");
    await steps(visit);
    await visit.end();
  });
}

async function signUp(visit, who) {
  await visit.link("Sign up").click();
  await visit.arrives("Sign up");
  await visit.fill(who);
  await visit.button("Sign up").click();
  await visit.notice("Your account is made").waitFor();
  await visit.arrives(`Hello, ${who["First name"]}`);
}

async function signIn(visit, who) {
  await visit.link("Sign in").click();
  await visit.fill({ "E-mail": who["E-mail"], "Password": who.Password });
  await visit.button("Sign in").click();
}

const accountID = (visit) => visit.page.locator("#facts code").first().textContent();

for (const [name, device] of Object.entries(devices)) {
  walk(`${name}: sign up, verify, change the password, sign out`, device, demo, async (visit) => {
    const ada = person("Ada");
    await visit.look("the first view");
    await signUp(visit, ada);
    await visit.look("signed in");
    await visit.page.getByText("not verified").waitFor();
    await visit.mail("Verify the address");
    await visit.arrives("A link from a mail");
    await visit.page.locator("#opened-result", { hasText: "is verified" }).waitFor();
    await visit.look("verified");
    await visit.link("You").click();
    await visit.page.locator(".tag.good", { hasText: "verified" }).waitFor();

    await visit.link("Token").click();
    await visit.arrives("Your token");
    await visit.page.locator("#token-claims", { hasText: ada["E-mail"] }).waitFor();
    await visit.look("claims");

    await visit.link("Password").click();
    await visit.arrives("Change the password");
    visit.refuses("401 /v1/users/changepsw");
    await visit.fill({ "Current password": "not that one", "New password": "a longer and better one" });
    await visit.button("Change it").click();
    await visit.page.getByText("Current password is invalid.").waitFor();
    await visit.look("a wrong password");
    await visit.fill({ "Current password": ada.Password });
    await visit.button("Change it").click();
    await visit.notice("Password change successful").waitFor();
    await visit.page.locator(".mail", { hasText: ada["E-mail"] }).getByText("Your password was changed").waitFor();

    await visit.page.reload();
    await visit.heading("Hello, Ada").waitFor();
    await visit.button("Sign out here").click();
    await visit.arrives("Sign in");
    await visit.notice("You are signed out here").waitFor();
    visit.refuses("401 /v1/auth/signin");
    await signIn(visit, ada);
    await visit.page.getByText("Authentication failed. Wrong email or password.").waitFor();
    await visit.look("refused");
    await signIn(visit, { ...ada, Password: "a longer and better one" });
    await visit.arrives("Hello, Ada");
  });

  walk(`${name}: forget the password`, device, demo, async (visit) => {
    const ada = person("Grace");
    await signUp(visit, ada);
    await visit.button("Sign out here").click();
    await visit.link("Forgot your password?").first().click();
    await visit.arrives("Forgotten password");
    await visit.fill({ "E-mail": ada["E-mail"] });
    await visit.button("Send the mail").click();
    await visit.notice("An email has been sent").waitFor();
    await visit.look("a mail is sent");
    await visit.mail("Choose a new password");
    await visit.arrives("Choose a new password");
    visit.refuses("422 /v1/auth/resetpsw/");
    await visit.fill({ "New password": "short" });
    await visit.button("Set the password").click();
    await visit.page.locator("#reset-password-error").waitFor();
    assert.equal(await visit.page.evaluate(() => document.activeElement.id), "reset-password");
    await visit.look("too short");
    await visit.fill({ "New password": "one that she remembers" });
    await visit.button("Set the password").click();
    await visit.notice("Password change successful").waitFor();
    await signIn(visit, { ...ada, Password: "one that she remembers" });
    await visit.arrives("Hello, Grace");

    // The link works once, also when it comes from elsewhere into the address.
    const link = await visit.page.locator(".mail").getByRole("link", { name: "Choose a new password" }).first()
      .getAttribute("href");
    visit.refuses("404 /v1/auth/checkpswresetkey/");
    await visit.page.goto(link);
    await visit.notice("Invalid password reset key").waitFor();
    await visit.look("a link used twice");
  });

  walk(`${name}: be a guest, write, and keep it`, device, demo, async (visit) => {
    await visit.link("Guest").click();
    await visit.arrives("Be a guest");
    await visit.look("the way of guests");
    await visit.fill({ "First name optional": "Guest" });
    await visit.button("Come in as a guest").click();
    await visit.arrives("Hello, Guest");
    const id = await accountID(visit);
    visit.refuses("422 /page/lines");
    await visit.button("Keep the line").click();
    await visit.page.getByText("Write a line of 1 to 280 characters.").waitFor();
    await visit.fill({ "Write a line": "I was here <b>first</b>." });
    await visit.button("Keep the line").click();
    await visit.page.locator("#lines", { hasText: "I was here <b>first</b>." }).waitFor();
    await visit.look("a guest who has written");

    await visit.link("Sign up").click();
    await visit.arrives("Sign up, and keep what you wrote");
    await visit.fill(person("Edith"));
    await visit.button("Sign up").click();
    await visit.notice("The account’s ID stayed").waitFor();
    await visit.arrives("Hello, Edith");
    assert.equal(await accountID(visit), id, "the ID has changed");
    await visit.page.locator("#lines", { hasText: "I was here <b>first</b>." }).waitFor();
    await visit.look("a guest who has signed up");
  });

  walk(`${name}: come in with a custom token`, device, demo, async (visit) => {
    await visit.link("Custom token").click();
    await visit.arrives("Custom token");
    await visit.look("the way of other systems");
    await visit.fill({ "Name in the other system": "Andrea" });
    await visit.button("Sign a token and come in").click();
    await visit.arrives("Hello, Andrea");
    await visit.link("Token").click();
    await visit.page.locator("#token-claims", { hasText: "userexternal" }).waitFor();
    await visit.look("claims of an external user");
  });
}

walk("two tabs: one signs out everywhere, and the other is told", {}, demo, async (visit) => {
  const ada = person("Mary");
  await signUp(visit, ada);
  const other = await Visit.begin(browser, demo);
  await other.page.goto("/");
  await signIn(other, ada);
  await other.arrives("Hello, Mary");
  await visit.button("Sign out everywhere").click();
  await visit.notice("You are signed out everywhere.").waitFor();
  other.refuses("401 /page/lines");
  other.refuses("401 /v1/auth/me");
  await other.fill({ "Write a line": "Still here?" });
  await other.button("Keep the line").click();
  await other.notice("Your session has ended. Sign in again.").waitFor();
  await other.arrives("Sign in");
  await other.end();
});

walk("a server that is no demo", {}, given, async (visit) => {
  const { page } = visit;
  await visit.look("no demo");
  for (const part of ["#mails", "#to-outbox", "#custom", "[href='#/custom']"]) {
    assert.equal(await page.locator(part).count(), 0, `it has ${part}`);
  }
  await visit.link("Guest").click();
  await page.getByRole("combobox", { name: "Project" }).selectOption("desk");
  await visit.button("Come in as a guest").click();
  await page.getByText("You are a guest of the project desk.").waitFor();
  await visit.look("a guest without a demo");
  await visit.button("Sign out here").click();
  await visit.arrives("Sign in");

  await visit.link("Sign up").click();
  visit.refuses("403 /v1/auth/signin");
  await visit.fill(person("Emmy"));
  await visit.button("Sign up").click();
  await visit.notice("Your account is made. Verify your e-mail address first.").waitFor();
  await visit.arrives("Sign in");
});

walk("sign up without a mouse", {}, demo, async (visit) => {
  const { page } = visit;
  const focused = () => page.evaluate(() => {
    const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
    return { text: document.activeElement.textContent.trim(), ring: `${outlineStyle} ${outlineWidth}` };
  });
  const press = async (...keys) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  await press("Tab");
  assert.deepEqual(await focused(), { text: "Skip to the content", ring: "solid 3px" });
  await press("Enter", "Tab", "Tab");
  assert.deepEqual(await focused(), { text: "Sign up", ring: "solid 3px" });
  await press("Enter");
  await visit.arrives("Sign up");
  visit.refuses("422 /v1/auth/signup");
  await press("Tab", "Enter"); // everything is missing
  await page.locator("#signup-email-error").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), "signup-firstname");
  await visit.look("every field is missing");
  await visit.heading("Sign up").focus();
  for (const text of ["Joan", "Clarke", "joan@example.com", "short"]) {
    await press("Tab");
    await page.keyboard.type(text);
  }
  visit.refuses("422 /v1/auth/signup");
  await press("Enter");
  await page.locator("#signup-password-error").waitFor();
  const bad = await page.evaluate(() => document.activeElement.id);
  assert.equal(bad, "signup-password", "the focus is not on the bad field");
  await page.keyboard.type("er than it should be");
  await press("Tab", "Space"); // Show
  assert.equal(await page.locator("#signup .reveal").getAttribute("aria-pressed"), "true");
  await press("Shift+Tab", "Enter");
  await visit.arrives("Hello, Joan");
});

walk("a link of a mail that comes from elsewhere", {}, demo, async (visit) => {
  const forged = "x".repeat(126);
  visit.refuses("404 /v1/auth/checkpswresetkey/");
  await visit.page.goto(`/#/resetpassword/${forged}`);
  await visit.arrives("Forgotten password");
  visit.refuses("401 /v1/auth/verifyemail/");
  await visit.page.goto(`/#/verify/email/somebody/${forged}`);
  await visit.page.getByText("the verification code is expired or invalid").first().waitFor();
  visit.refuses("404 /v1/auth/changeemail/");
  await visit.page.goto(`/#/changeemail/${forged}`);
  await visit.page.getByText("Invalid email change key").first().waitFor();
  await visit.look("a forged link");
  await visit.page.goBack();
  await visit.look("back in the history");
});
