// Helpers of the stories: the demonstration's servers, two browsers, login, checks of accessibility, and screenshots.
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { start } from "../../examples/console/servers.mjs";

const require = createRequire(process.env.ROLECALL_CONSOLE_PACKAGES ?? import.meta.url);
const { ROLECALL_BIN: bin } = process.env;
/** The folder of the screenshots, which are in `console`. */
export const SHOTS = process.env.ROLECALL_SHOTS ?? path.join(tmpdir(), "rolecall-shots");
export const AXE = require.resolve("axe-core/axe.min.js");

/** Starts both products with seeded stores, and the identity provider. */
export async function startProducts(options = {}) {
  const { warn, info } = console;
  // The provider warns about its development settings, which suit a test.
  Object.assign(console, { warn() {}, info() {} });
  const { Provider } = await import(pathToFileURL(require.resolve("oidc-provider")));
  const folder = mkdtempSync(path.join(tmpdir(), "rolecall-console-"));
  const products = await start({
    bin,
    folder,
    site: process.env.ROLECALL_SITE,
    dist: process.env.ROLECALL_CONSOLE_DIST,
    Provider,
    ...options,
  });
  Object.assign(console, { warn, info });
  return products;
}

const ARGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The interface of a browser in a story, the same for both browsers. */
const BROWSERS = {
  async chromium() {
    const { chromium } = require("playwright-core");
    const browser = await chromium.launch({
      executablePath: process.env.ROLECALL_CHROMIUM ?? "/usr/bin/chromium",
      args: ARGS,
    });
    return {
      name: "chromium",
      async page({ width = 1440, height = 900, scheme = "light", locale = "en-US" } = {}) {
        const context = await browser.newContext({
          viewport: { width, height },
          colorScheme: scheme,
          locale,
          reducedMotion: "reduce",
        });
        return new Page(await context.newPage(), "chromium", () => context.close());
      },
      close: () => browser.close(),
    };
  },
  async firefox() {
    const puppeteer = require("puppeteer-core");
    const browser = await puppeteer.launch({
      browser: "firefox",
      executablePath: process.env.ROLECALL_FIREFOX ?? "/usr/bin/firefox-esr",
      headless: true,
      extraPrefsFirefox: { "intl.accept_languages": "en-US", "ui.prefersReducedMotion": 1 },
    });
    return {
      name: "firefox",
      async page({ width = 1440, height = 900 } = {}) {
        const context = await browser.createBrowserContext();
        const page = await context.newPage();
        await page.setViewport({ width, height });
        return new Page(page, "firefox", () => context.close());
      },
      close: () => browser.close(),
    };
  },
};

/** Starts a browser by its name. */
export const launch = (name) => BROWSERS[name]();

/** The browsers that run the stories. */
const KINDS = (process.env.ROLECALL_BROWSERS ?? "chromium firefox").split(" ");

/** Runs a story in each browser, with its name. `only` limits it to one of them, where it changes the stores. */
export function story(name, run, only) {
  for (const kind of KINDS.filter((kind) => only === undefined || kind === only)) {
    test(`${name} (${kind})`, async () => {
      const browser = await launch(kind);
      try {
        await run(browser, kind);
      } finally {
        await browser.close();
      }
    });
  }
}

/** How long a story waits for what it expects. */
const PATIENCE = 30_000;

/** A page of either browser, in words that both have. Elements are found by role and name, as people find them. */
export class Page {
  constructor(raw, kind, close) {
    Object.assign(this, { raw, kind, close, errors: [] });
    raw.setDefaultTimeout(PATIENCE);
    raw.on("pageerror", (error) => this.errors.push(String(error)));
    raw.on("console", (message) => {
      if (message.type() === "error") this.errors.push(message.text());
    });
  }

  /** Returns the selector of an element with a role and a name; `name` can be a part of it in Chromium only. */
  selector(role, name) {
    const text = JSON.stringify(name);
    if (this.kind === "chromium") return `role=${role}[name=${text}]`;
    return `::-p-aria([name=${text}][role="${role}"])`;
  }

  /** Opens another page with the same session. */
  async another() {
    const context = this.kind === "chromium" ? this.raw.context() : this.raw.browserContext();
    const raw = await context.newPage();
    return new Page(raw, this.kind, () => raw.close());
  }

  back() {
    return this.evaluate(() => history.back());
  }

  goto(url) {
    return this.raw.goto(url);
  }

  url() {
    return this.raw.url();
  }

  click(role, name) {
    return this.raw.locator(this.selector(role, name)).click();
  }

  /** Clicks the first element of a selector of style sheets. */
  press(css) {
    return this.kind === "chromium" ? this.raw.locator(css).first().click() : this.raw.locator(css).click();
  }

  async fill(role, name, text) {
    await this.raw.locator(this.selector(role, name)).fill(text);
  }

  key(name) {
    return this.raw.keyboard.press(name);
  }

  evaluate(run, ...args) {
    return this.raw.evaluate(run, ...args);
  }

