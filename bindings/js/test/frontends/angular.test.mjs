// Tests `@rolecall/angular` in Angular: on the server, in hydration, and in a page, with a moved clock.

import "@angular/compiler";
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it, mock } from "node:test";
import {
  complaints,
  connection,
  DAY,
  engine,
  HOUR,
  pass,
  session,
  sleep,
  START,
  startClock,
  view,
  wake,
} from "./world.mjs";
import "./dom.mjs";
import { Component, computed, inject, provideZonelessChangeDetection } from "@angular/core";
import { TestBed } from "@angular/core/testing";
import { BrowserTestingModule, platformBrowserTesting } from "@angular/platform-browser/testing";
import { bootstrapApplication, provideClientHydration } from "@angular/platform-browser";
import { provideServerRendering, renderApplication } from "@angular/platform-server";
import { provideRouter, Router, RouterOutlet } from "@angular/router";
import { RouterTestingHarness } from "@angular/router/testing";
import { provideRoles, RolecallCan, Roles } from "@rolecall/angular";
import { needs } from "@rolecall/angular/router";
import { createStore } from "rolecall/store";

TestBed.initTestEnvironment(BrowserTestingModule, platformBrowserTesting());

let renders = 0;
/** The first answer of each page. */
let firstAnswers = [];

const Page = Component({
  selector: "app-page",
  imports: [RolecallCan],
  template:
    "<main>{{ ids() }}" +
    "<button *rolecallCan=\"'segments:edit'; else: locked\"> edit</button><ng-template #locked> locked</ng-template>" +
    ' users={{ roles.can("users:view") }}{{ roles.answers().connected ? "" : " offline" }}</main>',
})(
  class {
    roles = inject(Roles);
    first = firstAnswers.push(this.roles.can("users:view"));
    ids = computed(() => {
      renders += 1;
      return this.roles
        .menu("main")
        .items.map(({ id }) => id)
        .join();
    });
  },
);

let found;
let fixture;

beforeEach(() => {
  startClock();
  found = complaints();
});

afterEach(() => {
  TestBed.resetTestingModule();
  fixture = undefined;
  mock.restoreAll();
});

function show(source, options, component = Page) {
  TestBed.configureTestingModule({ providers: [provideZonelessChangeDetection(), provideRoles(source, options)] });
  fixture = TestBed.createComponent(component);
  TestBed.tick();
  return TestBed.inject(Roles);
}

async function moved(move) {
  move();
  await Promise.resolve();
  TestBed.tick();
}

const text = () => fixture.nativeElement.textContent;

describe("in a page", () => {
  it("answers at each time", async () => {
    show(view());
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
    const roles = show(view());
    sleep(33 * DAY);
    // A question is right before any event arrives.
    assert.equal(roles.can("users:view"), true);
    await moved(wake);
    assert.equal(text(), "segments,users locked users=true");
  });

  it("follows a connection, offline as well", async () => {
    const live = connection(session());
    show(live);
    await moved(() => live.set({ connection: { connected: false } }));
    assert.equal(text(), "segments edit users=false offline");
    await moved(() => live.set({ current: session("user:eve"), connection: { connected: true } }));
    assert.equal(text(), " locked users=false");
    TestBed.resetTestingModule();
    assert.equal(live.listeners.size, 0);
  });

  it("makes sessions of an engine", async () => {
    show(engine, { session: (engine, time) => engine.session("user:ada", { at: "acme", time }) });
    await moved(() => pass(33 * DAY));
    assert.equal(text(), "segments,users locked users=true");
  });

  it("takes a store, and continues with another source", async () => {
    const store = createStore(session("user:eve"));
    const roles = show(store);
    assert.equal(roles.store, store);
    assert.equal(text(), " locked users=false");
    await moved(() => roles.store.replace(view()));
    assert.equal(text(), "segments edit users=false");
  });

  it("denies without a source, and denies unknown names with one warning", () => {
    assert.equal(show(undefined).can("segments:view"), false);
    TestBed.resetTestingModule();
    const roles = show(session());
    for (const _ of [1, 2]) assert.equal(roles.can("segments:fly"), false);
    assert.deepEqual(roles.menu("other"), { items: [] });
    assert.deepEqual(roles.why("users:view"), { allow: false, reasons: ["not-yet", "no-grant"] });
    assert.equal(found.length, 2);
    TestBed.resetTestingModule();
    const strict = show(session(), { onUnknown: "throw" });
    assert.throws(() => strict.can("segments:fly"), { code: "permission.unknown" });
  });

  it("asks about items in the directive", async () => {
    const Item = Component({
      selector: "app-item",
      imports: [RolecallCan],
      template: "<a *rolecallCan=\"'segments:edit'; item: item\">edit</a>",
    })(
      class {
        item = { labels: ["pii"] };
      },
    );
    show(session(), undefined, Item);
    assert.equal(text(), "");
  });
});

