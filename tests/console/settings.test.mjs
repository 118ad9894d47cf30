// Groups, applications, single sign-on, addresses, support access, timeout and the audit log, in both browsers.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { accessible, everyView, focused, give, logIn, startProducts, story } from "./harness.mjs";

let demo;
before(async () => {
  demo = await startProducts();
});
after(() => demo?.stop());

/** Opens a tab of a product as a person. */
async function open(browser, product, person, tab) {
  const page = await browser.page();
  const { url } = demo.products[product];
  const scope = product === "blueconic" ? "acme" : "main:acme";
  await logIn(page, `${url}/console/${scope}/${tab}`, person);
  await page.until((tab) => location.pathname.includes(`/${tab}`), tab.split("/")[0]);
  return page;
}

/** Sets the text of a field by its label. */
async function type(page, css, text) {
  await page.until((css) => document.querySelector(css) !== null, css);
  await page.press(css);
  await page.evaluate(
    ([css, text]) => {
      const field = document.querySelector(css);
      // The setter of the prototype: frameworks replace that of the element.
      Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set.call(field, text);
      for (const event of ["input", "change"]) field.dispatchEvent(new Event(event, { bubbles: true }));
    },
    [css, text],
  );
}

/** Waits until a button can be pressed, and presses the first of that name. */
async function press(page, name) {
  await page.until((name) => {
    const buttons = [...document.querySelectorAll("button")].filter((one) => one.innerText.trim() === name);
    const button = buttons.find((one) => !one.disabled && one.ariaDisabled !== "true");
    button?.click();
    return button !== undefined;
  }, name);
}

const body = (page) => page.evaluate(() => document.body.innerText);

story("an address range that would lock oneself out is refused, with a way out", async (browser, kind) => {
  const page = await open(browser, "blueconic", "user:mara", "ip-addresses");
  await page.see("Any address");
  await page.press("fieldset label:nth-of-type(2)");
  await type(page, "textarea", "203.0.113.0/25");
  await page.see("This would be refused.");
  await page.see("comes from 127.0.0.1, which would be locked out");
  await page.see("rolecall admin settings networks acme 203.0.113.0/25");
  if (kind === "chromium") await everyView(page, "ip-addresses-refused");
  // The refusal of the server is the same if somebody saves anyway, and what was typed stays.
  await press(page, "Save changes");
  await page.see("Nothing was changed.");
  assert.equal(await page.evaluate(() => document.querySelector("textarea").value), "203.0.113.0/25");
  await press(page, "Add 127.0.0.1");
  await page.gone("Nothing was changed.");
  await press(page, "Save changes");
  await page.see("The addresses are saved.");
  // The way back is the toast's.
  await press(page, "Undo");
  await page.until(() => document.querySelector("textarea") === null);
  await page.close();
});

story("support access begins by name, and ends", async (browser, kind) => {
  const page = await open(browser, "blueconic", "user:mara", "support-access");
  await page.see("Accounts that you name");
  await page.press(".rc-choice:nth-child(3)");
  await page.see("rolecall admin settings support acme named --reads-nothing");
  await press(page, "Save changes");
  await page.see("Support access is saved.");
  await press(page, "Name an account");
  await page.see("The name that the support staff give you, such as jo.");
  if (kind === "chromium") await everyView(page, "support-access");
  const name = `max-${kind}`;
  await type(page, "form input:not([type])", name);
  await page.until(() => document.querySelectorAll("form option").length > 2);
  await type(page, "form select", "blueconic-support");
  await page.see(`rolecall admin add support:${name} --role blueconic-support@acme`);
  await page.press("form button[type=submit]");
  await page.see(`${name} is named.`);
  await page.until((id) => document.querySelector(".rc-named")?.innerText.includes(id), `support:${name}`);
  const endAccess = async () => {
    await page.evaluate(() =>
      [...document.querySelectorAll(".rc-named li")]
        .find((one) => one.innerText.includes("support:max"))
        .querySelector("button")
        .click(),
    );
    await page.see(`End the access of ${name}?`);
    await page.see("cannot come in until you name the account again");
    await page.see(`rolecall admin remove support:${name} --at acme`);
    await page.press("dialog .rc-btn--destroy");
    await page.see(`The access of ${name} has ended.`);
  };
  await endAccess();
  await page.press(".rc-toast:last-child > button");
  await page.until((id) => document.querySelector(".rc-named")?.innerText.includes(id), `support:${name}`);
  await endAccess();
  await page.until((id) => !document.querySelector(".rc-named").innerText.includes(id), `support:${name}`);
  await page.press(".rc-choice:nth-child(2)");
  await page.until(() => {
    const save = document.querySelector(".rc-save .rc-btn--primary:not(:disabled)");
    save?.focus();
    return save !== null && document.activeElement === save;
  });
  await page.key("Enter");
  await page.until(
    () =>
      document.querySelector(".rc-choice:nth-child(2) input").checked &&
      document.body.innerText.includes("Nothing to save"),
  );
  // There is nothing to save now, and the button keeps the focus.
  await focused(page, "Save changes");
  await page.close();
});

