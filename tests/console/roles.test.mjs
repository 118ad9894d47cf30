// Roles: made from a preset, edited with their effect in view, refused, in conflict, by keys alone, and read only.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { accessible, everyView, give, logIn, startProducts, story } from "./harness.mjs";

let demo;
before(async () => {
  demo = await startProducts();
});
after(() => demo?.stop());

/** Opens the roles of a product. */
async function openRoles(browser, product, subject, rest = "", options = {}) {
  const page = await browser.page(options);
  await logIn(page, `${demo.products[product].console}${rest}`, subject);
  await page.until(() => document.querySelector(".rc-tree, .rc-mx, .rc-g, .rc-table, .rc-note"));
  return page;
}

/** A selector for an element that people find by its words. Firefox takes seconds to find a name in a long tree. */
const KINDS = { button: "button", checkbox: "input", link: "a", menuitem: "[role=menuitem]", radio: "label" };

/** Clicks the element of a kind with these words. */
async function click(page, kind, words) {
  await page.until(
    ([css, words]) => {
      const text = (element) => (element.getAttribute("aria-label") ?? element.innerText).trim();
      const dialog = document.querySelector("dialog[open]") ?? document;
      const found = [...dialog.querySelectorAll(css)].find((element) => text(element) === words);
      if (found === undefined) return false;
      for (const other of document.querySelectorAll("[data-story]")) delete other.dataset.story;
      found.dataset.story = "";
      // Not below the head of the page, which stays in place.
      found.scrollIntoView({ block: "center" });
      return true;
    },
    [KINDS[kind], words],
  );
  await page.press("[data-story]");
}

const impact = (page) => page.texts(".rc-roles__impact .rc-impact");

/** The way back of the last report. */
const UNDO = ".rc-toast:last-child button:first-of-type";

/** Waits until the effect of a draft says something. */
const showsImpact = (page, text) =>
  page.until((text) => document.querySelector(".rc-roles__impact")?.innerText.includes(text), text);

story("a role is made from a preset with three changes, and its holder's menu follows", async (browser, kind) => {
  const admin = await openRoles(browser, "blueconic", "user:mara", "acme/roles");
  const title = `Segmentation Specialist ${kind}`;
  const role = `segmentation-specialist-${kind}`;
  let clicks = 0;
  const press = (kind, words) => {
    clicks += 1;
    return click(admin, kind, words);
  };
  await press("button", "New role");
  await admin.until(() => document.querySelector("dialog[open]"));
  await accessible(admin, "a new role");
  await admin.raw.keyboard.type(title);
  await press("button", "Customer Insights Manager");
  await admin.until(() => document.querySelector(".rc-save"));
  await press("checkbox", "All of Connections");
  await press("checkbox", "All of Simulator");
  await press("checkbox", "View: Lifecycles");
  await showsImpact(admin, "The server would accept it");
  await showsImpact(admin, "Nothing changes for anybody now.");
  await admin.shot("roles-new");
  await press("button", "Create the role");
  await admin.see(`${title} created.`);
  assert.equal(clicks, 6);
  assert.match(admin.url(), new RegExp(`/roles/editor/${role}%40acme$`));

  const own = await browser.page({ width: 800, height: 700 });
  await own.goto(demo.products.blueconic.page);
  await own.click("link", "Log in with the demonstration's people");
  await own.until(() => document.title === "Who are you?");
  await own.press('button[value="user:sam"]');
  await own.see("pages are open to you");
  await own.evaluate(() => (window.sameDocument = true));
  const has = () => own.texts('[data-item="properties"]');
  assert.deepEqual(await has(), []);
  assert.equal(await give(admin, { assign: { subject: "user:sam", role, at: "acme" } }), 200);
  await own.until(() => document.querySelector('[data-item="properties"]'));
  // Firefox draws nothing in a window behind another one.
  await admin.raw.bringToFront();
  await admin.until(() => /^1 member/.test(document.querySelector(".rc-roles__head .rc-link")?.innerText ?? ""));

  await click(admin, "checkbox", "View: Profile properties");
  await showsImpact(admin, "vanishes for Sam Okafor");
  await showsImpact(admin, "Profile properties: View");
  await admin.shot("roles-impact");
  await click(admin, "button", "Save changes");
  await admin.see(`${title} saved. Nobody gained, 1 lost.`);
  await own.raw.bringToFront();
  await own.until(() => !document.querySelector('[data-item="properties"]'));
  assert.equal(await own.evaluate(() => window.sameDocument), true);
  await admin.raw.bringToFront();
  await admin.press(UNDO);
  await own.raw.bringToFront();
  await own.until(() => document.querySelector('[data-item="properties"]'));

  await admin.raw.bringToFront();
  await click(admin, "button", "More");
  await click(admin, "menuitem", "Delete");
  await admin.see("1 person holds it and loses it at once");
  await accessible(admin, "the end of a role");
  await click(admin, "button", "Delete the role");
  await admin.see(`${title} deleted.`);
  await own.raw.bringToFront();
  await own.until(() => !document.querySelector('[data-item="properties"]'));
  // The role, its name and its holder come back.
  await admin.raw.bringToFront();
  await admin.press(UNDO);
  await admin.see("Undone.");
  await own.raw.bringToFront();
  await own.until(() => document.querySelector('[data-item="properties"]'));
  assert.equal(await give(admin, { "delete-role": { role, at: "acme", cascade: true } }), 200);
  // The first page of a browser asks for a session that does not exist yet.
  const errors = admin.errors.filter((error) => !error.startsWith("Failed to load resource"));
  assert.deepEqual(errors, []);
  await own.close();
  await admin.close();
});

