// Pages in Chromium, with a clock that a test moves.

import path from "node:path";
import { chromium } from "playwright-core";

const ARGUMENTS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts Chromium without network requests of its own. */
export const launch = () => chromium.launch({ executablePath: process.env.ROLECALL_CHROMIUM, args: ARGUMENTS });

/** Opens an address at a time, as a user. Returns the page, and its errors and warnings. */
export async function open(browser, address, { time, user }) {
  const context = await browser.newContext({ viewport: { width: 800, height: 300 } });
  if (user !== undefined) await context.addCookies([{ name: "user", value: user, url: new URL(address).origin }]);
  const page = await context.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  await page.route("**/favicon.ico", (route) => route.fulfill({ status: 204 }));
  await page.clock.install({ time });
  await page.goto(address);
  return { page, complaints };
}

export const links = (page) => page.$$eval("nav a", (links) => links.map((link) => link.textContent));

/** Waits until the menu has some entries. */
export function shows(page, wanted) {
  const isShown = (wanted) => [...document.querySelectorAll("nav a")].map((link) => link.textContent).join() === wanted;
  return page.waitForFunction(isShown, wanted.join(), { polling: 50, timeout: 20_000 });
}

/** Saves what a page looks like. */
export const picture = (page, name) =>
  page.screenshot({ path: path.join(process.env.ROLECALL_SHOTS ?? "out", `frontend-${name}.png`) });