story(
  "a secret whose answer is lost is made once",
  async (browser) => {
    const page = await open(browser, "blueconic", "user:mara", "applications/app:crm-sync");
    await page.see("Lifetime of tokens");
    const secrets = () => page.texts(".rc-named li > code");
    const before = await secrets();
    await page.raw.route(/\/v1\/administration\/commands$/, async (route) => {
      await route.fetch();
      await route.abort();
    });
    await press(page, "New secret");
    await page.see("The server cannot be reached.");
    await page.raw.unrouteAll();
    await press(page, "New secret");
    await page.see("the connection broke off before it arrived");
    const made = (await secrets()).filter((id) => !before.includes(id));
    assert.equal(made.length, 1);
    assert.equal(await give(page, { "remove-secret": { subject: "app:crm-sync", secret: made[0] } }), 200);
    await page.close();
  },
  "chromium",
);

story("the secret of an application is shown once", async (browser, kind) => {
  const page = await open(browser, "blueconic", "user:mara", "applications");
  await page.see("CRM sync");
  await press(page, "New application");
  const id = `report-${kind}`;
  await type(page, "form input:not([type])", id);
  await page.until(() => document.querySelectorAll("form option").length > 2);
  await type(page, "form select", "insights-only");
  await page.press("form button[type=submit]");
  await page.see("It needs a secret now.");
  await page.see("Without a secret, the application gets no tokens.");
  await press(page, "New secret");
  await page.see("The secret is shown once.");
  const [secret] = await page.texts(".rc-secret code");
  assert.match(secret, /^rcs_[\w-]{20,}$/);
  if (kind === "chromium") {
    await accessible(page, "a new secret");
    await page.shot("application-secret");
  }
  // Without encryption, browsers have no clipboard.
  await page.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
  await press(page, "Copy");
  await page.until(() => /Copied|The text is selected/.test(document.querySelector(".rc-toast:last-child")?.innerText));
  assert.equal(await page.evaluate(() => String(getSelection())), secret);
  await page.evaluate(() => document.querySelector('a[href$="/users"]').click());
  await page.see("Leave without saving?");
  await press(page, "Stay here");
  await press(page, "I have stored it");
  await page.gone(secret);
  await page.goto(page.url());
  await page.see("Lifetime of tokens");
  assert.ok(!(await body(page)).includes(secret));
  await press(page, "Remove");
  await page.see("Tokens that were issued for it end at once.");
  if (kind === "chromium") await everyView(page, "application-confirm");
  await page.press("dialog .rc-btn--destroy");
  await page.see("The secret is removed.");
  await page.close();
});

story("a change by someone else is reported, and nothing typed is lost", async (browser, kind) => {
  const first = await open(browser, "blueconic", "user:mara", "timeout");
  const second = await open(browser, "blueconic", "user:max", "timeout");
  const [mine, theirs] = kind === "chromium" ? ["40", "35"] : ["50", "30"];
  // Firefox draws nothing in a window behind another one.
  await first.raw.bringToFront();
  await type(first, "input[type=number]", mine);
  await first.see(`rolecall admin settings timeout acme ${mine}m`);
  await second.raw.bringToFront();
  await type(second, "input[type=number]", theirs);
  await press(second, "Save changes");
  await second.see("The timeout is saved.");
  // A page that nobody sees asks nothing.
  await first.raw.bringToFront();
  await first.see("Somebody changed this while you typed.");
  await first.see(`Theirs: ${theirs} minutes. Yours: ${mine} minutes.`);
  assert.equal(await first.evaluate(() => document.querySelector("input[type=number]").value), mine);
  if (kind === "chromium") await everyView(first, "timeout-conflict");
  await press(first, "Go on with mine");
  await press(first, "Save changes");
  await second.raw.bringToFront();
  await second.until((mine) => document.querySelector("input[type=number]").value === mine, mine);
  await first.close();
  await second.close();
});

