// Tests `@rolecall/vue` in Vue: on the server, in hydration, and in a page, with a moved clock.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it, mock } from "node:test";
import { complaints, connection, DAY, engine, HOUR, pass, session, sleep, startClock, view, wake } from "./world.mjs";
import { newContainer } from "./dom.mjs";
import { createRoles, guardRouter, useCan, useMenu, useRoles, useWhy } from "@rolecall/vue";
import { createStore } from "rolecall/store";
import {
  createApp,
  createSSRApp,
  defineAsyncComponent,
  h,
  isReactive,
  nextTick,
  reactive,
  ref,
  resolveDirective,
  Suspense,
  withDirectives,
} from "vue";
import { renderToString } from "@vue/server-renderer";
import { createMemoryHistory, createRouter } from "vue-router";

let renders = 0;

const Page = {
  setup() {
    const { answers } = useRoles();
    const [menu, edit, users] = [useMenu("main"), useCan("segments:edit"), useCan(ref("users:view"))];
    return () => {
      renders += 1;
      return h("main", [
        menu.value.items.map(({ id }) => id).join(),
        edit.value ? h("button", " edit") : " locked",
        ` users=${users.value}`,
        answers().connected ? "" : " offline",
      ]);
    };
  },
};

/** Uses what templates use. */
const Globals = {
  render() {
    const can = resolveDirective("can");
    return h("div", [
      String(this.$can("users:view")) + this.$menu("main").items.length,
      withDirectives(h("a", { id: "hidden" }), [[can, "segments:edit"]]),
      withDirectives(h("button", { id: "disabled" }), [[can, ["segments:edit", {}], undefined, { disable: true }]]),
    ]);
  },
};

let app;
let container;
let found;

beforeEach(() => {
  startClock();
  found = complaints();
  container = newContainer();
});

afterEach(() => {
  app?.unmount();
  app = undefined;
  mock.restoreAll();
});

function show(roles, component = Page) {
  app = createApp(component).use(roles);
  app.mount(container);
}

async function moved(move) {
  move();
  await nextTick();
}

const text = () => container.textContent;

describe("in a page", () => {
  it("answers at each time", async () => {
    show(createRoles(view()));
    assert.equal(text(), "segments edit users=false");
    renders = 0;
    await moved(() => pass(HOUR - 1));
    assert.equal(renders, 0);
    await moved(() => pass(1));
    assert.equal(text(), "segments locked users=false");
    await moved(() => pass(33 * DAY));
    assert.equal(text(), "segments,users locked users=true");
    await moved(() => pass(7 * DAY));
    assert.equal(text(), " locked users=false");
    assert.deepEqual(found, []);
  });

  it("is right after sleep", async () => {
    show(createRoles(view()));
    await moved(() => {
      sleep(33 * DAY);
      wake();
    });
    assert.equal(text(), "segments,users locked users=true");
  });

  it("follows a connection, offline as well", async () => {
    const live = connection(session());
    show(createRoles(live));
    await moved(() => live.set({ connection: { connected: false } }));
    assert.equal(text(), "segments edit users=false offline");
    await moved(() => live.set({ current: session("user:eve"), connection: { connected: true } }));
    assert.equal(text(), " locked users=false");
    app.unmount();
    app = undefined;
    assert.equal(live.listeners.size, 0);
  });

  it("makes sessions of an engine, takes a store, and continues with another source", async () => {
    show(createRoles(engine, { session: (engine, time) => engine.session("user:ada", { at: "acme", time }) }));
    await moved(() => pass(33 * DAY));
    assert.equal(text(), "segments,users locked users=true");
    app.unmount();
    const store = createStore(session("user:eve"));
    const roles = createRoles(store);
    assert.equal(roles.store, store);
    show(roles);
    assert.equal(text(), " locked users=false");
    await moved(() => roles.store.replace(view()));
    assert.equal(text(), "segments,users locked users=true");
    assert.equal(createRoles(undefined).can("users:view"), false);
  });

  it("has globals and a directive for templates", async () => {
    show(createRoles(view()), Globals);
    const state = () => [
      text(),
      container.querySelector("#hidden").hidden,
      container.querySelector("#disabled").disabled,
    ];
    assert.deepEqual(state(), ["false1", false, false]);
    await moved(() => pass(HOUR));
    assert.deepEqual(state(), ["false1", true, true]);
    await moved(() => pass(33 * DAY));
    assert.deepEqual(state(), ["true2", true, true]);
  });

  it("may be wrapped in a reactive object", () => {
    const state = reactive({ roles: createRoles(view()), live: undefined });
    assert.ok(isReactive(state));
    assert.equal(state.roles.can("segments:edit"), true);
    assert.equal(state.roles.store.get().can("segments:edit"), true);
  });

  it("denies unknown names, with one warning", async () => {
    const Wrong = {
      setup: () => [useCan("segments:fly"), useMenu("other"), useWhy(() => "segments:fly")],
      render: () => "x",
    };
    const roles = createRoles(session());
    for (const _ of [1, 2]) assert.equal(roles.can("segments:fly"), false);
    assert.deepEqual(roles.menu("other"), { items: [] });
    assert.deepEqual(roles.why("segments:fly"), { allow: false, reasons: [] });
    assert.equal(found.length, 2);
    const strict = createRoles(session(), { onUnknown: "throw" });
    assert.throws(() => strict.can("segments:fly"), { code: "permission.unknown" });
    await assert.rejects(renderToString(createSSRApp(Wrong)), /not installed/);
  });
});

