// The server is away, comes back, and ends sessions: the page says so, keeps what was typed, and recovers by itself.
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before } from "node:test";
import { accessible, everyView, give, logIn, startProducts, story } from "./harness.mjs";

let demo;
before(async () => {
  demo = await startProducts();
});
after(() => demo?.stop());

const account = () => `${demo.products.bloomreach.url}/console/main:acme`;
const acme = () => `${demo.products.blueconic.url}/console/acme`;

/** Whether the buttons of a selector do nothing, and say why. */
const wait = (page, css) =>
  page.until((css) => {
    const button = document.querySelector(css);
    return button?.ariaDisabled === "true" && button.title.startsWith("The server cannot be reached.");
  }, css);

story(
  "without the network the page says of what time it is, keeps what is typed, and recovers",
  async (browser) => {
    const page = await browser.page();
    await logIn(page, `${account()}/users/user:rita?why=campaigns/scenarios:publish`, "user:ada");
    await page.see("What would allow it");
    await page.press(".rc-person .rc-btn--primary");
    await page.fill("combobox", "Role", "surveys v");
    await page.until(() => document.querySelector("[role=option] span")?.innerText.startsWith("Surveys Viewer"));
    await page.press("[role=option]");
    await page.see("rolecall admin assign user:rita surveys-viewer");
    await page.raw.context().setOffline(true);
    await page.see("You see the state of");
    await wait(page, "dialog footer .rc-btn--primary");
    await page.see("The server cannot be reached. You can continue when it is back.");
    await accessible(page, "a form while the server is away");
    await page.shot("away-form");
    await page.evaluate(() => document.querySelector("dialog footer .rc-btn--primary").click());
    assert.equal(await page.evaluate(() => document.querySelector("dialog .rc-spin, dialog .rc-note--lose")), null);
    await page.raw.context().setOffline(false);
    await page.gone("You see the state of");
    await page.press("dialog footer .rc-btn--primary");
    await page.see("Surveys Viewer given to Rita Solberg.");
    await page.close();
  },
  "chromium",
);

story(
  "a page that was not loaded yet comes with the network, and drafts are checked again",
  async (browser) => {
    const page = await browser.page();
    await logIn(page, `${account()}/roles/editor/surveys-viewer`, "user:ada");
    await page.until(() => document.querySelector(".rc-tree input:not(:disabled)"));
    const toggle = (index) =>
      page.evaluate((index) => document.querySelectorAll(".rc-tree__row input")[index].click(), index);
    await toggle(0);
    await page.see("people gain");
    const gained = await page.texts(".rc-impact");
    await page.raw.context().setOffline(true);
    await page.see("You see the state of");
    await toggle(3);
    await page.until(() => document.querySelector(".rc-save__away"));
    await wait(page, ".rc-save .rc-btn--primary");
    // The engine of the page needs no server, and nothing says that the server refuses.
    await page.until((before) => document.querySelector(".rc-impact").innerText.trim() !== before, gained[0]);
    assert.equal(await page.evaluate(() => document.querySelector(".rc-note--lose")), null);
    await everyView(page, "away-draft");
    await page.press('.rc-tabs a[href$="/requests"]');
    await page.see("The server cannot be reached. Nothing is lost.");
    await page.raw.context().setOffline(false);
    await page.until(() => document.querySelector(".rc-requests, .rc-empty"));
    await page.gone("The server cannot be reached.");
    await page.close();
  },
  "chromium",
);

story("a server that is killed and started again", async (browser) => {
  const page = await browser.page();
  const product = demo.products.bloomreach;
  await logIn(page, `${account()}/roles`, "user:ada");
  await page.until(() => document.querySelector(".rc-live")?.innerText === "Live");
  const address = `${account()}/users/user:rita?why=campaigns%2Fscenarios%3Apublish&time=2027-03-01T09%3A00%3A00.000Z`;
  await page.goto(address);
  await page.see("--at main/acme/shop --time 2027-03-01T09:00:00.000Z");
  product.server.kill("SIGKILL");
  await once(product.server, "exit");
  await page.see("You see the state of");
  assert.ok((await page.texts(".rc-tag")).some((text) => text.startsWith("As of ")));
  // The answers stay, and the engine of the page gives others.
  await page.see("What would allow it");
  await everyView(page, "away");
  await product.start();
  // Sessions are in the memory of the server.
  await page.see("You are logged out");
  await page.see("The server has ended your session. Log in again to continue where you were.");
  await everyView(page, "ended");
  await page.click("button", "Log in again");
  await page.click("link", "Continue with the demonstration's people");
  // The provider still knows who it is, or asks.
  await page.until((address) => document.title === "Who are you?" || location.href === address, address);
  if ((await page.evaluate(() => document.title)) === "Who are you?") await page.press('button[value="user:ada"]');
  await page.until((address) => location.href === address, address);
  await page.see("What would allow it");
  await page.close();
});

