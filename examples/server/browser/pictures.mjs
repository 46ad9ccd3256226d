// Makes the pictures of README.md, of a server that nobody has used yet:
//   go run ./examples/server
//   npm run pictures --prefix examples/server/browser
// The font is Inter, of Debian's package fonts-inter.
import { fileURLToPath } from "node:url";
import { devices, launch, Visit } from "./harness.mjs";

const url = process.env.DESKAUTH_TEST_PAGE ?? "http://127.0.0.1:8080";
const folder = fileURLToPath(new URL("../../../docs/images/", import.meta.url));

// asGuest comes in as a guest and writes a line.
async function asGuest(visit, line) {
  await visit.page.goto("/");
  await visit.link("Guest").click();
  await visit.fill({ "First name optional": "Ada" });
  await visit.button("Come in as a guest").click();
  await visit.fill({ "Write a line": line });
  await visit.button("Keep the line").click();
  await visit.page.locator("#lines", { hasText: line }).waitFor();
}

// take makes a picture of what is in sight, with the focus on no control.
async function take(visit, name) {
  await visit.page.mouse.move(0, 0);
  await visit.page.evaluate(() => {
    document.activeElement.blur();
    scrollTo(0, 0);
  });
  await visit.keepsSecrets(name);
  await visit.page.screenshot({ path: `${folder}${name}.png` });
  await visit.end();
}

const browser = await launch();
const desk = await Visit.begin(browser, url, { ...devices["a desk, light"], viewport: { width: 1120, height: 604 } });
await asGuest(desk, "Does the desk come with a lamp?");
await desk.link("Sign up").click();
await desk.fill({
  "First name": "Ada", "Last name": "Lovelace", "E-mail": "ada@example.com", "Password": "correct horse battery",
});
await desk.button("Sign up").click();
await desk.notice("The account’s ID stayed").waitFor();
await desk.page.locator(".mail").waitFor();
await take(desk, "page-light");

const phone = await Visit.begin(browser, url, { ...devices["a phone, dark"], deviceScaleFactor: 2 });
await asGuest(phone, "Is anybody at the desk?");
await take(phone, "page-phone-dark");
await browser.close();