describe("rendered by a server", () => {
  /** Renders on the server, where there is no window, and hydrates later from the same view, as it arrives in JSON. */
  async function hydrated(component, later, ready = () => {}) {
    const sent = view();
    const { window } = globalThis;
    delete globalThis.window;
    container.innerHTML = await renderToString(createSSRApp(component).use(createRoles(sent)));
    globalThis.window = window;
    const before = text();
    const button = container.querySelector("button");
    later();
    app = createSSRApp(component).use(createRoles(JSON.parse(JSON.stringify(sent))));
    app.mount(container);
    await ready();
    await nextTick();
    assert.deepEqual(found, []);
    return { before, button };
  }

  it("shows the same first", async () => {
    const { before, button } = await hydrated(Page, () => pass(60_000));
    assert.equal(text(), before);
    assert.equal(text(), "segments edit users=false");
    assert.equal(container.querySelector("button"), button);
  });

  it("shows the same first, and then what is right now", async () => {
    const { before } = await hydrated(Page, () => sleep(33 * DAY));
    assert.equal(before, "segments edit users=false");
    assert.equal(text(), "segments,users locked users=true");
  });

  it("shows the same first in parts that are hydrated later", async () => {
    let arrive;
    const arrived = new Promise((done) => {
      arrive = done;
    });
    const Late = { setup: () => () => h(Suspense, null, { default: () => h(Wait) }) };
    let isServer = true;
    const Wait = {
      async setup() {
        const page = Page.setup();
        if (!isServer) await arrived;
        return page;
      },
    };
    await hydrated(
      Late,
      () => {
        isServer = false;
        sleep(33 * DAY);
      },
      async () => {
        assert.equal(text(), "segments edit users=false");
        arrive();
        await new Promise((done) => setImmediate(done));
      },
    );
    assert.equal(text(), "segments,users locked users=true");
  });

  it("renders the directive", async () => {
    await hydrated(Globals, () => sleep(HOUR));
    const sent = createSSRApp(Globals).use(createRoles(view("user:eve")));
    assert.match(await renderToString(sent), /<a id="hidden" hidden.*<button id="disabled" disabled/);
    assert.equal(container.querySelector("#hidden").hidden, true);
  });

  it("answers at once in a component that comes later", async () => {
    const shown = ref(false);
    const Late = defineAsyncComponent(async () => Page);
    await hydrated({ render: () => h("div", shown.value ? h(Late) : "") }, () => sleep(33 * DAY));
    shown.value = true;
    for (const _ of [1, 2]) await new Promise((done) => setImmediate(done));
    assert.equal(text(), "segments,users locked users=true");
  });
});

describe("routes", () => {
  const route = (path, needs, children) => ({
    path,
    component: { render: () => h("p", path) },
    ...(needs === undefined ? {} : { meta: { needs } }),
    ...(children === undefined ? {} : { children }),
  });
  const routes = [
    route("/", undefined),
    route("/denied", undefined),
    route("/users", "users:view"),
    route("/segments", "segments:view", [{ ...route("edit", "segments:edit"), meta: { needs: "segments:edit" } }]),
  ];

  it("need permissions", async () => {
    const router = createRouter({ history: createMemoryHistory(), routes });
    const stop = guardRouter(router, createRoles(view()), { otherwise: "/denied" });
    const at = async (path) => {
      await router.push(path);
      return router.currentRoute.value.path;
    };
    assert.equal(await at("/segments"), "/segments");
    assert.equal(await at("/users"), "/denied");
    assert.equal(await at("/segments/edit"), "/segments/edit");
    // The role ends while its page is open.
    pass(HOUR);
    await new Promise((done) => setImmediate(done));
    assert.equal(router.currentRoute.value.path, "/denied");
    assert.equal(await at("/segments/edit"), "/denied");
    stop();
    assert.equal(await at("/users"), "/users");
  });

  it("have a page instead that may depend on the route", async () => {
    const router = createRouter({ history: createMemoryHistory(), routes });
    const otherwise = (to) => ({ path: "/denied", query: { from: to.path } });
    guardRouter(router, createRoles(view("user:eve")), { otherwise });
    await router.push("/segments/edit");
    assert.equal(router.currentRoute.value.fullPath, "/denied?from=/segments/edit");
  });
});