describe("rendered by a server", () => {
  const page = Component({ selector: "app-root", imports: [Page], template: "<app-page />" })(class {});

  /** Renders on the server, and hydrates later from the same view, as it arrives in JSON. */
  async function hydrated(later) {
    // The application waits for timers.
    mock.timers.reset();
    mock.timers.enable({ apis: ["Date"], now: START });
    const sent = view();
    const common = [provideZonelessChangeDetection(), provideClientHydration()];
    const html = await renderApplication(
      (context) =>
        bootstrapApplication(page, { providers: [...common, provideServerRendering(), provideRoles(sent)] }, context),
      { document: "<html><head></head><body><app-root></app-root></body></html>" },
    );
    document.body.innerHTML = /<body>(.*)<\/body>/s.exec(html)[1];
    const root = document.querySelector("app-root");
    const before = root.textContent;
    const button = root.querySelector("button");
    later();
    firstAnswers = [];
    const app = await bootstrapApplication(page, {
      providers: [...common, provideRoles(JSON.parse(JSON.stringify(sent)))],
    });
    await app.whenStable();
    const after = root.textContent;
    const sameButton = root.querySelector("button") === button;
    app.destroy();
    assert.deepEqual(found, []);
    return { before, after, sameButton };
  }

  it("shows the same first", async () => {
    const { before, after, sameButton } = await hydrated(() => sleep(60_000));
    assert.equal(before, "segments edit users=false");
    assert.equal(after, before);
    assert.ok(sameButton);
  });

  it("shows the same first, and then what is right now", async () => {
    const { before, after } = await hydrated(() => sleep(33 * DAY));
    assert.equal(before, "segments edit users=false");
    assert.deepEqual(firstAnswers, [false]);
    assert.equal(after, "segments,users locked users=true");
  });
});

describe("routes", () => {
  const shown = (text) => Component({ template: text, imports: [RouterOutlet] })(class {});
  const routes = [
    { path: "denied", component: shown("denied") },
    { path: "users", component: shown("users"), canActivate: [needs("users:view", "/denied")] },
    {
      path: "segments",
      component: shown("segments <router-outlet />"),
      canActivate: [needs("segments:view", "/denied")],
      children: [{ path: "edit", component: shown("edit"), canActivate: [needs("segments:edit", "/denied")] }],
    },
  ];

  it("need permissions, and are left when those are lost", async () => {
    mock.timers.reset();
    mock.timers.enable({ apis: ["Date"], now: START });
    TestBed.configureTestingModule({
      providers: [provideZonelessChangeDetection(), provideRouter(routes), provideRoles(view())],
    });
    const harness = await RouterTestingHarness.create();
    const router = TestBed.inject(Router);
    const at = async (path) => {
      await harness.navigateByUrl(path);
      return router.url;
    };
    assert.equal(await at("/segments"), "/segments");
    assert.equal(await at("/users"), "/denied");
    assert.equal(await at("/segments/edit"), "/segments/edit");
    TestBed.tick();
    // The role ends while its page is open.
    sleep(HOUR);
    wake();
    TestBed.tick();
    await new Promise((done) => setTimeout(done, 10));
    assert.equal(router.url, "/denied");
    assert.equal(await at("/segments/edit"), "/denied");
  });
});