  /** Waits until a function in the page returns something. */
  async until(run, arg) {
    if (this.kind === "chromium") return this.raw.waitForFunction(run, arg);
    return this.raw.waitForFunction(run, {}, arg);
  }

  /** Waits until the page shows a text. */
  async see(text) {
    try {
      await this.until((wanted) => document.body?.innerText.includes(wanted), text);
    } catch {
      const shown = await this.evaluate(() => document.body?.innerText);
      throw new Error(`the page does not show “${text}” at ${this.url()}:\n${shown}\n${this.errors.join("\n")}`);
    }
  }

  /** Waits until the page does not show a text. */
  gone(text) {
    return this.until((unwanted) => !document.body.innerText.includes(unwanted), text);
  }

  texts(css) {
    return this.evaluate((css) => [...document.querySelectorAll(css)].map((element) => element.innerText.trim()), css);
  }

  async size(width, height) {
    if (this.kind === "chromium") await this.raw.setViewportSize({ width, height });
    else await this.raw.setViewport({ width, height });
  }

  /** Takes a screenshot for the contact sheet. */
  async shot(name) {
    mkdirSync(path.join(SHOTS, "console"), { recursive: true });
    const file = path.join(SHOTS, "console", `${name}-${this.kind}.png`);
    await this.raw.screenshot({ path: file });
    return file;
  }

  /** Checks the page with axe-core. Returns what it finds. */
  async axe() {
    // The policy of the page forbids inline scripts; the browser's own interface evaluates this one.
    const { readFileSync } = await import("node:fs");
    await this.evaluate(`${readFileSync(AXE, "utf8")};undefined`);
    const found = await this.evaluate(async () => {
      const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"] });
      return violations.map(({ id, help, nodes }) => ({
        id,
        help,
        nodes: nodes.slice(0, 3).map(({ target, failureSummary }) => `${target.join(" ")}: ${failureSummary}`),
      }));
    });
    return found;
  }
}

/** Logs a person in: chooses the provider of the console, then the person at the provider. */
export async function logIn(page, url, id, provider = "the demonstration's people") {
  await page.goto(url);
  await page.click("link", `Continue with ${provider}`);
  await page.until(() => document.title === "Who are you?");
  await page.press(`button[value="${id}"]`);
  await page.until((start) => location.href.startsWith(start), new URL(url).origin);
}

/** Waits until the focus is on something that has a text, or fails: it is never lost to the page as a whole. */
export async function focused(page, text) {
  const words = () => {
    const element = document.activeElement;
    return element === document.body ? "nothing" : (element.getAttribute("aria-label") ?? element.innerText).trim();
  };
  try {
    await page.until((text) => {
      const element = document.activeElement;
      return element !== document.body && (element.getAttribute("aria-label") ?? element.innerText).trim() === text;
    }, text);
  } catch {
    throw new Error(`“${await page.evaluate(words)}” has the focus, and not “${text}”`);
  }
}

/** Gives a command as the user of a page, without the console. Returns the status of the answer. */
export const give = (page, command) =>
  page.evaluate(async (command) => {
    const { csrf } = await (await fetch("/v1/session")).json();
    const headers = { "content-type": "application/json", "rolecall-csrf": csrf };
    const body = JSON.stringify({ command });
    return (await fetch("/v1/administration/commands", { method: "POST", headers, body })).status;
  }, command);

/** Fails with the findings of axe-core, if there are any. */
export async function accessible(page, what) {
  const found = await page.axe();
  if (found.length > 0) throw new Error(`${what}: ${JSON.stringify(found, null, 1)}`);
}

/** Shows every width and theme of a page, checks each, and takes a screenshot of each. */
export async function everyView(page, name, { widths = [390, 1440], themes = ["light", "dark"] } = {}) {
  for (const width of widths) {
    await page.size(width, width < 768 ? 844 : 900);
    for (const theme of themes) {
      await page.evaluate((theme) => (document.documentElement.dataset.theme = theme), theme);
      const wide = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      if (wide > 0) throw new Error(`${name}: the page is ${wide} pixels wider than the window at ${width}`);
      await accessible(page, `${name} at ${width}, ${theme}`);
      await page.shot(`${name}-${width}-${theme}`);
    }
  }
  await page.evaluate(() => delete document.documentElement.dataset.theme);
  await page.size(1440, 900);
}

/** Writes a page with all screenshots. */
export function contactSheet(files) {
  const figures = files.map(
    (file) =>
      `<figure><a href="${file}"><img src="${file}" loading="lazy" alt=""></a><figcaption>${file}</figcaption></figure>`,
  );
  const page = `<!doctype html><meta charset="utf-8"><title>Screenshots of the console</title><style>body{font:13px system-ui;display:grid;grid-template-columns:repeat(auto-fill,minmax(22rem,1fr));gap:1rem;padding:1rem;background:#ddd}figure{margin:0}img{width:100%;border:1px solid #999;background:#fff}</style>${figures.join("\n")}`;
  writeFileSync(path.join(SHOTS, "console", "index.html"), page);
}