story(
  "without the stream of changes, the page still follows them, and says that they are late",
  async (browser) => {
    const [page, admin] = [await browser.page(), await browser.page()];
    await page.raw.route("**/v1/stream", (route) => route.abort());
    await logIn(page, `${acme()}/users?search=sam`, "user:mara");
    await page.until(() => document.querySelector(".rc-live")?.innerText === "Connecting");
    await accessible(page, "a page without the stream");
    await logIn(admin, `${acme()}/users`, "user:mara");
    const held = { subject: "user:sam", role: "data-scientist", at: "acme" };
    assert.equal(await give(admin, { assign: held }), 200);
    await page.see("Data Scientist");
    await page.gone("You see the state of");
    await page.raw.unroute("**/v1/stream");
    await page.until(() => document.querySelector(".rc-live").innerText === "Live");
    await page.close();
    await admin.close();
  },
  "chromium",
);

story(
  "a session that the server ends says why",
  async (browser) => {
    const [page, admin] = [await browser.page(), await browser.page()];
    await logIn(admin, `${acme()}/users`, "user:mara");
    await logIn(page, `${acme()}/roles?list=news`, "user:rosa");
    await page.until(() => document.querySelector(".rc-roles"));
    assert.equal(await give(admin, { "suspend-subject": { subject: "user:rosa" } }), 200);
    await page.see("You are logged out");
    await page.see("Your account is suspended. Log in again");
    await page.click("button", "Log in again");
    await page.click("link", "Continue with the demonstration's people");
    await page.until(
      () => document.title === "Who are you?" || document.body.innerText.includes("Your account is suspended."),
    );
    if ((await page.evaluate(() => document.title)) === "Who are you?") await page.press('button[value="user:rosa"]');
    await page.see("The login was refused. Your account is suspended.");
    await accessible(page, "a login that is refused");
    // Such an address does not state the minutes of the timeout.
    await page.goto(`${acme()}/users?login_error=idle`);
    await page.see("The login was refused. The reason: idle");
    await page.close();
    await admin.close();
  },
  "chromium",
);

story(
  "a login in one page goes on in another page whose session ended",
  async (browser) => {
    const one = await browser.page();
    await logIn(one, `${acme()}/users`, "user:mara");
    const other = await one.another();
    await other.goto(`${acme()}/roles`);
    await other.until(() => document.querySelector(".rc-roles"));
    await other.evaluate(async () => {
      const { csrf } = await (await fetch("/v1/session")).json();
      const headers = { "content-type": "application/json", "rolecall-csrf": csrf };
      await fetch("/v1/session/logout", { method: "POST", headers, body: "{}" });
    });
    for (const page of [other, one]) {
      await page.raw.bringToFront();
      await page.see("You are logged out");
    }
    await one.click("button", "Log in again");
    await one.click("link", "Continue with the demonstration's people");
    await one.until(() => document.title === "Who are you?" || document.querySelector(".rc-users"));
    if ((await one.evaluate(() => document.title)) === "Who are you?") await one.press('button[value="user:mara"]');
    await one.until(() => document.querySelector(".rc-users"));
    await other.raw.bringToFront();
    await other.click("button", "Log in again");
    await other.until(() => document.querySelector(".rc-roles"));
    await other.gone("You are logged out");
    await other.close();
    await one.close();
  },
  "chromium",
);

story(
  "a session that nobody used for too long says after how many minutes it ended",
  async (browser) => {
    const [page, admin] = [await browser.page({ locale: "de-DE" }), await browser.page()];
    await logIn(admin, `${acme()}/users`, "user:mara");
    // The server states these times. Half an hour is too long for a story.
    await page.raw.route(/\/v1\/session(\/activity)?$/, async (route) => {
      const response = await route.fetch();
      const times = { last_activity: new Date(Date.now() - 1_800_000), valid_until: new Date() };
      await route.fulfill({ response, json: { ...(await response.json()), ...times } });
    });
    await page.goto(`${acme()}/users`);
    await page.press(".rc-door .rc-btn--primary");
    await page.until(() => document.title === "Who are you?");
    await page.press('button[value="user:tom"]');
    await page.until(() => document.querySelector(".rc-main"));
    assert.equal(await give(admin, { "suspend-subject": { subject: "user:tom" } }), 200);
    await page.see("Ihre Sitzung wurde nach 30 Minuten ohne Aktivität beendet.");
    await accessible(page, "a session that has ended");
    await page.close();
    await admin.close();
  },
  "chromium",
);
