// How many clicks and key presses the everyday tasks take, from the first page of the console. Text that is typed does not
// count; opening a list and choosing from it are two.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, logIn, startProducts } from "./harness.mjs";

let demo;
let browser;
before(async () => {
  [demo, browser] = await Promise.all([startProducts(), launch("chromium")]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

/** Counts in the page, so that nothing is missed that a task does. */
function count() {
  const isText = ({ target, key, ctrlKey, metaKey }) =>
    key.length === 1 && !ctrlKey && !metaKey && target.matches("textarea, input:not([type=checkbox], [type=radio])");
  window.steps = 0;
  const add = (number) => () => (window.steps += number);
  document.addEventListener("pointerdown", add(1), true);
  document.addEventListener("keydown", (event) => isText(event) || add(1)(), true);
  document.addEventListener("change", ({ target }) => target.matches("select") && add(2)(), true);
}

/** Types into the field that has the focus. A field without it would need a click. */
async function type(page, text) {
  await page.until(() => document.activeElement?.matches("input, textarea"));
  await page.raw.keyboard.type(text);
}

/** Finds Rita in the list of people. */
async function find(page, text, name) {
  await page.click("textbox", "Search people");
  await type(page, text);
  await page.until(
    (name) => document.querySelector(".rc-users tr[data-index]")?.innerText.includes(name) === true,
    name,
  );
}

/** Types a part of the name of a role, and takes the first. */
async function role(page, text, title) {
  await type(page, text);
  await page.until((title) => document.querySelector("[role=option] span")?.innerText.startsWith(title), title);
  await page.key("Enter");
}

const SUBMIT = "dialog footer .rc-btn--primary";

/** Each task: the most steps, the product, the user, and what they do. */
const TASKS = {
  "give a user a role at a scope": [
    5,
    "bloomreach",
    "user:ada",
    async (page) => {
      await find(page, "rita", "Rita Solberg");
      await page.click("button", "Add a role to Rita Solberg");
      await role(page, "surveys v", "Surveys Viewer");
      await page.click("radio", "blog");
      await page.see("rolecall admin assign user:rita surveys-viewer main/acme/blog");
      await page.press(SUBMIT);
      await page.see("Surveys Viewer given to Rita Solberg.");
    },
  ],
  "give a user a role with an end": [
    7,
    "bloomreach",
    "user:ada",
    async (page) => {
      await find(page, "anna", "Anna Brandt");
      await page.click("button", "Add a role to Anna Brandt");
      await role(page, "weblayers v", "Weblayers Viewer");
      await page.click("radio", "shop");
      await page.click("button", "1 week");
      await page.see("Ends by itself in 7 days");
      await page.press(SUBMIT);
      await page.see("Weblayers Viewer given to Anna Brandt.");
    },
  ],
  "invite somebody with a role": [
    5,
    "blueconic",
    "user:mara",
    async (page) => {
      await page.click("button", "Invite people");
      await type(page, "eva.lund@acme.example");
      await page.click("combobox", "Role");
      await role(page, "data sci", "Data Scientist");
      await page.press(SUBMIT);
      await page.see("eva.lund@acme.example");
      await page.gone("Invite people to");
    },
  ],
  "renew an invitation": [
    2,
    "blueconic",
    "user:mara",
    async (page) => {
      await page.click("button", "Renew the invitation of leo.fontaine@acme.example");
      await page.see("The invitation of leo.fontaine@acme.example is renewed.");
    },
  ],
  "approve a request": [
    2,
    "bloomreach",
    "user:pia",
    async (page) => {
      await page.click("link", "Requests");
      await page.click("button", "Approve Imports Admin for Felix Oyelaran");
      await page.see("Felix Oyelaran holds Imports Admin until");
    },
  ],
  "make a role from a preset with three changes": [
    7,
    "blueconic",
    "user:mara",
    async (page) => {
      await page.click("link", "Roles");
      await page.click("button", "New role");
      await type(page, "Segmentation Specialist");
      await page.click("button", "Customer Insights Manager");
      await page.until(() => document.querySelector(".rc-save"));
      for (const box of ["All of Connections", "All of Simulator", "View: Lifecycles"])
        await page.click("checkbox", box);
      await page.click("button", "Create the role");
      await page.see("Segmentation Specialist created.");
    },
  ],
  "why can this person not publish": [
    4,
    "bloomreach",
    "user:ada",
    async (page) => {
      await find(page, "rita", "Rita Solberg");
      await page.click("link", "Rita Solberg");
      await page.press('.rc-no[aria-label*="Publish"]');
      await page.see("What would allow it");
    },
  ],
  "who may read personal data": [
    2,
    "blueconic",
    "user:mara",
    async (page) => {
      await page.click("link", "Reports");
      await page.click("button", "Who may read personal data");
      await page.see("Dana Reyes");
    },
  ],
  "open support access for accounts that are named": [
    4,
    "blueconic",
    "user:mara",
    async (page) => {
      await page.click("link", "Support access");
      await page.press(".rc-choice:nth-child(3)");
      await page.click("button", "Save changes");
      await page.see("Support access is saved.");
    },
  ],
  "export people and roles as CSV": [
    3,
    "bloomreach",
    "user:ada",
    async (page) => {
      await page.click("link", "Who holds what");
      await page.until(() => document.querySelector(".rc-mx td[data-h]"));
      const [file] = await Promise.all([page.raw.waitForEvent("download"), page.click("button", "CSV")]);
      assert.match(file.suggestedFilename(), /people.roles.*\.csv$/);
    },
  ],
};

for (const [name, [most, product, person, run]] of Object.entries(TASKS)) {
  test(name, async (context) => {
    const page = await browser.page();
    await page.raw.addInitScript(count);
    await logIn(page, demo.products[product].console, person);
    await page.until(() => document.querySelector(".rc-users tr[data-index]"));
    await page.evaluate(() => (window.steps = 0));
    await run(page);
    const steps = await page.evaluate(() => window.steps);
    context.diagnostic(`${steps} of ${most} steps`);
    assert.ok(steps > 0 && steps <= most, `${steps} steps, at most ${most}`);
    await page.close();
  });
}