story("a refusal of the server is shown before the save, and the draft stays", async (browser) => {
  // The role of this administrator ends, so nothing can be given for longer.
  const max = await openRoles(browser, "blueconic", "user:max", "acme/roles/editor/newsroom");
  await click(max, "checkbox", "View: Groups");
  await max.see("This cannot be saved.");
  await max.see("does not hold there from");
  await accessible(max, "a refusal");
  await max.shot("roles-refused");
  await max.close();
  const page = await openRoles(browser, "blueconic", "user:mara", "acme/roles/editor/newsroom");
  await click(page, "checkbox", "Edit: Plugins");
  await page.see("Grant that permission as well");
  await click(page, "button", "Save changes");
  await page.see("Not saved.");
  await click(page, "checkbox", "View: Plugins");
  await showsImpact(page, "The server would accept it");
  // Another page, and back: what was ticked is still ticked.
  await click(page, "link", "Matrix");
  await page.until(() => document.querySelector(".rc-mx"));
  await click(page, "link", "Editor");
  await page.until(() => document.querySelector(".rc-list__dot"));
  await page.press('.rc-list a[href*="/editor/newsroom"]');
  await page.until(() => document.querySelector(".rc-save"));
  await click(page, "button", "Discard");
  await page.until(() => !document.querySelector(".rc-save"));
  await page.close();
});

story("a change in another window is shown next to one's own", async (browser) => {
  const mine = await openRoles(browser, "blueconic", "user:mara", "acme/roles/editor/newsroom");
  await click(mine, "checkbox", "View: Listeners");
  await click(mine, "checkbox", "View: Objectives");
  const other = await openRoles(browser, "blueconic", "user:mara", "acme/roles/editor/newsroom");
  await click(other, "checkbox", "View: Groups");
  await click(other, "button", "Save changes");
  await other.see("Newsroom saved.");
  // A window that nobody sees asks for no changes.
  await mine.raw.bringToFront();
  await mine.see("Mara Voss changed Newsroom");
  await mine.see("2 changes of yours, none touches theirs.");
  await accessible(mine, "a conflict");
  await mine.shot("roles-conflict");
  await click(mine, "button", "Go on with mine on top");
  await mine.until(() => document.querySelector('input[aria-label="View: Groups"]')?.checked);
  await click(mine, "button", "Save changes");
  await mine.see("Newsroom saved.");
  await other.raw.bringToFront();
  await other.until(() => document.querySelector('input[aria-label="View: Listeners"]')?.checked);
  await mine.raw.bringToFront();
  // The next browser begins as this one did.
  for (const name of ["Listeners", "Objectives", "Groups"]) await click(mine, "checkbox", `View: ${name}`);
  await click(mine, "button", "Save changes");
  await mine.until(() => !document.querySelector(".rc-save"));
  await other.close();
  await mine.close();
});

