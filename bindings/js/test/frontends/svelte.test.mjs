// Tests `@rolecall/svelte` in Svelte: on the server, in hydration, and in a page, with a moved clock.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it, mock } from "node:test";
import { complaints, connection, DAY, engine, HOUR, pass, session, sleep, startClock, view, wake } from "./world.mjs";
import { newContainer } from "./dom.mjs";
import { compiled } from "./svelte-files.mjs";
import { createStore } from "rolecall/store";

const FILES = {
  "Page.svelte": `<script>
    import { getRoles } from "@rolecall/svelte";
    const roles = getRoles();
    globalThis.firstAnswers?.push(roles.can("users:view"));
    const editable = $derived(roles.can("segments:edit"));
  </script>
  <main>{roles.menu("main").items.map(({ id }) => id).join()}{#if editable}<button>{" edit"}</button>{:else}{" locked"}{/if}{" users="}{roles.can("users:view")}{$roles.connected ? "" : " offline"}</main>`,
  "App.svelte": `<script>
    import { setRoles } from "@rolecall/svelte";
    import Page from "./Page.svelte";
    let { source, options, shown = true, taken = () => {} } = $props();
    const roles = setRoles(source, options);
    let more = $state(shown);
    taken({ roles, show: () => (more = true) });
  </script>
  {#if more}<Page />{/if}`,
  "main.js": `export { default as App } from "./App.svelte";
    export { default as Page } from "./Page.svelte";
    export { flushSync, hydrate, mount, unmount } from "svelte";`,
};

// What a server compiles has no part for pages.
const { window } = globalThis;
delete globalThis.window;
const onServer = await compiled(
  { ...FILES, "main.js": `${FILES["main.js"]}\nexport { render } from "svelte/server";` },
  "server",
);
globalThis.window = window;
const { App, Page, flushSync, hydrate, mount, unmount } = await compiled(FILES, "client");

let app;
let container;
let found;

beforeEach(() => {
  startClock();
  found = complaints();
  container = newContainer();
});

afterEach(async () => {
  if (app !== undefined) await unmount(app);
  app = undefined;
  mock.restoreAll();
});

function show(source, options, more) {
  app = mount(App, { target: container, props: { source, options, ...more } });
  flushSync();
}

function moved(move) {
  move();
  flushSync();
}

const text = () => container.textContent;

describe("in a page", () => {
  it("answers at each time", () => {
    show(view());
    assert.equal(text(), "segments edit users=false");
    moved(() => pass(HOUR - 1));
    assert.equal(text(), "segments edit users=false");
    moved(() => pass(1));
    assert.equal(text(), "segments locked users=false");
    moved(() => pass(33 * DAY));
    assert.equal(text(), "segments,users locked users=true");
    moved(() => pass(7 * DAY));
    assert.equal(text(), " locked users=false");
    assert.deepEqual(found, []);
  });

  it("is right after sleep", () => {
    show(view());
    moved(() => {
      sleep(33 * DAY);
      wake();
    });
    assert.equal(text(), "segments,users locked users=true");
  });

  it("follows a connection, offline as well", async () => {
    const live = connection(session());
    show(live);
    moved(() => live.set({ connection: { connected: false } }));
    assert.equal(text(), "segments edit users=false offline");
    moved(() => live.set({ current: session("user:eve"), connection: { connected: true } }));
    assert.equal(text(), " locked users=false");
    await unmount(app);
    app = undefined;
    await new Promise((done) => setImmediate(done));
    assert.equal(live.listeners.size, 0);
  });

  it("makes sessions of an engine", () => {
    show(engine, { session: (engine, time) => engine.session("user:ada", { at: "acme", time }) });
    moved(() => pass(33 * DAY));
    assert.equal(text(), "segments,users locked users=true");
  });

  it("takes a store, and continues with another source", async () => {
    const store = createStore(session("user:eve"));
    let roles;
    show(store, undefined, { taken: (given) => (roles = given.roles) });
    assert.equal(roles.store, store);
    assert.equal(text(), " locked users=false");
    roles.store.replace(view());
    await Promise.resolve();
    flushSync();
    assert.equal(text(), "segments edit users=false");
  });

  it("denies without a source, and denies unknown names with one warning", () => {
    let roles;
    const taken = (given) => (roles = given.roles);
    show(undefined, undefined, { taken });
    assert.equal(text(), " locked users=false");
    app = undefined;
    show(session(), undefined, { taken });
    for (const _ of [1, 2]) assert.equal(roles.can("segments:fly"), false);
    assert.deepEqual(roles.menu("other"), { items: [] });
    assert.deepEqual(roles.why("users:view"), { allow: false, reasons: ["not-yet", "no-grant"] });
    assert.equal(found.length, 2);
    show(session(), { onUnknown: "throw" }, { taken });
    assert.throws(() => roles.can("segments:fly"), { code: "permission.unknown" });
  });

  it("says that the roles are not set", () => {
    assert.throws(() => mount(Page, { target: container }), /setRoles/);
  });
});

describe("rendered by a server", () => {
  /** Renders on the server, and hydrates later from the same view, as it arrives in JSON. */
  function hydrated(later, props = {}) {
    const sent = view();
    const { body } = onServer.render(onServer.App, { props: { source: sent, ...props } });
    container.innerHTML = body;
    const before = text();
    const button = container.querySelector("button");
    later();
    globalThis.firstAnswers = [];
    app = hydrate(App, { target: container, props: { source: JSON.parse(JSON.stringify(sent)), ...props } });
    flushSync();
    assert.deepEqual(found, []);
    return { before, button };
  }

  it("shows the same first", () => {
    const { before, button } = hydrated(() => pass(60_000));
    assert.equal(text(), before);
    assert.equal(text(), "segments edit users=false");
    assert.equal(container.querySelector("button"), button);
  });

  it("shows the same first, and then what is right now", () => {
    const { before } = hydrated(() => sleep(33 * DAY));
    assert.equal(before, "segments edit users=false");
    assert.deepEqual(globalThis.firstAnswers, [false]);
    assert.equal(text(), "segments,users locked users=true");
  });

  it("answers at once in a component that comes later", () => {
    let more;
    hydrated(() => sleep(33 * DAY), { shown: false, taken: ({ show }) => (more = show) });
    moved(() => more());
    assert.equal(text(), "segments,users locked users=true");
  });
});
