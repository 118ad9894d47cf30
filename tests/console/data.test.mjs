// Personal data and time: who reads what in the product's page, support staff, and a button that disappears.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { give, logIn, startProducts, story } from "./harness.mjs";

let demo;
before(async () => {
  demo = await startProducts();
});
after(() => demo?.stop());

const PEOPLE = "the demonstration's people";

/** Logs in at the page of a product, and returns it. */
async function product(browser, name, person, provider = PEOPLE) {
  const page = await browser.page({ width: 900, height: 700 });
  await page.goto(demo.products[name].page);
  await page.click("link", `Log in with ${provider}`);
  await page.until(() => document.title === "Who are you?");
  await page.press(`button[value="${person}"]`);
  return page;
}

/** Returns the record that the page shows. */
async function record(page) {
  await page.see("pages are open to you");
  const fields = await page.evaluate(() =>
    [...document.querySelectorAll(".customer dl > div")].map((one) => [...one.children].map((part) => part.innerText)),
  );
  return Object.fromEntries(fields);
}

const READ = { segment: "Loyal customers", visits: "12", email: "kim@customer.example", phone: "+46 70 123 45 67" };
const WITHHELD = { ...READ, email: "withheld", phone: "withheld" };

story("a Digital Privacy Officer reads personal data, and others do not", async (browser) => {
  // The policy lets the Application Manager read it as well, who holds everything.
  const readers = { "user:dana": READ, "user:mara": READ };
  for (const person of ["user:dana", "user:mara", "user:cora", "user:sam", "user:tom", "user:ines", "user:rosa"]) {
    const page = await product(browser, "blueconic", person);
    assert.deepEqual(await record(page), readers[person] ?? WITHHELD, person);
    if (person === "user:dana") await page.shot("product-personal-data");
    await page.close();
  }
  const admin = await browser.page();
  await logIn(admin, `${demo.products.blueconic.url}/console/acme/users/reports?report=readers`, "user:mara");
  await admin.see("Dana Reyes");
  const named = await admin.texts("main tbody tr td:first-child");
  const names = ["Dana Reyes", "Mara Voss", "Max Adler"];
  for (const name of names)
    assert.ok(
      named.some((text) => text.includes(name)),
      name,
    );
  assert.equal(named.length, names.length);
  await admin.close();
});

story("the right to personal data is given, and the open page shows it", async (browser) => {
  const own = await product(browser, "blueconic", "user:sam");
  assert.deepEqual(await record(own), WITHHELD);
  const admin = await browser.page();
  await logIn(admin, `${demo.products.blueconic.url}/console/acme/users`, "user:mara");
  const held = { subject: "user:sam", role: "digital-privacy-officer", at: "acme" };
  assert.equal(await give(admin, { assign: held }), 200);
  await own.see(READ.email);
  assert.equal(await give(admin, { withdraw: held }), 200);
  await own.gone(READ.email);
  assert.deepEqual(await record(own), WITHHELD);
  await admin.close();
  await own.close();
});

story("support comes in by name, reads no personal data, and is out again at once", async (browser) => {
  const admin = await browser.page();
  await logIn(admin, `${demo.products.blueconic.url}/console/acme/support-access`, "user:mara");
  const door = await browser.page();
  await door.goto(demo.products.blueconic.page);
  await door.see(`Log in with ${PEOPLE}`);
  assert.ok(!(await door.texts(".door a")).some((text) => text.includes("vendor")));
  await door.close();
  await admin.press(".rc-choice:nth-child(3)");
  await admin.click("button", "Save changes");
  await admin.see("Support access is saved.");
  const own = await product(browser, "blueconic", "support:jo", "the vendor's account");
  assert.deepEqual(await record(own), WITHHELD);
  // Reads every page, and changes nothing.
  await own.until(() => document.querySelector('[data-item="profile-search"]'));
  assert.equal(await own.evaluate(() => document.querySelector(".customer button")), null);
  await own.shot("product-support");
  await admin.raw.bringToFront();
  await admin.until(() => document.querySelector(".rc-named")?.innerText.includes("jo"));
  await admin.evaluate(() =>
    [...document.querySelectorAll(".rc-named li")]
      .find((one) => one.innerText.includes("support:jo"))
      .querySelector("button")
      .click(),
  );
  await admin.until(() => document.querySelector("dialog[open] .rc-btn--destroy"));
  await admin.press("dialog .rc-btn--destroy");
  await own.raw.bringToFront();
  await own.see("The session has ended.");
  await own.shot("product-support-out");
  // The next story, in another browser, begins as this one did.
  const back = { "add-support": { subject: "support:jo", roles: [{ role: "blueconic-support", at: "acme" }] } };
  await give(admin, back);
  await give(admin, { "set-support": { at: "acme", access: "none" } });
  await admin.close();
  await own.close();
});

story("a temporary publisher's button and menu entry disappear at the second of the end", async (browser) => {
  const own = await product(browser, "bloomreach", "user:rita");
  await own.see("pages are open to you");
  const button = () => own.evaluate(() => document.querySelector(".customer button")?.innerText);
  assert.equal(await button(), undefined);
  const admin = await browser.page();
  await logIn(admin, `${demo.products.bloomreach.url}/console/main:acme/users`, "user:ada");
  const until = new Date(Math.ceil(Date.now() / 1000) * 1000 + 6_000);
  const held = { subject: "user:rita", role: "email-campaigns-publisher", at: "main/acme/shop" };
  assert.equal(await give(admin, { assign: { ...held, until: until.toISOString() } }), 200);
  await own.raw.bringToFront();
  await own.until(() => document.querySelector(".customer button"));
  assert.equal(await button(), "Publish the campaign");
  await own.until(() => document.querySelector('[data-item="email-campaigns"]'));
  await own.shot("product-publisher");
  await own.until(() => document.querySelector(".customer button") === null);
  await own.until(() => document.querySelector('[data-item="email-campaigns"]') === null);
  const late = Date.now() - until.getTime();
  assert.ok(late > -200 && late < 2_000, `the button disappeared ${late} ms after the end`);
  await admin.close();
  await own.close();
});