story("keys alone edit and save a role", async (browser) => {
  const page = await openRoles(browser, "blueconic", "user:mara", "acme/roles/editor/newsroom");
  const at = () =>
    page.evaluate(() => document.activeElement.getAttribute("aria-label") ?? document.activeElement.dataset.path);
  await page.evaluate(() => document.querySelector('.rc-tree [tabindex="0"]').focus());
  const first = await at();
  assert.equal(first, "ai-agents");
  for (let step = 0; step < 2; step += 1) await page.key("ArrowDown");
  await page.key("ArrowRight");
  await page.key("ArrowRight");
  await page.until(() => document.activeElement?.tagName === "INPUT");
  const box = await at();
  assert.match(box, /^View: /);
  await page.key(" ");
  await page.until(() => document.querySelector(".rc-save"));
  await page.key("ArrowLeft");
  await page.key("ArrowLeft");
  await page.until(() => document.activeElement?.getAttribute("role") === "row");
  await page.raw.keyboard.down("Control");
  await page.key("s");
  await page.raw.keyboard.up("Control");
  await page.see("Newsroom saved.");
  await page.press(UNDO);
  await page.until((box) => !document.querySelector(`input[aria-label="${box}"]`)?.checked, box);
  await page.close();
});

story("someone who sees only roles can look at them, and save nothing", async (browser) => {
  const page = await openRoles(browser, "blueconic", "user:rosa", "acme/roles/editor/newsroom");
  await page.see("You may view this role, but not change it.");
  assert.equal(await page.evaluate(() => document.querySelectorAll(".rc-tree input:not(:disabled)").length), 0);
  const buttons = await page.texts("main button");
  for (const name of ["New role", "Rename", "Save changes", "Copy"]) assert.ok(!buttons.includes(name), name);
  assert.deepEqual(await page.texts(".rc-list__n"), []);
  await everyView(page, "roles-readonly");
  await click(page, "link", "Matrix");
  await page.until(() => document.querySelector(".rc-mx"));
  assert.deepEqual(await page.texts(".rc-mx__bar .rc-seg button"), ["Roles × permissions"]);
  await page.close();
});

story("the members of a role are next to it, and at its address", async (browser, kind) => {
  const page = await openRoles(browser, "blueconic", "user:mara", "acme/roles/editor/it-system-administrator");
  await click(page, "button", "1 member");
  await page.until(() =>
    /Tom Haddad\tacme\tdirectly/.test(document.querySelector(".rc-roles__edit td")?.closest("tr").innerText),
  );
  const address = page.url();
  assert.match(address, /[?&]members=1/);
  if (kind === "chromium") await everyView(page, "role-members");
  await page.goto(address);
  await page.see("Tom Haddad");
  await click(page, "button", "1 member");
  await page.gone("Tom Haddad");
  await page.close();
});

