// People: roles with and without an end, invitations, temporary access, one person, reports, and what nobody may see.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after } from "node:test";
import { accessible, everyView, give, logIn, startProducts, story as anywhere } from "./harness.mjs";

/** The demonstration of each browser: the stories change its stores. */
const demos = new Map();
let demo;
after(() => Promise.all([...demos.values()].map((one) => one.stop())));

/** Runs a story in each browser. */
const story = (name, run) =>
  anywhere(name, async (browser, kind) => {
    if (!demos.has(kind)) demos.set(kind, await startProducts());
    demo = demos.get(kind);
    await run(browser, kind);
  });

const account = () => `${demo.products.bloomreach.url}/console/main:acme`;
const shop = () => `${demo.products.bloomreach.url}/console/main:acme:shop`;

/** The errors of a page. The one before the login asks for a session that is not there. */
const faults = ({ errors }) => errors.filter((text) => !/Failed to load resource/.test(text));

const rowsOf = (page) => page.texts(".rc-users tr[data-index] td:first-child a");

/** The messages about invitations. */
const letters = (mail) =>
  readFileSync(mail, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line).invitation);

/** Waits for what the server does soon after its answer. */
async function soon(isMet, what) {
  const end = Date.now() + 30_000;
  while (!isMet()) {
    assert.ok(Date.now() < end, `${what} did not come`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** Waits for the row of a person, and returns its text. */
async function row(page, name, has) {
  const css = ".rc-users tr[data-index]";
  await page.until(
    ({ css, name, has }) =>
      [...document.querySelectorAll(css)].some((row) => row.innerText.includes(name) && row.innerText.includes(has)),
    { css, name, has },
  );
}

/** Chooses a role in the open dialog. */
async function chooseRole(page, text, title) {
  await page.fill("combobox", "Role", text);
  await page.until((title) => document.querySelector("[role=option] span")?.innerText.startsWith(title), title);
  await page.press("[role=option]");
}

story("a role is given at a scope, and undone", async (browser) => {
  const page = await browser.page();
  await logIn(page, `${account()}/users`, "user:ada");
  await row(page, "Ada Berglund", "SSO Account Admin");
  await everyView(page, "users");
  await page.fill("textbox", "Search people", "rita");
  await row(page, "Rita Solberg", "Active");
  await page.click("button", "Add a role to Rita Solberg");
  await chooseRole(page, "surveys v", "Surveys Viewer");
  await page.click("radio", "blog");
  await page.see("rolecall admin assign user:rita surveys-viewer main/acme/blog");
  await page.see("permissions");
  await accessible(page, "the form for a role");
  await page.shot("users-add-role");
  await page.press("dialog footer .rc-btn--primary");
  await page.see("Surveys Viewer given to Rita Solberg.");
  await page.click("button", "Undo");
  await page.click("button", "Roles of Rita Solberg");
  await page.until(() => document.querySelector(".rc-holds")?.innerText.includes("Surveys Viewer") === false);
  assert.deepEqual(faults(page), []);
  // An undo is a command as any other: the server may refuse it, and states the reason.
  await page.click("button", "Add a role to Rita Solberg");
  await chooseRole(page, "surveys v", "Surveys Viewer");
  await page.click("radio", "blog");
  await page.press("dialog footer .rc-btn--primary");
  await page.see("Surveys Viewer given to Rita Solberg.");
  const line = await page.evaluate(() => document.querySelector(".rc-toast:last-child .rc-btn").title);
  assert.equal(line, "rolecall admin assign user:rita surveys-viewer main/acme/blog");
  const held = { subject: "user:rita", role: "surveys-viewer", at: "main/acme/blog" };
  assert.equal(await give(page, { withdraw: held }), 200);
  await page.press(".rc-toast:last-child > button");
  await page.see("Not done. `user:rita` has no such assignment of `surveys-viewer` at `main/acme/blog`.");
  await page.close();
});

story("a role with an end ends by itself", async (browser) => {
  const page = await browser.page();
  await logIn(page, `${account()}/users?search=rita`, "user:ada");
  await row(page, "Rita Solberg", "Active");
  await page.click("button", "Add a role to Rita Solberg");
  await chooseRole(page, "weblayers v", "Weblayers Viewer");
  await page.click("radio", "shop");
  await page.click("button", "1 week");
  await page.see("Ends by itself in 7 days");
  await page.press("dialog footer .rc-btn--primary");
  await page.see("Weblayers Viewer given to Rita Solberg.");
  const until = new Date(Date.now() + 5_000).toISOString();
  const held = { subject: "user:rita", role: "reports-viewer", at: "main/acme/shop", until };
  assert.equal(await give(page, { assign: held }), 200);
  await page.click("button", "Roles of Rita Solberg");
  await page.see("Reports Viewer");
  // Nobody changes anything: the list follows the end by itself.
  await page.until(() =>
    [...document.querySelectorAll(".rc-holds > li")].some(
      (row) => row.innerText.includes("Reports Viewer") && row.innerText.includes("ended"),
    ),
  );
  await page.close();
});

story("an expired invitation is renewed, and accepted by a login", async (browser) => {
  const { url, mail } = demo.products.blueconic;
  const page = await browser.page();
  await logIn(page, `${url}/console/acme/users`, "user:mara");
  await page.see("Expired on");
  const sent = (to) => letters(mail).filter(({ email }) => email === to);
  /** Renews an invitation, and returns the link of the new message. */
  const renewed = async (email) => {
    const before = sent(email).length;
    await page.click("button", `Renew the invitation of ${email}`);
    await page.see(`The invitation of ${email} is renewed.`);
    await soon(() => sent(email).length > before, `a message to ${email}`);
    return sent(email).at(-1).link;
  };
  assert.match(await renewed("leo.fontaine@acme.example"), /^http/);
  await page.gone("Expired on");
  // The link of the message begins a login, which accepts the invitation; the list follows.
  const link = await renewed("nia.castell@acme.example");
  const own = await browser.page();
  await own.goto(link);
  await own.until(() => document.title === "Who are you?");
  await own.press('button[value="user:nia"]');
  await own.until((start) => location.href.startsWith(start), url);
  await page.fill("textbox", "Search people", "nia");
  await row(page, "Nia Castell", "Active");
  await own.close();
  await page.close();
});

story("people are invited with a role", async (browser) => {
  const { url, mail } = demo.products.blueconic;
  const page = await browser.page();
  await logIn(page, `${url}/console/acme/users`, "user:mara");
  await page.click("button", "Invite people");
  await page.evaluate(() => document.activeElement.tagName === "TEXTAREA" || Promise.reject(new Error("no focus")));
  await page.fill("textbox", "E-mail addresses", "eva.lund@acme.example, not an address");
  await chooseRole(page, "data sci", "Data Scientist");
  await page.press("dialog footer .rc-btn--primary");
  // The back button asks before it closes what was typed.
  await page.evaluate(() => history.back());
  await page.see("Leave without saving?");
  await page.press("dialog[role=alertdialog] footer button");
  await page.gone("Leave without saving?");
  // The input stays, and the field states the error.
  await page.see("not is not an e-mail address.");
  await everyView(page, "users-invite", { themes: ["light"] });
  await page.fill("textbox", "E-mail addresses", "eva.lund@acme.example, jan.roth@acme.example");
  await page.see("rolecall admin invite user:jan.roth@acme.example");
  await page.press("dialog footer .rc-btn--primary");
  await page.see("2 invitations are on their way.");
  await page.see("eva.lund@acme.example");
  const addresses = () => letters(mail).map(({ email }) => email);
  await soon(() => addresses().includes("jan.roth@acme.example"), "both messages");
  assert.deepEqual(
    addresses()
      .filter((email) => /eva|jan/.test(email))
      .sort(),
    ["eva.lund@acme.example", "jan.roth@acme.example"],
  );
  await page.close();
});

story("a table of people is previewed row by row before it is imported", async (browser) => {
  const page = await browser.page();
  await logIn(page, `${account()}/users?search=rita`, "user:ada");
  await page.click("button", "Import");
  await page.fill("textbox", "Or paste the table", "name\nKim");
  await page.see("One of email and id is necessary.");
  const table =
    "email,name,roles,scope\nkim@acme.example,Kim Aydin,surveys-viewer,main/acme/shop\nlou@acme.example,Lou,nothing,main/acme/shop\n";
  await page.fill("textbox", "Or paste the table", table);
  await page.see("1 is refused, 1 is added");
  await page.see("there is no role `nothing`");
  await everyView(page, "users-import", { themes: ["light"] });
  await page.click("checkbox", "Leave out refused rows");
  await page.press("dialog footer .rc-btn--primary");
  await page.see("1 added, 0 changed.");
  await page.fill("textbox", "Search people", "kim");
  await row(page, "Kim Aydin", "Invited");
  await page.close();
});

story("a project's administrator sees guests as Other, and no other tenant", async (browser) => {
  const page = await browser.page();
  const { url } = demo.products.bloomreach;
  await logIn(page, `${shop()}/users?search=nils`, "user:pia");
  await row(page, "nils", "Other");
  const shown = await page.evaluate(() => document.documentElement.outerHTML);
  assert.doesNotMatch(shown, /northlight|Nils Ek/);
  // Nor do the answers that the page gets.
  const answers = await page.evaluate(async () => {
    const lists = [
      "access",
      "ending",
      "inactive",
      "requests",
      "invitations",
      "personal-data-readers",
      "documents",
      "events",
    ];
    const texts = lists.map(async (list) => (await fetch(`/v1/administration/${list}?at=main/acme/shop`)).text());
    return (await Promise.all(texts)).join("\n");
  });
  assert.doesNotMatch(answers, /northlight|Nils Ek/);
  await page.goto(`${url}/console/main:acme:shop/users/user:nils`);
  await page.see("Identity domain: Other");
  assert.doesNotMatch(await page.evaluate(() => document.documentElement.outerHTML), /northlight|Nils Ek/);
  await page.close();
});

story("a request is asked for, and approved", async (browser) => {
  const [own, admin] = [await browser.page(), await browser.page()];
  await logIn(admin, `${shop()}/users?search=rita`, "user:pia");
  await row(admin, "Rita Solberg", "Active");
  await admin.press('.rc-tabs a[href$="/requests"]');
  await admin.see("Consent texts were attached to the wrong customers.");
  await everyView(admin, "requests");
  await admin.click("button", "Approve Imports Admin for Felix Oyelaran");
  await admin.see("Felix Oyelaran holds Imports Admin until");
  await admin.until(() => document.querySelector(".rc-requests tbody")?.innerText.includes("Felix") === false);
  // Firefox draws nothing in a window behind another one.
  await own.raw.bringToFront();
  await logIn(own, `${shop()}/requests`, "user:rita");
  await own.click("button", "Ask for access");
  await own.press("dialog footer .rc-btn--primary");
  await own.see("Choose an end.");
  await own.fill("combobox", "Role", "surveys-publisher");
  await own.click("button", "1 day");
  await own.fill("textbox", "Reason", "A survey goes out on Friday");
  await own.see("rolecall admin request surveys-publisher main/acme/shop");
  await accessible(own, "asking for access");
  await own.press("dialog footer .rc-btn--primary");
  await own.see("The request is sent.");
  await admin.raw.bringToFront();
  await admin.see("A survey goes out on Friday");
  await admin.until(() => {
    const deny = document.querySelector('button[aria-label^="Deny Surveys Publisher for"]');
    deny?.focus();
    return document.activeElement === deny;
  });
  await admin.key("Enter");
  await admin.see("Only a new request can be approved.");
  await accessible(admin, "denying a request");
  await admin.press("dialog .rc-btn--destroy");
  await admin.until(() => document.querySelector('button[aria-label^="Deny Surveys Publisher for"]') === null);
  // A decided request stays visible, and the focus is near where it was.
  await admin.until(() => document.body.innerText.includes("Denied") && document.activeElement !== document.body);
  await own.close();
  await admin.close();
});

story("one person: roles over time, what they may do, and why not", async (browser) => {
  const page = await browser.page();
  await logIn(page, `${account()}/users?search=rita`, "user:ada");
  await row(page, "Rita Solberg", "Active");
  await page.click("link", "Rita Solberg");
  await page.see("What Rita Solberg may do");
  await page.see("Scenarios");
  await page.see("What Rita Solberg sees");
  await page.goto(`${account()}/users/user:rita?at=main/acme/shop&why=campaigns/scenarios:publish`);
  await page.see("What would allow it");
  await page.see("Scenarios Publisher at");
  await page.see("12 passed, 1 did not");
  await page.see("rolecall explain --store admin.rolecall --subject user:rita");
  // Nothing is said of another permission until the worker has answered.
  await page.evaluate(() => {
    const { postMessage } = Worker.prototype;
    const held = [];
    Worker.prototype.postMessage = function (...given) {
      held.push(() => postMessage.apply(this, given));
    };
    globalThis.release = () => {
      Worker.prototype.postMessage = postMessage;
      held.forEach((send) => send());
    };
    const field = document.querySelector(".rc-why input");
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set.call(field, "campaigns/scenarios:view");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
  await page.until(() => decodeURIComponent(location.search).includes("scenarios:view"));
  await page.until(() => document.querySelector(".rc-answer, .rc-ways") === null);
  await page.evaluate(() => globalThis.release());
  await page.until(() => document.querySelector(".rc-answer"));
  await page.see("Audit of Rita Solberg");
  await page.click("button", "Edit name and e-mail");
  await page.fill("textbox", "Name", "Rita S");
  await page.press("dialog footer .rc-btn--primary");
  await page.until(() => document.querySelector("h1")?.innerText === "Rita S");
  await page.press(".rc-toast:last-child > button");
  await page.until(() => document.querySelector("h1")?.innerText === "Rita Solberg");
  // An undo keeps the later change of someone else.
  const named = (name) => give(page, { "set-person": { subject: "user:rita", at: "main/acme", name } });
  await page.click("button", "Edit name and e-mail");
  await page.fill("textbox", "Name", "Rita S");
  await page.press("dialog footer .rc-btn--primary");
  await page.until(() => document.querySelector("h1")?.innerText === "Rita S");
  assert.equal(await named("Rita T"), 200);
  await page.press(".rc-toast:last-child > button");
  await page.see("Someone has changed this since. Nothing was undone.");
  assert.equal(await named("Rita Solberg"), 200);
  await page.until(() => document.querySelector("h1")?.innerText === "Rita Solberg");
  await everyView(page, "person");
  assert.deepEqual(faults(page), []);
  await page.goto(`${account()}/users/user:nobody`);
  await page.see("Nobody with the id user:nobody is listed at");
  await accessible(page, "nobody");
  await page.close();
});

story("violations are reported where the policy has rules, and days stay chosen", async (browser) => {
  const page = await browser.page();
  await logIn(page, `${account()}/users/reports?report=ending&days=45`, "user:ada");
  await page.see("within 45 days");
  await page.until(() => {
    const filter = document.querySelector(".rc-filter");
    filter?.focus();
    return document.activeElement === filter;
  });
  await page.key("Delete");
  await page.key("Enter");
  await page.until(() => document.querySelector(".rc-pop input:checked"));
  assert.ok(!(await page.texts(".rc-pop button")).includes("Clear"));
  await page.press(".rc-pop label:first-of-type");
  await page.see("within 7 days");
  assert.match(page.url(), /days=7/);
  await page.until(() =>
    [...document.querySelectorAll(".rc-seg button")].some((one) => one.innerText === "Violations"),
  );
  await page.click("button", "Violations");
  await page.see("No rule is violated at");
  await accessible(page, "violations");
  await page.close();
});

story("reports answer who may read personal data", async (browser) => {
  const page = await browser.page();
  const { url } = demo.products.blueconic;
  await logIn(page, `${url}/console/acme/users`, "user:mara");
  await page.click("link", "Reports");
  await page.see("Tom Haddad");
  await everyView(page, "reports");
  await page.click("button", "Who may read personal data");
  await page.see("Digital Privacy Officer");
  await accessible(page, "who may read personal data");
  await page.goto(`${url}/console/acme/users/reports?report=violations`);
  // The policy of this product has no such rule; that of the other limits the users of a project.
  await page.see("The policy has no rule that could be violated");
  assert.ok(!(await page.texts(".rc-seg button")).includes("Violations"));
  await accessible(page, "no rules");
  await page.goto(`${url}/console/acme/users/timeline`);
  await page.see("Tom Haddad");
  await everyView(page, "timeline");
  assert.deepEqual(faults(page), []);
  await page.close();
});

story("empty lists state the search, the refusal, or the usual content", async (browser) => {
  const page = await browser.page();
  const { url } = demo.products.blueconic;
  await logIn(page, `${url}/console/acme/users?search=zzz&status=active`, "user:mara");
  await page.see("Nobody matches “zzz”");
  await accessible(page, "nothing found");
  await page.click("button", "Clear the filters");
  await page.until(() => document.querySelector(".rc-users tr[data-index]"));
  assert.ok(!page.url().includes("search"));
  // The server refuses to take the last administrator, in its own words, before anything is done.
  await page.goto(`${url}/console/acme/users?search=mara&open=user:mara`);
  await page.press(".rc-holds .rc-btn--danger");
  await page.see("Not withdrawn.");
  await page.see("Make someone else an administrator first");
  await accessible(page, "a refusal");
  await page.shot("users-refused");
  await page.key("Escape");
  assert.ok((await rowsOf(page)).includes("Mara Voss"));
  await page.close();
});
