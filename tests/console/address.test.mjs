// The address is the state: each view has a link that shows it again, and the back button returns to the view before.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { logIn, startProducts, story } from "./harness.mjs";

let demo;
before(async () => {
  demo = await startProducts();
});
after(() => demo?.stop());

/** Returns the visible state of a page: the open dialog or the content without times, and the values of fields. */
const view = (page) =>
  page.evaluate(() => {
    const shown = document.querySelector("dialog[open]") ?? document.getElementById("main") ?? document.body;
    const fields = [...shown.querySelectorAll("input, select, textarea")];
    const values = fields.map((field) => (field.type === "checkbox" ? field.checked : field.value));
    return JSON.stringify([shown.innerText.replace(/\d+ (seconds?|minutes?) ago|now/g, ""), values]);
  });

/** Waits until a page shows what was seen before. */
async function same(page, wanted, what) {
  const end = Date.now() + 8_000;
  let shown = "";
  while (Date.now() < end) {
    if ((shown = await view(page)) === wanted) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  assert.equal(shown, wanted, what);
}

/** Waits until a page has stopped changing. */
async function rest(page) {
  let last = "";
  for (let count = 0; count < 3;) {
    await new Promise((done) => setTimeout(done, 100));
    const now = (await view(page)) + (await page.url());
    const isBusy = await page.evaluate(() => document.querySelector("main [aria-busy=true]") !== null);
    count = now === last && !isBusy ? count + 1 : 0;
    last = now;
  }
}

/** Chooses a value of a filter. */
async function filter(page, name, value) {
  await page.click("button", name);
  await page.click("checkbox", value);
}

/** The first row of people that is in the window. */
const firstSeen = () => {
  const links = [...document.querySelectorAll(".rc-users tr[data-index] td a")];
  return links.find((link) => link.getBoundingClientRect().top > 150);
};

/** The views: where each begins, and the step that shows it. Steps are entries of the history, unless they are typed. */
const STEPS = [
  ["users", "a search", (page) => page.fill("textbox", "Search people", "rita"), "typed"],
  ["users", "a filter", (page) => filter(page, "Kind", "Groups")],
  ["users", "another order", (page) => page.press(".rc-sort")],
  ["users?search=rita", "an open row", (page) => page.click("button", "Roles of Rita Solberg")],
  ["users", "an invitation", (page) => page.click("button", "Invite people")],
  ["users", "an import", (page) => page.click("button", "Import")],
  ["users?search=rita", "the form for a role", (page) => page.click("button", "Add a role to Rita Solberg")],
  ["users/timeline", "a window of time", (page) => page.click("button", "30 days")],
  ["users/timeline", "permanent roles", (page) => page.click("checkbox", "Only roles with an end or a later start")],
  ["users/reports", "a report", (page) => page.click("button", "Who may read personal data")],
  ["users/user:rita", "all functions", (page) => page.click("checkbox", "Also show what Rita Solberg may not do")],
  ["users/user:rita", "a function", (page) => page.fill("textbox", "Search functions", "consent"), "typed"],
  ["roles", "a search of roles", (page) => page.fill("textbox", "Search roles", "viewer"), "typed"],
  [
    "roles/editor/surveys-viewer",
    "a search of permissions",
    (page) => page.fill("textbox", "Search permissions", "survey"),
    "typed",
  ],
  [
    "roles/editor/surveys-viewer",
    "permissions that are set",
    (page) => page.press('[aria-label="Show"] button:nth-of-type(2)'),
  ],
  ["roles/editor/surveys-viewer", "open branches", (page) => page.press(".rc-tree__bar > .rc-btn"), "typed"],
  ["roles/editor/surveys-viewer", "a comparison", (page) => page.click("button", "Compare")],
  ["roles", "a new role", (page) => page.click("button", "New role")],
  ["roles/matrix", "another matrix", (page) => page.click("button", "People × roles")],
  ["roles/matrix", "columns of a matrix", (page) => page.press(".rc-mx__bar .rc-check input")],
  ["roles/inheritance", "a list of roles", (page) => page.click("button", "List")],
  ["roles/matrix", "functions of a matrix", (page) => filter(page, "Action", "Publish")],
  ["roles/inheritance", "a comparison", (page) => page.press(".rc-why .rc-panel__foot button")],
  ["groups", "a group", (page) => page.press(".rc-table tbody button")],
  ["groups", "a new group", (page) => page.click("button", "New group")],
  ["applications", "a search", (page) => page.fill("textbox", "Find an application", "crm"), "typed"],
  ["applications", "an application", (page) => page.press(".rc-table tbody button")],
  ["applications", "suspended applications", (page) => filter(page, "Status", "Suspended")],
  ["support-access", "the form for support", (page) => page.press("main [aria-expanded=false]:not([aria-haspopup])")],
  ["requests", "decided requests", (page) => filter(page, "State", "Denied")],
  ["requests", "a request", (page) => page.click("button", "Ask for access")],
  ["audit", "events of a kind", (page) => filter(page, "Kind of object", "Role")],
  ["audit", "an event", (page) => page.press(".rc-ev li:nth-child(2) a")],
];

const tabOf = ([start]) => start.split(/[/?]/)[0];
// The other product has no application, and no support.
const inBlueConic = new Set(["applications", "support-access"]);
for (const tab of new Set(STEPS.map(tabOf))) {
  story(
    `each view of ${tab} has a link, and back returns to the one before`,
    async (browser) => {
      const own = await browser.page();
      const { blueconic, bloomreach } = demo.products;
      const isOther = inBlueConic.has(tab);
      const at = isOther ? `${blueconic.url}/console/acme` : `${bloomreach.url}/console/main:acme`;
      await logIn(own, `${at}/${tab}`, isOther ? "user:mara" : "user:ada");
      await own.until(() => document.querySelector(".rc-main"));
      for (const [start, what, step, kind] of STEPS.filter((step) => tabOf(step) === tab)) {
        const page = await own.another();
        await page.goto(`${at}/${start}`);
        await rest(page);
        const [first, begun] = [page.url(), await view(page)];
        const length = await page.evaluate(() => history.length);
        await step(page);
        await page.until((first) => location.href !== first, first);
        await rest(page);
        const [address, shown] = [page.url(), await view(page)];
        assert.notEqual(shown, begun, `${what} is not to be seen`);
        const other = await own.another();
        await other.goto(address);
        await same(other, shown, `the link of ${what}: ${address}`);
        await other.close();
        const grown = (await page.evaluate(() => history.length)) - length;
        assert.equal(grown, kind === "typed" ? 0 : 1, `${what}: entries of the history`);
        if (kind !== "typed") {
          await page.back();
          await same(page, begun, `back from ${what}`);
          assert.equal(page.url(), first);
        }
        await page.close();
      }
      await own.close();
    },
    "chromium",
  );
}

story("another page begins at its top, and back returns to the place", async (browser) => {
  const page = await browser.page();
  await logIn(page, `${demo.products.bloomreach.url}/console/main:acme/users`, "user:ada");
  await page.until(() => document.querySelectorAll(".rc-users tr[data-index]").length > 9);
  await page.evaluate(() => scrollTo(0, 600));
  await page.until(() => scrollY > 400);
  const place = await page.evaluate(() => scrollY);
  await page.evaluate(`(${firstSeen})().focus(); document.activeElement.click()`);
  await page.until(() => document.querySelector(".rc-person"));
  assert.deepEqual(await page.evaluate(() => [scrollY, document.activeElement.id]), [0, "main"]);
  await page.back();
  await page.until((place) => document.querySelector(".rc-users") && Math.abs(scrollY - place) < 60, place);
  await page.close();
});

story("a link to an event shows it, however old it is", async (browser) => {
  const page = await browser.page();
  const audit = `${demo.products.bloomreach.url}/console/main:acme/audit`;
  await logIn(page, audit, "user:ada");
  await page.until(() => document.querySelector(".rc-ev"));
  const first = await page.evaluate(async () => {
    const { events } = await (await fetch("/v1/administration/events?at=main/acme&after=0&limit=1")).json();
    return events[0].event.seq;
  });
  await page.goto(`${audit}/${first}?count=20`);
  await page.until((n) => document.getElementById("rc-event")?.innerText.endsWith(` ${n}`), first);
  const links = await page.evaluate(() => [...document.querySelectorAll(".rc-ev a")].map(({ pathname }) => pathname));
  assert.deepEqual([links.length, links.some((path) => path.endsWith(`/audit/${first}`))], [20, false]);
  await page.close();
});

story("a closed dialog goes back, and does not open again", async (browser) => {
  const page = await browser.page();
  const at = `${demo.products.bloomreach.url}/console/main:acme`;
  await logIn(page, `${at}/audit`, "user:ada");
  await page.press('.rc-tabs a[href$="/users"]');
  await page.until(() => document.querySelector(".rc-users"));
  await page.click("button", "Invite people");
  await page.until(() => document.querySelector("dialog[open]"));
  await page.key("Escape");
  await page.until((address) => location.href === address && document.querySelector("dialog") === null, `${at}/users`);
  await page.back();
  await page.until((address) => location.href === address, `${at}/audit`);
  // A link has no page before it in the console.
  await page.goto(`${at}/users?dialog=invite&search=rita`);
  await page.until(() => document.querySelector("dialog[open]"));
  await page.key("Escape");
  await page.until((address) => location.href === address, `${at}/users?search=rita`);
  // Others write an address in another way than the console.
  await page.goto(`${at}/users?search=rita%20s`);
  const length = await page.evaluate(() => history.length);
  await page.click("button", "Invite people");
  await page.until(() => document.querySelector("dialog[open]"));
  await page.key("Escape");
  await page.until((address) => location.href === address, `${at}/users?search=rita%20s`);
  assert.equal(await page.evaluate(() => history.length), length + 1);
  await page.close();
});

story(
  "a search keeps letters that are typed while the address follows",
  async (browser) => {
    const page = await browser.page();
    const at = `${demo.products.bloomreach.url}/console/main:acme`;
    await logIn(page, `${at}/users`, "user:ada");
    for (const [tab, label] of [
      ["users", "Search people"],
      ["roles", "Search roles"],
    ]) {
      await page.goto(`${at}/${tab}`);
      await page.until((label) => document.querySelector(`input[aria-label="${label}"]`), label);
      await page.evaluate((label) => {
        const field = document.querySelector(`input[aria-label="${label}"]`);
        const { set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
        const write = history.replaceState;
        history.replaceState = (...all) => {
          history.replaceState = write;
          write.apply(history, all);
          set.call(field, "rita");
          field.dispatchEvent(new Event("input", { bubbles: true }));
        };
      }, label);
      await page.fill("textbox", label, "ri");
      await page.until(() => location.search.endsWith("=rita"));
      assert.equal(
        await page.evaluate((label) => document.querySelector(`input[aria-label="${label}"]`).value, label),
        "rita",
      );
    }
    await page.close();
  },
  "chromium",
);