story("the matrix is one stop of the Tab key, and keys move in it", async (browser) => {
  const page = await openRoles(browser, "blueconic", "user:mara", "acme/roles/matrix?of=people-permissions");
  await page.until(() => document.querySelector(".rc-mx td[data-h]"));
  const stops = () => page.evaluate(() => document.querySelectorAll(".rc-mx__wrap [tabindex='0']").length);
  const at = (row, column) =>
    page.until(
      ([row, column]) => {
        const { r, c } = document.activeElement.dataset;
        return Number(r) === row && Number(c) === column;
      },
      [row, column],
    );
  assert.equal(await stops(), 1);
  await page.evaluate(() => document.querySelector(".rc-mx [tabindex='0']").focus());
  await page.key("ArrowDown");
  await page.key("ArrowRight");
  await at(1, 1);
  await page.key("End");
  await at(1, await page.evaluate(() => document.querySelectorAll(".rc-mx__cols th").length - 2));
  await page.key("Home");
  await at(1, -1);
  await page.key("PageDown");
  await page.until(() => Number(document.activeElement.dataset.r) > 5);
  const isClear = await page.evaluate(() => {
    const { top } = document.activeElement.getBoundingClientRect();
    return top >= document.querySelector(".rc-mx thead").getBoundingClientRect().bottom;
  });
  assert.ok(isClear, "the heads do not cover the focus");
  await page.raw.keyboard.down("Control");
  await page.key("End");
  await page.raw.keyboard.up("Control");
  const total = await page.evaluate(() => Number(document.querySelector(".rc-mx").getAttribute("aria-rowcount")));
  await at(total - 1, await page.evaluate(() => document.querySelectorAll(".rc-mx__cols th").length - 2));
  // A wheel moves the table away from the focus; the Tab key still leads into it.
  await page.evaluate(() => (document.querySelector(".rc-mx__scroll").scrollTop = 0));
  await page.until(() => document.querySelector(".rc-mx td[data-r='0']"));
  assert.equal(await stops(), 1);
  await page.evaluate(() => document.querySelector(".rc-mx [tabindex='0']").focus());
  await page.key("Home");
  await page.until(() => document.activeElement?.tagName === "A");
  const name = await page.evaluate(() => document.activeElement.innerText);
  await page.key("Enter");
  await page.until((name) => document.querySelector("h1")?.innerText.includes(name), name);
  await page.close();
});

story("roles are compared, and a preset comes back", async (browser) => {
  const page = await openRoles(browser, "blueconic", "user:mara", "acme/roles/editor/data-scientist");
  await click(page, "checkbox", "View: Segments");
  await showsImpact(page, "Segments: View");
  await click(page, "button", "Save changes");
  await page.see("Data Scientist saved.");
  await page.see("Modified");
  await click(page, "button", "Compare");
  await page.see("only in Data Scientist");
  await accessible(page, "two roles next to each other");
  await page.key("Escape");
  const isChecked = (wanted) =>
    page.until((is) => document.querySelector('input[aria-label="View: Segments"]')?.checked === is, wanted);
  const reset = async () => {
    await click(page, "button", "More");
    await click(page, "menuitem", "Reset to preset");
    await page.see("The role gets the permissions of the preset. These change:");
    await click(page, "button", "Reset the role");
    await page.see("Data Scientist is reset to the preset.");
    await isChecked(false);
  };
  await reset();
  await page.press(UNDO);
  await isChecked(true);
  await page.gone("Data Scientist is reset to the preset.");
  await reset();
  await page.close();
});

story("every view of roles is accessible, narrow and wide, light and dark", async (browser) => {
  const page = await openRoles(browser, "blueconic", "user:mara", "acme/roles/editor/online-marketer");
  await click(page, "checkbox", "View: Insights and dashboards");
  await showsImpact(page, "Insights and dashboards: View");
  assert.match((await impact(page)).join(), /loses?/);
  await everyView(page, "roles-editor", { widths: [390, 1024, 1440, 2560] });
  await click(page, "button", "Discard");
  await page.close();
  const bloomreach = await openRoles(browser, "bloomreach", "user:ada", "main:acme/roles/inheritance");
  await everyView(bloomreach, "roles-inheritance", { widths: [390, 1440] });
  for (const of of ["roles-permissions", "people-roles", "people-permissions"]) {
    await bloomreach.goto(`${demo.products.bloomreach.console}main:acme/roles/matrix?of=${of}`);
    await bloomreach.until(() => document.querySelector(".rc-mx td[data-h]"));
    await everyView(bloomreach, `matrix-${of}`, { themes: of === "people-roles" ? ["light", "dark"] : ["light"] });
  }
  await bloomreach.close();
});
