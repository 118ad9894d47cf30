// Tests `@rolecall/react` in React: on the server, in hydration, and in a page, with a moved clock.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it, mock } from "node:test";
import { complaints, connection, DAY, engine, HOUR, pass, session, sleep, startClock, view, wake } from "./world.mjs";
import { newContainer } from "./dom.mjs";
import { QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { act, createElement as e, StrictMode, useState } from "react";
import { createRoot, hydrateRoot } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { Can, Guard, RolecallProvider, useCan, useGated, useMenu, useRoles, useStore, useWhy } from "@rolecall/react";
import { createStore } from "rolecall/store";

globalThis.IS_REACT_ACT_ENVIRONMENT = true;

let renders = 0;

function Page() {
  renders += 1;
  const menu = useMenu("main");
  const { connected } = useRoles();
  return e(
    "main",
    null,
    menu.items.map(({ id }) => id).join(),
    e(Can, { needs: "segments:edit", otherwise: " locked" }, e("button", null, " edit")),
    e(Can, { needs: "users:view" }, (allowed) => ` users=${allowed}`),
    connected ? "" : " offline",
  );
}

const app = (source, more) => e(StrictMode, null, e(RolecallProvider, { source, ...more }, e(Page)));

let root;
let container;
let found;

beforeEach(() => {
  startClock();
  found = complaints();
  container = newContainer();
});

afterEach(() => {
  act(() => root?.unmount());
  root = undefined;
  mock.restoreAll();
});

async function show(element) {
  root ??= createRoot(container);
  await act(async () => root.render(element));
}

const moved = (move) =>
  act(async () => {
    await move();
  });

const text = () => container.textContent;

describe("in a page", () => {
  it("answers at each time", async () => {
    await show(app(view()));
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
    await show(app(view()));
    await moved(() => {
      sleep(33 * DAY);
      wake();
    });
    assert.equal(text(), "segments,users locked users=true");
  });

  it("follows a connection, offline as well", async () => {
    const live = connection(session());
    await show(app(live));
    assert.equal(text(), "segments edit users=false");
    await moved(() => live.set({ connection: { connected: false } }));
    assert.equal(text(), "segments edit users=false offline");
    await moved(() => live.set({ current: session("user:eve"), connection: { connected: true } }));
    assert.equal(text(), " locked users=false");
    await act(async () => root.unmount());
    root = undefined;
    assert.equal(live.listeners.size, 0);
  });

  it("makes sessions of an engine", async () => {
    const make = (engine, time) => engine.session("user:ada", { at: "acme", time });
    await show(app(engine, { session: make }));
    await moved(() => pass(33 * DAY));
    assert.equal(text(), "segments,users locked users=true");
  });

  it("denies without a source, and answers from another one at once", async () => {
    await show(app(undefined));
    assert.equal(text(), " locked users=false");
    await show(app(view()));
    assert.equal(text(), "segments edit users=false");
    await show(app(view("user:eve")));
    assert.equal(text(), " locked users=false");
  });

  it("takes a store", async () => {
    const store = createStore(view());
    let used;
    const Use = () => ((used = useStore()), null);
    await show(e(RolecallProvider, { source: store }, e(Use)));
    assert.equal(used, store);
  });

  it("says that a provider is missing", async () => {
    assert.throws(() => renderToString(e(Page)), /RolecallProvider/);
  });

  it("denies unknown names, with one warning", async () => {
    const Wrong = () => String(useCan("segments:fly")) + useMenu("other").items.length + useWhy("segments:fly").allow;
    for (const source of [view(), session()]) {
      await show(e(RolecallProvider, { source, key: typeof source.can }, e(Wrong), e(Wrong)));
      assert.equal(text(), "false0falsefalse0false");
    }
    assert.equal(found.filter((line) => /segments:fly/.test(line)).length, 2);
    assert.equal(found.filter((line) => /other/.test(line)).length, 2);
    const strict = e(RolecallProvider, { source: session(), onUnknown: "throw" }, e(Wrong));
    assert.throws(() => renderToString(strict), { code: "permission.unknown" });
  });

  it("guards pages, with the reasons", async () => {
    const page = (needs) =>
      e(
        RolecallProvider,
        { source: session() },
        e(Guard, { needs, otherwise: ({ reasons }) => `denied: ${reasons.join()}` }, "page"),
        e(Guard, { needs, otherwise: "plain" }, "page"),
      );
    assert.equal(renderToString(page("segments:edit")), "page<!-- -->page");
    assert.equal(renderToString(page("users:view")), "denied: not-yet,no-grant<!-- -->plain");
  });

  it("renders again only what changes", async () => {
    let [calls, other] = [0, undefined];
    const Button = () => ((calls += 1), String(useCan("segments:view")));
    const Other = () => ((other = useState(0)[1]), useCan("segments:edit") ? "edit" : "no");
    const store = createStore(view());
    await show(e(RolecallProvider, { source: store }, e(Button), e(Other)));
    assert.equal(calls, 1);
    await moved(() => pass(HOUR));
    assert.equal(text(), "trueno");
    assert.equal(calls, 1);
    await moved(() => other(1));
    assert.equal(calls, 1);
  });
});

describe("rendered by a server", () => {
  /** Renders on the server, and hydrates later from the same view, as it arrives in JSON. */
  async function hydrated(later) {
    const sent = view();
    container.innerHTML = renderToString(app(sent));
    const before = text();
    const button = container.querySelector("button");
    later();
    const recovered = [];
    await act(async () => {
      root = hydrateRoot(container, app(JSON.parse(JSON.stringify(sent))), {
        onRecoverableError: (error) => recovered.push(error),
      });
    });
    assert.deepEqual(recovered, []);
    assert.deepEqual(found, []);
    return { before, button };
  }

  it("shows the same first", async () => {
    const { before, button } = await hydrated(() => pass(60_000));
    assert.equal(text(), before);
    assert.equal(text(), "segments edit users=false");
    // React kept the elements of the server.
    assert.equal(container.querySelector("button"), button);
  });

  it("shows the same first, and then what is right now", async () => {
    const { before } = await hydrated(() => sleep(33 * DAY));
    assert.equal(before, "segments edit users=false");
    assert.equal(text(), "segments,users locked users=true");
  });
});

describe("queries", () => {
  it("neither fetch nor show what a user may not see", async () => {
    const fetched = mock.fn(async () => "secret");
    const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
    let again;
    const List = () => {
      const query = { queryKey: ["segments"], queryFn: fetched, initialData: undefined };
      const { data, isFetching, refetch } = useQuery(useGated("segments:edit", query));
      again = refetch;
      return `${data} ${isFetching}`;
    };
    const page = (source) => e(QueryClientProvider, { client }, e(RolecallProvider, { source }, e(List)));
    await show(page(view("user:eve")));
    assert.equal(text(), "undefined false");
    await moved(() => again());
    assert.equal(fetched.mock.callCount(), 0);
    await show(page(view()));
    await moved(() => pass(10));
    assert.equal(text(), "secret false");
    assert.equal(fetched.mock.callCount(), 1);
    await moved(() => pass(HOUR));
    assert.equal(text(), "undefined false");
    await moved(() => again());
    assert.equal(text(), "undefined false");
    assert.equal(fetched.mock.callCount(), 1);
    client.clear();
  });
});
