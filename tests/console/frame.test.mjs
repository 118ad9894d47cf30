// Login, tabs by permission, the menu of a second window, language and theme, in both browsers.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { accessible, everyView, give, logIn, startProducts, story } from "./harness.mjs";

let demo;
before(async () => {
  demo = await startProducts();
});
after(() => demo?.stop());

const TABS = ".rc-tabs li";

story("a login returns to the page that was asked for", async (browser) => {
  const page = await browser.page();
  const { url } = demo.products.blueconic;
  await page.goto(`${url}/console/acme/roles?q=news`);
  await page.see("Continue with the demonstration's people");
  await everyView(page, "login");
  await logIn(page, `${url}/console/acme/roles?q=news`, "user:mara");
  await page.until(() => document.querySelector("h1")?.innerText === "Roles");
  assert.equal(page.url(), `${url}/console/acme/roles?q=news`);
  await page.until(() => document.title === "Roles · BlueConic");
  await page.see("Mara Voss");
  await page.close();
});

story("tabs are those of the product and of the user's roles", async (browser) => {
  const page = await browser.page();
  const { console: address, url } = demo.products.blueconic;
  await logIn(page, address, "user:mara");
  await page.until((css) => document.querySelectorAll(css).length > 3, TABS);
  // The policy of this product has neither groups nor requests.
  const all = [
    "Users",
    "Roles",
    "Applications",
    "Single sign-on",
    "IP addresses",
    "Support access",
    "Timeout",
    "Audit",
  ];
  assert.deepEqual(await page.texts(TABS), all);
  await everyView(page, "frame");
  await page.goto(`${url}/console/acme/groups`);
  await page.see("has no Groups");
  await accessible(page, "a tab that the product does not have");
  await page.close();
});

story("someone who sees only roles gets the entry with that name", async (browser) => {
  const page = await browser.page();
  const { console: address, url } = demo.products.blueconic;
  await logIn(page, address, "user:rosa");
  await page.until(() => location.pathname.endsWith("/roles"));
  await page.see("Roles");
  assert.deepEqual(await page.texts(".rc-tabs__title"), ["Roles"]);
  assert.deepEqual(await page.texts(TABS), []);
  await page.goto(`${url}/console/acme/single-sign-on`);
  await page.see("You may not see Single sign-on");
  await page.see("settings/access-management/users/single-sign-on:view");
  await everyView(page, "hidden-tab");
  await page.click("link", "Go to Roles");
  await page.until(() => location.pathname.endsWith("/roles"));
  await page.close();
});

story("someone without a part of access management sees why", async (browser) => {
  const page = await browser.page();
  await logIn(page, demo.products.blueconic.console, "user:sam");
  await page.see("You have no access here");
  await everyView(page, "no-access");
  // Another tenant is not named, and not confirmed to exist.
  for (const scope of ["northlight", "nowhere"]) {
    await page.goto(`${demo.products.blueconic.console}${scope}/users`);
    await page.see(`${scope} is not a place that you can open`);
  }
  await page.close();
});

story("a change in the console reaches the product's menu without loading it again", async (browser) => {
  const { page: product, url } = demo.products.blueconic;
  const [admin, own] = [await browser.page(), await browser.page({ width: 800, height: 700 })];
  await own.goto(product);
  await own.click("link", "Log in with the demonstration's people");
  await own.until(() => document.title === "Who are you?");
  await own.press('button[value="user:sam"]');
  await own.see("pages are open to you");
  await own.evaluate(() => (window.sameDocument = true));
  const has = () => own.texts('[data-item="audit"], [data-item="segments"], [data-item="profile-search"]');
  assert.deepEqual(await has(), ["Segments"]);
  await logIn(admin, `${url}/console/acme/users`, "user:mara");
  await admin.until(() => document.querySelector("h1"));
  const held = { subject: "user:sam", role: "digital-privacy-officer", at: "acme" };
  assert.equal(await give(admin, { assign: held }), 200);
  await own.until(() => document.querySelector('[data-item="profile-search"]'));
  assert.equal(await own.evaluate(() => window.sameDocument), true);
  await own.shot("product");
  assert.equal(await give(admin, { withdraw: held }), 200);
  await own.until(() => !document.querySelector('[data-item="profile-search"]'));
  await admin.close();
  await own.close();
});

story("a role at another scope opens it without loading the page again", async (browser) => {
  const [admin, own] = [await browser.page(), await browser.page()];
  const { url } = demo.products.bloomreach;
  await logIn(admin, `${url}/console/main:acme/users`, "user:ada");
  await logIn(own, `${url}/console/main:acme:shop/users`, "user:pia");
  await own.until((css) => document.querySelectorAll(css).length > 1, TABS);
  const canChoose = (wanted) =>
    own.until((is) => (document.querySelector(".rc-tenant[aria-haspopup]:has(b)") !== null) === is, wanted);
  await canChoose(false);
  const held = { subject: "user:pia", role: "project-admin", at: "main/acme/blog" };
  assert.equal(await give(admin, { assign: held }), 200);
  // A page that nobody sees asks nothing.
  await own.raw.bringToFront();
  await canChoose(true);
  assert.equal(await give(admin, { withdraw: held }), 200);
  await canChoose(false);
  await admin.close();
  await own.close();
});

story("language and theme are remembered", async (browser) => {
  const page = await browser.page();
  await logIn(page, demo.products.bloomreach.console, "user:ada");
  await page.until((css) => document.querySelectorAll(css).length > 3, TABS);
  await page.click("button", "Account: Ada Berglund");
  await page.click("menuitemradio", "Deutsch");
  await page.see("Zugriffsverwaltung");
  assert.equal(await page.evaluate(() => document.documentElement.lang), "de");
  await page.click("button", "Darstellung");
  await page.click("menuitemradio", "Dunkel");
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
  await page.goto(page.url());
  await page.see("Zugriffsverwaltung");
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
  await page.shot("german");
  await page.close();
});

story("keys reach everything: skip link, tabs, menus", async (browser) => {
  const page = await browser.page();
  await logIn(page, demo.products.bloomreach.console, "user:ada");
  await page.until((css) => document.querySelectorAll(css).length > 3, TABS);
  const focused = () => page.evaluate(() => document.activeElement?.innerText?.trim() || document.activeElement?.id);
  await page.key("Tab");
  assert.equal(await focused(), "Skip to the content");
  await page.key("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
  await page.evaluate(() => document.querySelector("button[aria-haspopup=menu]").focus());
  await page.key("ArrowDown");
  await page.until(() => document.activeElement?.getAttribute("role") === "menuitemradio");
  await accessible(page, "an open menu");
  await page.shot("menu");
  await page.key("Escape");
  await page.until(() => document.activeElement?.getAttribute("aria-haspopup") === "menu");
  await page.close();
});