story("a form with input is left only after its user agrees", async (browser, kind) => {
  const page = await open(browser, "bloomreach", "user:ada", "users");
  const question = "Leave without saving?";
  const at = (tab) => page.until((tab) => location.pathname.includes(`/${tab}`), tab);
  const typed = () => page.evaluate(() => document.querySelector("input[type=url]")?.value);
  const answer = async (words) => {
    await page.see(question);
    await page.see("1 change is not saved.");
    await press(page, words);
    await page.gone(question);
  };
  await page.press('.rc-tabs a[href$="/single-sign-on"]');
  const issuer = "https://login.acme.example";
  await type(page, "input[type=url]", issuer);
  // Another tab.
  await page.press('.rc-tabs a[href$="/groups"]');
  await page.see(question);
  if (kind === "chromium") await everyView(page, "leave");
  await answer("Stay here");
  assert.equal(await typed(), issuer);
  // The back button, and forward to where it was.
  await page.evaluate(() => history.back());
  await answer("Stay here");
  await at("single-sign-on");
  assert.equal(await typed(), issuer);
  // Another scope.
  await press(page, (await page.texts(".rc-top .rc-tenant"))[0]);
  await page.until(() => document.querySelectorAll("[role=menuitemradio]").length > 1);
  await page.press("[role=menuitemradio]:not([aria-checked=true])");
  await answer("Stay here");
  assert.equal(await typed(), issuer);
  await page.evaluate(() => history.back());
  await answer("Discard and leave");
  await at("users");
  await page.evaluate(() => history.forward());
  await at("single-sign-on");
  await page.until(() => document.querySelector("input[type=url]")?.value === "");
  // Nothing is typed, so nothing is asked.
  await page.press('.rc-tabs a[href$="/groups"]');
  await press(page, "New group");
  await type(page, "form input:not([type])", "half");
  await page.evaluate(() => history.back());
  await answer("Stay here");
  assert.equal(await page.evaluate(() => document.querySelector("form input").value), "half");
  await press(page, "Cancel");
  await page.gone("Small letters, digits and hyphens.");
  await page.close();
});

story(
  "typing goes on while a save is under way",
  async (browser) => {
    const page = await open(browser, "blueconic", "user:mara", "timeout");
    let answer;
    const held = new Promise((resolve) => (answer = resolve));
    await page.raw.route("**/v1/administration/commands", async (route) => {
      if (!route.request().postData().includes('"dry_run":true')) await held;
      await route.continue();
    });
    await type(page, "input[type=number]", "41");
    await press(page, "Save changes");
    await page.until(() => document.querySelector(".rc-save .rc-spin"));
    await type(page, "input[type=number]", "42");
    answer();
    await page.see("The timeout is saved.");
    await page.see("rolecall admin settings timeout acme 42m");
    assert.equal(await page.evaluate(() => document.querySelector("input[type=number]").value), "42");
    assert.doesNotMatch(await body(page), /Somebody changed this/);
    await press(page, "Save changes");
    await page.until(() => document.querySelectorAll(".rc-toast").length === 2);
    assert.equal(await page.evaluate(() => document.querySelector("input[type=number]").value), "42");
    await page.close();
  },
  "chromium",
);

story(
  "dialogs with input are left only after their user agrees",
  async (browser) => {
    const page = await open(browser, "bloomreach", "user:ada", "users");
    const asks = async (button) => {
      await press(page, button);
      await page.fill("textbox", "Name", "half");
      await page.back();
      await page.see("Leave without saving?");
      await press(page, "Stay here");
      await page.gone("Leave without saving?");
      assert.equal(await page.evaluate(() => document.querySelector("dialog input").value), "half");
      await press(page, "Cancel");
      await page.until(() => document.querySelector("dialog") === null);
    };
    await page.fill("textbox", "Search people", "rita");
    await page.click("link", "Rita Solberg");
    await asks("Edit name and e-mail");
    await page.press('.rc-tabs a[href$="/roles"]');
    await asks("New role");
    await page.close();
  },
  "chromium",
);

story(
  "a log-out asks about drafts of roles, once",
  async (browser) => {
    const page = await open(browser, "bloomreach", "user:ada", "roles/editor/surveys-viewer");
    const native = [];
    page.raw.on("dialog", (dialog) => {
      native.push(dialog.type());
      void dialog.accept();
    });
    await page.press(".rc-tree__row input:not(:disabled)");
    await page.until(() => document.querySelector(".rc-save"));
    await page.press(".rc-me__name");
    await page.press("[role=menuitem]");
    await page.see("1 change is not saved.");
    await press(page, "Discard and leave");
    await page.see("Continue with");
    assert.deepEqual(native, []);
    await page.close();
  },
  "chromium",
);

story("an identity provider is set, checked and removed", async (browser, kind) => {
  const page = await open(browser, "blueconic", "user:mara", "single-sign-on");
  await page.see("Identity provider");
  await type(page, "input[type=url]", "http://login.acme.example");
  await type(page, ".rc-form .rc-field:nth-child(2) input", "rolecall");
  await page.see("is not the address of an issuer");
  await type(page, "input[type=url]", demo.provider.issuer);
  await page.gone("is not the address of an issuer");
  await press(page, "Save changes");
  await page.see("The provider is saved. Check it now.");
  await press(page, "Check the provider");
  await page.see("It answers: a login could begin.");
  if (kind === "chromium") await everyView(page, "single-sign-on");
  await press(page, "Remove the provider");
  await page.see("its role mappings end at once");
  await page.press("dialog .rc-btn--destroy");
  await page.see("The provider is removed.");
  await page.close();
});

