// What the walks share: a browser, pages that complain of what was not meant, and a look at
// each state of the page.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const pictures = process.env.DESKAUTH_TEST_PICTURES; // a folder for one of each state
const axe = fileURLToPath(import.meta.resolve("axe-core/axe.min.js"));

export const devices = {
  "a desk, light": { viewport: { width: 1280, height: 800 }, colorScheme: "light" },
  "a phone, dark": { viewport: { width: 375, height: 812 }, colorScheme: "dark", isMobile: true, hasTouch: true },
};

export const launch = () => chromium.launch({
  executablePath: process.env.DESKAUTH_TEST_CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
  ],
});

// A Visit is a tab that nobody has used before. meant says which refusals may come.
export class Visit {
  static async begin(browser, url, device = {}, name = "") {
    const context = await browser.newContext({
      baseURL: url, locale: "en-GB", timezoneId: "UTC", reducedMotion: "reduce", ...device,
    });
    context.setDefaultTimeout(60_000); // many times what anything here takes
    await context.addInitScript({ path: axe });
    await context.addInitScript(() => addEventListener("securitypolicyviolation", (e) =>
      console.error(`the policy ${e.effectiveDirective} forbids ${e.blockedURI || e.sourceFile}`)));
    return new Visit(context, await context.newPage(), name);
  }

  constructor(context, page, name) {
    this.name = name;
    this.context = context;
    this.page = page;
    this.complaints = [];
    this.meant = new Map(); // "401 /page/lines": how many may still come
    page.on("pageerror", (error) => this.complaints.push(`an error: ${error.stack}`));
    page.on("requestfailed", (r) => {
      const failed = `${pathOf(r.url())} ${r.failure()?.errorText}`;
      const left = failed === "/page/icon.svg net::ERR_ABORTED"; // the page was left while it came
      if (!left) this.complaints.push(`failed: ${failed}`);
    });
    page.on("response", (r) => r.status() >= 400 && this.#refused(`${r.status()} ${pathOf(r.url())}`));
    page.on("console", (m) => {
      const ofStatus = m.text().startsWith("Failed to load resource: the server responded"); // seen as a response
      if (["error", "warning"].includes(m.type()) && !ofStatus) this.complaints.push(`on the console: ${m.text()}`);
    });
  }

  // refuses says that an answer is meant, once: its status, and how its path begins.
  refuses(answer) {
    this.meant.set(answer, (this.meant.get(answer) ?? 0) + 1);
  }

  #refused(answer) {
    for (const [meant, times] of this.meant) {
      if (times > 0 && answer.startsWith(meant)) {
        this.meant.set(meant, times - 1);
        return;
      }
    }
    this.complaints.push(`not meant: ${answer}`);
  }

  button(name) { return this.page.getByRole("button", { name, exact: true }); }
  link(name) { return this.page.getByRole("link", { name, exact: true }); }
  field(name) { return this.page.getByRole("textbox", { name, exact: true }); }
  heading(name) { return this.page.getByRole("heading", { name, exact: true, level: 1 }); }
  notice(text) { return this.page.locator("#notice", { hasText: text }); }

  async fill(fields) {
    for (const [name, value] of Object.entries(fields)) await this.field(name).fill(value);
  }

  // arrives wants a view with its heading, which has the focus.
  async arrives(name) {
    await this.heading(name).waitFor();
    const focused = await this.page.evaluate(() => document.activeElement?.textContent);
    assert.equal(focused, name, "the focus is not on the heading");
    assert.match(await this.page.title(), / · deskauth$/);
  }

  // look checks the state that the page is in: no scrolling to the side, one first heading,
  // nothing that axe finds, and no secret in sight or in the history.
  async look(state) {
    const [width, firsts] = await this.page.evaluate(() => [
      document.documentElement.scrollWidth, // and not innerWidth, which grows with it on a phone
      [...document.querySelectorAll("h1")].filter((h) => h.checkVisibility()).length,
    ]);
    const room = this.page.viewportSize().width;
    assert.ok(width <= room, `${state}: the page is ${width} px wide, in ${room}`);
    assert.equal(firsts, 1, `${state}: it has ${firsts} first headings`);
    const { violations } = await this.page.evaluate(() => window.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }));
    assert.deepEqual(violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => n.html).join(" ")}`), [], state);
    await this.keepsSecrets(state);
    if (pictures) await this.page.screenshot({ path: `${pictures}/${this.name} ${state}.png`, fullPage: true });
  }

  // keepsSecrets wants no token and no code in what can be read, nor in the history. It quotes
  // none.
  async keepsSecrets(state) {
    const cdp = await this.context.newCDPSession(this.page);
    const { entries } = await cdp.send("Page.getNavigationHistory");
    await cdp.detach();
    assert.ok(!entries.some(({ url }) => /[\w-]{60,}/.test(url)), `${state}: there is a code in the history`);
    const text = await this.page.evaluate(() => document.body.innerText + document.title + location.href);
    assert.ok(!/eyJ|[\w-]{60,}/.test(text), `${state}: there is a secret in sight`);
  }

  // mail opens the link of the newest mail that has one of this name.
  async mail(name) {
    await this.page.locator(".mail").getByRole("link", { name, exact: true }).first().click();
  }

  async end() {
    await this.context.close();
    assert.deepEqual(this.complaints, []);
    for (const [answer, times] of this.meant) assert.equal(times, 0, `an answer did not come: ${answer}`);
  }
}

const pathOf = (url) => new URL(url).pathname;

let made = 0;

// person returns fields for a sign-up: nobody has that address.
export function person(firstname) {
  made++;
  return {
    "First name": firstname, "Last name": "Lovelace", "E-mail": `${firstname.toLowerCase()}${made}@example.com`,
    "Password": "correct horse battery",
  };
}
