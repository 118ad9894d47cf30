// The parts in a page of a product that is not the console: React, the product's own head, colours and addresses.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { everyView, startProducts, story } from "./harness.mjs";

let demo;
before(async () => {
  demo = await startProducts();
});
after(() => demo?.stop());

/** Logs in at the product's page, and opens its page with the parts. */
async function open(browser, product, person) {
  const page = await browser.page();
  const { page: url } = demo.products[product];
  await page.goto(url);
  await page.click("link", "Log in with the demonstration's people");
  await page.until(() => document.title === "Who are you?");
  await page.press(`button[value="${person}"]`);
  await page.see("pages are open to you");
  await page.goto(`${url}/access.html`);
  await page.until(() => document.querySelector(".product-head nav a"));
  return page;
}

/** Goes to a part by its link, and waits for its heading. */
async function part(page, link, css) {
  await page.click("link", link);
  await page.until((css) => document.querySelector(css), css);
}

story("a product shows people, roles, requests and the log in its own page", async (browser, kind) => {
  const page = await open(browser, "bloomreach", "user:ada");
  await page.until(() => document.querySelector(".rc-users tr[data-index]"));
  // The colours and the shape are those of the product.
  const look = await page.evaluate(() => {
    const { backgroundColor, borderRadius } = getComputedStyle(document.querySelector("main .rc-btn--primary"));
    return { backgroundColor, borderRadius, head: getComputedStyle(document.querySelector("h1")).fontFamily };
  });
  assert.deepEqual([look.backgroundColor, look.borderRadius], ["rgb(11, 110, 95)", "11px"]);
  assert.match(look.head, /Georgia/);
  if (kind === "chromium") await everyView(page, "embedded-users");
  await page.click("button", "Add a role to Aldo Ferri");
  await page.fill("combobox", "Role", "surveys v");
  await page.until(() => document.querySelector("[role=option] span")?.innerText.startsWith("Surveys Viewer"));
  await page.press("[role=option]");
  await page.see("rolecall admin assign user:aldo-ferri surveys-viewer");
  await page.press("dialog footer .rc-btn--primary");
  await page.see("Surveys Viewer given to Aldo Ferri.");

  await part(page, "Roles", ".rc-tree__row");
  await page.press('.rc-roles__list a[href^="#roles/editor/campaign-lead"]');
  await page.until(() => location.hash.startsWith("#roles/editor/campaign-lead"));
  await page.until(() => document.querySelector("#rc-role")?.innerText.includes("Campaign lead"));
  if (kind === "chromium") await everyView(page, "embedded-roles");

  await part(page, "Requests", ".rc-requests tbody tr");
  await page.see("Consent texts were attached to the wrong customers.");
  if (kind === "chromium") await everyView(page, "embedded-requests");

  await part(page, "History", ".rc-ev");
  await page.see("Chain intact");
  if (kind === "chromium") await everyView(page, "embedded-audit");
  // The browser went from part to part within one document.
  await page.evaluate(() => history.back());
  await page.until(() => document.querySelector(".rc-requests"));
  assert.deepEqual(
    page.errors.filter((text) => !/Failed to load resource/.test(text)),
    [],
  );
  await page.close();
});

story("a product's page shows the parts that its user may see", async (browser) => {
  const page = await open(browser, "blueconic", "user:rosa");
  await page.until(() => document.querySelector(".rc-tree"));
  assert.deepEqual(await page.texts(".product-head nav a"), ["Roles"]);
  await page.see("You may view this role, but not change it.");
  await page.close();
});