story("a group is made, gets a member and is deleted", async (browser, kind) => {
  const page = await open(browser, "bloomreach", "user:ada", "groups");
  await page.see("New group");
  await press(page, "New group");
  const name = `legal-${kind}`;
  await type(page, "form input:not([type])", name);
  await page.see(`rolecall admin group add group:main/acme/${name} --at main/acme`);
  await page.press("form button[type=submit]");
  await page.see(`The group ${name} is created.`);
  await page.until((name) => location.pathname.includes(encodeURIComponent(`group:main/acme/${name}`)), name);
  await type(page, "form input:not([type])", "nobody-at-all");
  await press(page, "Add");
  await page.see("`user:nobody-at-all` is not listed");
  // A name that two people have does not choose one of them.
  const at = "main/acme/shop";
  const twin = { subject: "user:twin", name: "Anna Brandt", roles: [{ role: "surveys-viewer", at }] };
  assert.equal(await give(page, { "add-user": twin }), 200);
  await type(page, "form input:not([type])", "Anna Brandt");
  await page.see("Several people match this name.");
  assert.ok(await page.evaluate(() => document.querySelector("form button[type=submit]").disabled));
  assert.equal(await give(page, { "remove-subject": { subject: "user:twin", at: "main/acme" } }), 200);
  await page.gone("Several people match this name.");
  // The name counts once the list is there.
  await type(page, "form input:not([type])", "Anna Brand");
  await type(page, "form input:not([type])", "Anna Brandt");
  await press(page, "Add");
  await page.see("Anna Brandt is a member.");
  if (kind === "chromium") await everyView(page, "groups");
  await page.press(".rc-toast:last-child > button");
  await page.see("Nobody");
  // Where a member is taken out, the focus goes to the next one, and after the last to the head.
  for (const member of ["anna", "ada"]) {
    await type(page, "form input:not([type])", member);
    await press(page, "Add");
    await page.see(`user:${member} is a member.`);
  }
  for (const next of ["Take Anna Brandt out", name]) {
    await page.until((css) => {
      document.querySelector(css)?.focus();
      return document.activeElement.matches(css);
    }, ".rc-panel__body .rc-grant button");
    const member = await page.evaluate(() => document.activeElement.innerText.replace(/Take (.*) out/, "$1"));
    await page.key("Enter");
    await page.see(`Take ${member} out of ${name}?`);
    await page.press("dialog .rc-btn--destroy");
    await page.see(`${member} is no longer a member.`);
    await focused(page, next);
  }
  await press(page, "Delete the group");
  await page.see(`Delete the group ${name}?`);
  await page.press("dialog .rc-btn--destroy");
  await page.see(`${name} is deleted.`);
  await page.until((name) => !document.querySelector(".rc-table")?.innerText.includes(name), name);
  assert.notEqual(await page.evaluate(() => document.activeElement.tagName), "BODY");
  await page.close();
});

story("the audit log shows what changed, and that its chain is intact", async (browser, kind) => {
  const page = await open(browser, "bloomreach", "user:ada", "audit");
  await page.see("Chain intact");
  // Other accounts share the log: the server says what it checked, and not how much that was.
  await page.see("the server checked the hashes of all events");
  await page.see("their hashes also cover what you may not see");
  assert.ok(!(await body(page)).includes("northlight"));
  // Sentences have names and titles, and no ids.
  await page.see("Anna Brandt approved Customers Editor at shop for Rita Solberg");
  const sentences = (await page.texts(".rc-ev__what > span:first-child")).join("\n");
  assert.doesNotMatch(sentences, /\b(user|app|support|group):|customers-editor|main\/acme/);
  if (kind === "chromium") await everyView(page, "audit");
  await page.press(".rc-ev a");
  await page.until(() => document.querySelector("#rc-event") !== null);
  await page.see("What changed");
  const address = page.url();
  await page.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
  await page.press("#rc-event ~ button");
  await page.until(() => /Copied|The text is selected/.test(document.querySelector(".rc-toast:last-child")?.innerText));
  assert.equal(await page.evaluate(() => String(getSelection()).trim()), address);
  if (kind === "chromium") await everyView(page, "audit-event");
  await type(page, ".rc-search input", "no such thing");
  await page.see("No event matches");
  await press(page, "Clear the filters");
  await page.gone("No event matches");
  // The address is the state.
  await page.goto(address);
  await page.until(() => document.querySelector("#rc-event") !== null);
  await page.close();

  const whole = await open(browser, "blueconic", "user:mara", "audit");
  await whole.see("Chain intact");
  assert.ok(!(await body(whole)).includes("nils"));
  await whole.close();
});
