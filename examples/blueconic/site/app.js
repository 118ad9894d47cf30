// The demonstration page. The browser evaluates the policy and renders the menu from it.
import { Engine, init } from "/demo/rolecall/index.js";

const PEOPLE = {
  "user:sam": "Sam, Segmentation Specialist",
  "user:ada": "Ada, Application Manager",
  "user:dana": "Dana, Digital Privacy Officer",
  "user:omar": "Omar, Online Marketer and Insights Only",
  "user:ines": "Ines, Insights Only",
  "user:rosa": "Rosa, views roles only",
  "user:tom": "Tom, IT administrator until December",
  "user:nia": "Nia, invited",
  "support:jo": "Jo, named support staff",
  "support:kim": "Kim, unnamed support staff",
};
const UTILITY = new Set(["search", "notifications", "help", "personal-settings"]);
const byId = (id) => document.getElementById(id);

function element(name, properties = {}, ...children) {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
}

function currentUser() {
  const pair = document.cookie.split("; ").find((pair) => pair.startsWith("demo-user="));
  const user = pair && decodeURIComponent(pair.slice("demo-user=".length));
  return user in PEOPLE ? user : "user:sam";
}

function signIn(user) {
  document.cookie = `demo-user=${encodeURIComponent(user)}; path=/; samesite=strict`;
}

function menuItem(item) {
  if (item.items) {
    const summary = element("summary", {}, item.title);
    return element("li", {}, element("details", {}, summary, element("ul", {}, ...item.items.map(menuItem))));
  }
  const link = element("a", { href: item.href, className: UTILITY.has(item.id) ? "utility" : "" }, item.title);
  if (item.href === location.pathname) link.setAttribute("aria-current", "page");
  return element("li", {}, link);
}

/** Removes the tabs of an item with tabs: the page itself shows them. */
function flattened(items) {
  return items.map((item) => {
    if (item.id === "access-management") return { ...item, items: undefined };
    return item.items ? { ...item, items: flattened(item.items) } : item;
  });
}

function* leaves(items, trail = []) {
  for (const item of items) {
    const here = [...trail, item.title];
    if (item.items) yield* leaves(item.items, here);
    else yield { ...item, trail: here };
  }
}

function show(engine, everything) {
  const user = currentUser();
  const context = { at: "acme", time: new Date() };
  const start = performance.now();
  const session = engine.session(user, context);
  const menu = session.menu("main");
  const took = performance.now() - start;

  byId("menu").replaceChildren(...flattened(menu.items).map(menuItem));
  const visible = [...leaves(menu.items)];
  const here = visible.find((item) => item.href === location.pathname);
  byId("title").textContent = here?.title ?? "Not in this user’s menu";
  byId("crumb").textContent = here ? here.trail.slice(0, -1).join(" › ") : location.pathname;
  document.title = `${byId("title").textContent} · Rolecall`;

  const shown = new Set(visible.map((item) => item.href));
  const hidden = everything.filter((item) => !shown.has(item.href));
  const chips = hidden.map((item) => element("li", {}, element("a", { href: item.href }, item.title)));
  byId("hidden").replaceChildren(...(chips.length ? chips : [element("li", {}, "nothing")]));

  const { permissions } = session.permissions();
  const decision = session.check("profiles:view");
  const facts = {
    Subject: user,
    Permissions: `${permissions.length} of ${engine.policy.permissions.length}`,
    "Personal data": decision.withheld.includes("pii") ? "withheld" : "visible",
    "Menu valid until": menu.valid_until ?? "the next change",
  };
  byId("facts").replaceChildren(
    ...Object.entries(facts).flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]),
  );
  byId("time").textContent = took < 1 ? `${(took * 1000).toFixed(0)} µs` : `${took.toFixed(1)} ms`;
  document.body.dataset.ready = user;
}

const [policy, directory] = await Promise.all(
  ["/demo/policy.json", "/demo/directory.json"].map(async (file) => (await fetch(file)).text()),
);
await init();
const engine = Engine.fromJson(policy, directory);
const everything = [];
(function collect(items) {
  for (const item of items) {
    if (item.items) collect(item.items);
    else everything.push(item);
  }
})(JSON.parse(policy).menus.main);

const picker = byId("user");
picker.append(...Object.entries(PEOPLE).map(([value, label]) => element("option", { value }, label)));
picker.value = currentUser();
signIn(picker.value);
picker.addEventListener("change", () => {
  signIn(picker.value);
  // The new user may lack access to the current page, so the server checks it again.
  if (location.pathname === "/") show(engine, everything);
  else location.reload();
});
document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("nav details[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") for (const open of document.querySelectorAll("nav details[open]")) open.open = false;
});
show(engine, everything);
