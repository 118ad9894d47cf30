// How fast the console is in Chromium with a slowed processor: the first view, a click in the role editor and its impact, and
// scrolling through everybody. Prints a table; `cargo xtask console --bench` runs it.
import { launch, logIn, startProducts } from "./harness.mjs";

const {
  ROLECALL_PEOPLE: people = "10000",
  ROLECALL_SLOWDOWN: slowdown = "4",
  ROLECALL_ROUNDS: rounds = "5",
} = process.env;

const median = (numbers) => [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)];
const worst = (numbers) => Math.max(0, ...numbers);
const repeat = async (run) => {
  const found = [];
  for (let round = 0; round < Number(rounds); round += 1) found.push(await run(round));
  return found;
};

const started = Date.now();
const [demo, browser] = await Promise.all([startProducts({ people: Number(people) }), launch("chromium")]);
console.error(`seeded ${people} people in ${((Date.now() - started) / 1000).toFixed(0)} s`);
const table = [];
const report = (what, value, limit, unit = "ms") =>
  table.push({
    what,
    value: `${Math.round(value * 10) / 10} ${unit}`,
    limit: `${limit} ${unit}`,
    good: value <= limit,
  });

/** Notes long tasks, and the time from an event to the picture that answers it. */
function observe() {
  window.long = [];
  window.events = [];
  const note = (type, into, options) =>
    new PerformanceObserver((list) =>
      into.push(...list.getEntries().map(({ duration, name }) => [duration, name])),
    ).observe({
      type,
      buffered: true,
      ...options,
    });
  note("longtask", window.long);
  note("event", window.events, { durationThreshold: 16 });
}

// Started processes end, also after a failure.
const end = async () => {
  await browser.close();
  await demo.stop();
};
process.once("uncaughtException", (error) => {
  console.error(error);
  void end().finally(() => process.exit(1));
});

const { console: address, url } = demo.products.blueconic;
const page = await browser.page();
await page.raw.addInitScript(observe);
await logIn(page, address, "user:mara");
await page.until(() => document.querySelector(".rc-users tr[data-index]"));
const control = await page.raw.context().newCDPSession(page.raw);
const slow = (rate) => control.send("Emulation.setCPUThrottlingRate", { rate: Number(rate) });

/** Returns the milliseconds from the beginning of a navigation until a selector is in the picture. */
async function firstView(path, css) {
  await page.raw.goto("about:blank");
  await page.raw.goto(`${url}/console/acme/${path}`, { waitUntil: "commit" });
  return page.evaluate(
    (css) =>
      new Promise((done) => {
        const look = () => {
          if (document.querySelector(css) === null) return requestAnimationFrame(look);
          // After the next picture.
          return requestAnimationFrame(() => setTimeout(() => done(performance.now())));
        };
        look();
      }),
    css,
  );
}

await slow(slowdown);
for (const [isCached, when] of [
  [false, "nothing cached"],
  [true, "files cached"],
]) {
  await control.send("Network.setCacheDisabled", { cacheDisabled: !isCached });
  const users = await repeat(() => firstView("users", ".rc-users tr[data-index]"));
  report(`first view: users, ${when}`, median(users), 1_000);
  const roles = await repeat(() => firstView("roles/editor/online-marketer", ".rc-tree__row"));
  report(`first view: role editor, ${when}`, median(roles), 1_000);
}

// The role editor: the role is held by a fifth of the people.
await firstView("roles/editor/online-marketer", ".rc-tree__row");
await slow(1);
const BOX = ".rc-tree__c input:not(:disabled)";
const settled = () =>
  page.until(
    () =>
      document.querySelector(".rc-roles__impact .rc-impact") !== null &&
      document.querySelector(".rc-roles__impact [aria-busy]") === null,
  );
// The first click loads the people into the engine.
await page.raw.locator(BOX).nth(3).click();
await page.raw.waitForFunction(
  () => document.querySelector(".rc-roles__impact .rc-impact:not([aria-busy])"),
  undefined,
  {
    timeout: 60_000,
  },
);
await slow(slowdown);
await page.evaluate(() => (window.events.length = 0) || (window.long.length = 0));
const impacts = await repeat(async (round) => {
  const time = page.evaluate(
    () =>
      new Promise((done) => {
        let clicked;
        addEventListener("click", (event) => (clicked = event.timeStamp), { capture: true, once: true });
        let wasBusy = false;
        const look = () => {
          const isBusy = document.querySelector(".rc-roles__impact [aria-busy]") !== null;
          wasBusy ||= isBusy;
          if (clicked !== undefined && wasBusy && !isBusy) done(performance.now() - clicked);
          else requestAnimationFrame(look);
        };
        look();
      }),
  );
  await page.raw
    .locator(BOX)
    .nth(8 + round)
    .click();
  const found = await time;
  await page.raw.waitForTimeout(800);
  return found;
});
const clicks = await page.evaluate(() =>
  window.events.filter(([, name]) => name === "click" || name === "pointerup").map(([duration]) => duration),
);
report("role editor: from a click to its picture, worst", worst(clicks), 48);
report("role editor: from a click to the impact, median", median(impacts), 200);
report("role editor: from a click to the impact, worst", worst(impacts), 200);
await settled();

// Scrolling: from the first row to the last, with every page loaded on the way.
await page.raw.goto(`${url}/console/acme/users`);
await page.until(() => document.querySelector(".rc-users tr[data-index]"));
const total = await page.evaluate(() => Number(document.querySelector(".rc-users").getAttribute("aria-rowcount")));
await page.raw.waitForTimeout(1_500);
await page.evaluate(() => (window.long.length = 0));
const scroll = () =>
  page.evaluate(
    (total) =>
      new Promise((done) => {
        const began = performance.now();
        let still = 0;
        const step = () => {
          const before = scrollY;
          // 18,000 pixels in a second, at 60 pictures.
          scrollBy(0, 300);
          still = scrollY === before ? still + 1 : 0;
          const last = document.querySelector(`tr[aria-rowindex="${total}"]`);
          if ((last !== null && still > 10) || performance.now() - began > 240_000)
            return done([performance.now() - began, last !== null]);
          return requestAnimationFrame(step);
        };
        step();
      }),
    total,
  );
for (const name of ["loading every page", "up and down again"]) {
  if (name !== "loading every page") await page.evaluate(() => scrollTo(0, 0));
  await page.evaluate(() => (window.long.length = 0));
  const [time, isAll] = await scroll();
  const tasks = await page.evaluate(() => window.long.map(([duration]) => duration));
  console.error(
    `${name}: ${(time / 1000).toFixed(1)} s, ${isAll ? "all" : "not all"} rows, ${tasks.length} long tasks: ${tasks.map(Math.round).join(" ")}`,
  );
  report(`scrolling ${total - 1} people, ${name}: long tasks`, tasks.length, 0, "tasks");
  report(`scrolling ${total - 1} people, ${name}: longest task`, worst(tasks), 50);
}

console.table(
  Object.fromEntries(
    table.map(({ what, value, limit, good }) => [what, { measured: value, limit, "": good ? "" : "over" }]),
  ),
);
await end();
