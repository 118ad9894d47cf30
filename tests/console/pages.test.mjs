// Every page and state in English and German, light and dark, from 360 to 2560 pixels: nothing that axe-core finds, nothing
// wider than the window, nothing that moves while it loads, and every control within reach of the keyboard.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, launch, logIn, startProducts } from "./harness.mjs";

let demo;
let browser;
before(async () => {
  [demo, browser] = await Promise.all([startProducts(), launch("chromium")]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

/** The address of a view, and the selector of what shows that it is there. */
const VIEWS = {
  blueconic: {
    users: ["users", ".rc-users tr[data-index]"],
    "users-open": ["users?search=sam&open=user:sam", ".rc-holds"],
    "users-nothing": ["users?search=zzz", ".rc-empty"],
    "users-support": ["users?kind=support", ".rc-users tr[data-index]"],
    timeline: ["users/timeline", ".rc-bars, .rc-panel a"],
    "report-ending": ["users/reports", "main tbody tr"],
    "report-readers": ["users/reports?report=readers", "main tbody tr"],
    "report-inactive": ["users/reports?report=inactive", "main tbody tr"],
    person: ["users/user:sam", ".rc-eff"],
    "person-why": ["users/user:sam?why=dialogues/positions:create", ".rc-why, .rc-split"],
    "person-unknown": ["users/user:nobody", "main h1, .rc-empty"],
    roles: ["roles", ".rc-tree__row"],
    "role-custom": ["roles/editor/newsroom", ".rc-tree__row"],
    "role-preset": ["roles/editor/data-scientist", ".rc-tree__row"],
    "role-unknown": ["roles/editor/nothing", ".rc-roles"],
    matrix: ["roles/matrix", ".rc-mx td[data-h]"],
    "matrix-people-roles": ["roles/matrix?of=people-roles", ".rc-mx td[data-h]"],
    "matrix-people-permissions": ["roles/matrix?of=people-permissions", ".rc-mx td[data-h]"],
    inheritance: ["roles/inheritance", ".rc-g, .rc-table"],
    applications: ["applications", "main h2, main li"],
    application: ["applications/app:crm-sync", "main fieldset, main .rc-input"],
    "single-sign-on": ["single-sign-on", "main fieldset, main .rc-input"],
    "ip-addresses": ["ip-addresses", "main fieldset, main .rc-input"],
    "support-access": ["support-access", "main fieldset, main .rc-input"],
    timeout: ["timeout", "main fieldset, main .rc-input"],
    audit: ["audit", ".rc-ev"],
    "audit-event": ["audit/5", "#rc-event"],
    "audit-nothing": ["audit?search=zzz", ".rc-empty"],
    "no-such-tab": ["groups", "main h1, .rc-empty"],
  },
  bloomreach: {
    "scopes-users": ["users", ".rc-users tr[data-index]"],
    "scopes-groups": ["users?kind=groups", ".rc-users tr[data-index]"],
    "scopes-inheritance": ["roles/inheritance", ".rc-g, .rc-table"],
    "scopes-role": ["roles/editor/campaign-lead", ".rc-tree__row"],
    groups: ["groups", "main li, main h2"],
    group: ["groups/group:main%2Facme%2Fbrand", "main fieldset, main .rc-input"],
    requests: ["requests", ".rc-requests tbody tr"],
    violations: ["users/reports?report=violations", "main .rc-panel, main .rc-empty"],
  },
};
const HOLDERS = { blueconic: ["user:mara", "acme"], bloomreach: ["user:ada", "main:acme"] };

/** Waits until everything is loaded and drawn. */
const settled = async (page, css) => {
  await page.until(
    (css) => document.querySelector(css) !== null && document.querySelector(".rc-skel, [aria-busy=true]") === null,
    css,
  );
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
};

/** Fails if the page is wider than the window, and names what is. */
async function fits(page, name, width) {
  await page.size(width, width < 768 ? 780 : 1000);
  const wide = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return undefined;
    const reaching = [...document.querySelectorAll("body *")].filter(
      (element) => element.getBoundingClientRect().right > clientWidth + 1,
    );
    return `${scrollWidth - clientWidth} pixels: ${reaching.slice(-3).map((element) => element.outerHTML.slice(0, 120))}`;
  });
  assert.equal(wide, undefined, `${name} is wider than ${width}`);
}

const theme = (page, name) => page.evaluate((name) => (document.documentElement.dataset.theme = name), name);

/** The two looks of a language at which axe-core runs. Together the languages have all four. */
const LOOKS = {
  "en-US": [
    [360, "light"],
    [2560, "dark"],
  ],
  "de-DE": [
    [360, "dark"],
    [2560, "light"],
  ],
};

for (const locale of Object.keys(LOOKS)) {
  for (const [product, views] of Object.entries(VIEWS)) {
    test(`every page of ${product} in ${locale}`, async (context) => {
      const page = await browser.page({ locale });
      const [person, at] = HOLDERS[product];
      await page.raw.addInitScript(() => {
        window.shifts = [];
        const place = ({ x, y, width, height }) => [x, y, width, height].map(Math.round).join(" ");
        const what = ({ node, previousRect, currentRect }) =>
          `${(node?.outerHTML ?? node?.textContent)?.slice(0, 120)}: ${place(previousRect)} → ${place(currentRect)}`;
        new PerformanceObserver((list) => {
          for (const { value, hadRecentInput, sources } of list.getEntries())
            if (!hadRecentInput) window.shifts.push(value, ...sources.map(what));
        }).observe({ type: "layout-shift", buffered: true });
      });
      await enter(page, `${demo.products[product].url}/console/${at}/users`, person);
      for (const [name, [path, css]] of Object.entries(views)) {
        await context.test(name, async () => {
          await page.size(1440, 900);
          await page.goto(`${demo.products[product].url}/console/${at}/${path}`);
          await settled(page, css);
          const shifts = await page.evaluate(() => window.shifts);
          for (const width of [360, 768, 1024, 1440, 2560]) await fits(page, name, width);
          for (const [width, look] of LOOKS[locale]) {
            await page.size(width, width < 768 ? 780 : 1300);
            await theme(page, look);
            await accessible(page, `${name} in ${locale} at ${width}, ${look}`);
            await page.shot(`page-${name}-${locale.slice(0, 2)}-${width}-${look}`);
          }
          assert.deepEqual(shifts, [], `${name} moves while it loads`);
        });
      }
      assert.deepEqual(
        page.errors.filter((text) => !/Failed to load resource/.test(text)),
        [],
      );
      await page.close();
    });
  }
}

/** Logs in, in any language. */
async function enter(page, url, person) {
  await page.goto(url);
  await page.press('a[href*="/v1/login/demo"]');
  await page.until(() => document.title === "Who are you?");
  await page.press(`button[value="${person}"]`);
  await page.until((start) => location.href.startsWith(start), new URL(url).origin);
}

/** Dialogs: the product, the address, and the pressed buttons, by selectors that no language changes. */
const LAYERS = {
  find: ["blueconic", "users", [".rc-find"]],
  account: ["blueconic", "users", [".rc-top__end .rc-tenant"]],
  scopes: ["bloomreach", "users", [".rc-top__bar > .rc-tenant"]],
  "filter of roles": ["blueconic", "users", [".rc-filters button[aria-haspopup]"]],
  invite: ["blueconic", "users", ["main .rc-btn--primary", "dialog footer .rc-btn--primary"]],
  import: ["blueconic", "users", ["main .rc-head .rc-btn:nth-last-child(2)"]],
  "add a role": ["bloomreach", "users?search=rita", ["tr[data-index] button[aria-haspopup=dialog]", "dialog input"]],
  "account menu": ["blueconic", "users?search=sam&open=user:sam", [".rc-users__open button[aria-haspopup=menu]"]],
  "new role": ["blueconic", "roles?new=1", []],
  "role menu": ["blueconic", "roles/editor/newsroom", [".rc-roles__head button[aria-haspopup=menu]"]],
  "ask for access": ["bloomreach", "requests", ["main .rc-btn--primary"]],
};

for (const locale of Object.keys(LOOKS)) {
  test(`every dialog and menu in ${locale}`, async (context) => {
    for (const [product, [person, at]] of Object.entries(HOLDERS)) {
      const page = await browser.page({ locale });
      const { url } = demo.products[product];
      await enter(page, `${url}/console/${at}/users`, person);
      for (const [name, [of, path, presses]] of Object.entries(LAYERS)) {
        if (of !== product) continue;
        await context.test(name, async () => {
          await page.size(1440, 900);
          await page.goto(`${url}/console/${at}/${path}`);
          await settled(page, "main h1");
          for (const css of presses) {
            await page.until((css) => document.querySelector(css), css);
            await page.press(css);
          }
          await page.until(() => document.querySelector("dialog[open], :popover-open"));
          for (const width of [360, 2560]) await fits(page, name, width);
          for (const [width, look] of LOOKS[locale]) {
            await page.size(width, 800);
            await theme(page, look);
            await accessible(page, `${name} in ${locale} at ${width}, ${look}`);
            await page.shot(`layer-${name.replaceAll(" ", "-")}-${locale.slice(0, 2)}-${width}-${look}`);
          }
        });
      }
      await page.close();
    }
  });
}

for (const state of ["loading", "failed"]) {
  test(`every page of which the data is ${state}`, async (context) => {
    const page = await browser.page({ locale: "de-DE" });
    const { url } = demo.products.blueconic;
    await enter(page, `${url}/console/acme/users`, "user:mara");
    await page.raw.route(/\/v1\/administration\/(?!rights|user\?)|\/user\?.*sam/, (route) => {
      if (state === "failed") return route.fulfill({ status: 503, contentType: "application/json", body: "{}" });
      // Never answered.
      return undefined;
    });
    const tabs = [
      "users",
      "users/timeline",
      "users/reports",
      "users/user:sam",
      "roles",
      "roles/matrix",
      "roles/inheritance",
    ];
    const settings = ["applications", "single-sign-on", "ip-addresses", "support-access", "timeout", "audit"];
    for (const path of [...tabs, ...settings]) {
      await context.test(path, async () => {
        await page.goto(`${url}/console/acme/${path}`);
        await page.until(
          (state) => document.querySelector(state === "failed" ? ".rc-note--lose" : ".rc-skel, [aria-busy=true]"),
          state,
        );
        for (const [width, look] of LOOKS["de-DE"]) {
          await fits(page, path, width);
          await theme(page, look);
          await accessible(page, `${path} ${state} at ${width}, ${look}`);
          await page.shot(`${state}-${path.replaceAll(/[/:]/g, "-")}-${width}-${look}`);
        }
      });
    }
    await page.close();
  });
}

test("the keyboard reaches every control, shows where it is, and is not caught", async (context) => {
  for (const [product, views] of Object.entries(VIEWS)) {
    const page = await browser.page();
    const [person, at] = HOLDERS[product];
    const { url } = demo.products[product];
    await enter(page, `${url}/console/${at}/users`, person);
    for (const [name, [path, css]] of Object.entries(views)) {
      await context.test(name, async () => {
        await page.goto(`${url}/console/${at}/${path}`);
        await settled(page, css);
        await page.evaluate(() => {
          window.reached = [];
          // Without the transition, the style is that of the focus at once.
          document.documentElement.style.setProperty("--rc-fast", "0s");
        });
        for (let step = 0; step < 400; step += 1) {
          await page.key("Tab");
          const isDone = await page.evaluate(() => {
            const element = document.activeElement;
            // A date has several parts, each with the focus of its own.
            if (element === window.reached.at(-1)) return false;
            if (element === document.body || window.reached.includes(element)) return true;
            window.reached.push(element);
            const { width, height, top, bottom } = element.getBoundingClientRect();
            const style = getComputedStyle(element);
            const isSeen = width > 0 && height > 0 && bottom > 0 && top < innerHeight;
            const isDrawn =
              element instanceof SVGElement && getComputedStyle(element.firstElementChild).strokeWidth === "3px";
            const isShown = isDrawn || (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1);
            if (!isSeen || !isShown) throw new Error(`focus is not visible: ${element.outerHTML.slice(0, 200)}`);
            return false;
          });
          if (isDone) break;
        }
        const missed = await page.evaluate(() => {
          const all = [
            ...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']"),
          ];
          const isOpen = (element) =>
            element.checkVisibility({ visibilityProperty: true }) && !element.disabled && element.tabIndex >= 0;
          // One of a group of radio buttons takes the focus, and arrows go on.
          const isRadio = (element) => element.type === "radio" && !element.checked;
          return all
            .filter((element) => isOpen(element) && !isRadio(element) && !window.reached.includes(element))
            .map((element) => element.outerHTML.slice(0, 150));
        });
        assert.deepEqual(missed, []);
      });
    }
    await page.close();
  }
});
