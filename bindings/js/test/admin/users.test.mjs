// Tests what the parts for people compute: undo, ends, periods, effects and tables.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { typescript } from "./typescript.mjs";

const folder = new URL("../../react/src/admin/users/logic/", import.meta.url);
const [holders, time, timeline, effect, table, effective, remedy, scopes, catalogue, typed, asking] = await Promise.all(
  [
    "holders",
    "time",
    "timeline",
    "effect",
    "import",
    "effective",
    "remedy",
    "scopes",
    "catalogue",
    "addresses",
    "asker",
  ].map((name) => typescript(new URL(`${name}.ts`, folder))),
);

const undoing = await typescript(new URL("../../undo.ts", folder));

const NOW = new Date("2026-11-30T12:00:00Z");
const later = (days) => new Date(NOW.getTime() + days * 86_400_000).toISOString();

describe("undo", () => {
  const assignment = { subject: "user:bo", role: "viewer", at: "acme", until: later(3) };

  it("withdraws what was assigned, with its end", () => {
    const changes = [{ kind: "assignment", id: "1", after: assignment }];
    assert.deepEqual(undoing.undo([{ assign: assignment }], [changes]), [{ withdraw: assignment }]);
  });

  it("assigns before it withdraws", () => {
    const { until: _, ...before } = assignment;
    const changes = [
      { kind: "assignment", id: "1", after: assignment },
      { kind: "assignment", id: "2", before },
    ];
    const command = { "set-roles": { subject: "user:bo", at: "acme", roles: [] } };
    assert.deepEqual(undoing.undo([command], [changes]), [{ assign: before }, { withdraw: assignment }]);
  });

  it("offers nothing for what goes for good", () => {
    const changes = [
      { kind: "assignment", id: "1", before: assignment },
      { kind: "person", id: "2", before: { subject: "user:bo" } },
    ];
    assert.equal(undoing.undo([{ "remove-subject": { subject: "user:bo", at: "acme" } }], [changes]), undefined);
    assert.equal(undoing.undo([{ withdraw: assignment }], [changes]), undefined);
    assert.equal(undoing.undo([{ assign: assignment }], [[]]), undefined);
  });

  it("resumes who was suspended", () => {
    assert.deepEqual(undoing.undo([{ "suspend-subject": { subject: "user:bo" } }], [[]]), [
      { "resume-subject": { subject: "user:bo" } },
    ]);
  });

  it("is refused where someone changed the same object since", () => {
    const person = (before, after) => ({ kind: "person", id: "user:bo", before, after });
    const named = [person(undefined, { name: "Bo" })];
    assert.ok(undoing.isUntouched(named, [person({ name: "Bo" }, undefined)]));
    assert.ok(!undoing.isUntouched(named, [person({ name: "Bo", email: "bo@acme.example" }, undefined)]));
    assert.ok(!undoing.isUntouched(named, [person(undefined, { name: "B" })]));
    // The undo takes two steps.
    assert.ok(undoing.isUntouched(named, [person({ name: "Bo" }, undefined), person(undefined, { name: "B" })]));
    // The undo would also remove what someone gave since.
    const given = { kind: "assignment", id: "1", before: { subject: "user:bo", role: "viewer", at: "acme" } };
    assert.ok(!undoing.isUntouched(named, [person({ name: "Bo" }, undefined), given]));
  });
});

describe("rows", () => {
  it("names people", () => {
    assert.equal(holders.displayName({ subject: "user:ada", name: "Ada L", email: "a@b" }), "Ada L");
    assert.equal(holders.displayName({ subject: "user:ada", email: "a@b" }), "a@b");
    assert.equal(holders.displayName({ subject: "user:ada" }), "ada");
    assert.equal(holders.displayName({ subject: "group:main/acme/brand" }), "brand");
    assert.equal(holders.displayName({ subject: "group:everyone" }), "everyone");
    assert.deepEqual(["Ada Lindqvist", "ada", "leo.fontaine@acme.example", "Øyvind Ås", ""].map(holders.initials), [
      "AL",
      "AD",
      "LF",
      "ØÅ",
      "",
    ]);
  });

  it("finds the next end by time, and not among ended roles", () => {
    const held = (until, state = "active") => ({ role: "r", at: "acme", until, state });
    const ends = [
      held("2026-12-02T00:30:00+02:00"),
      held("2026-12-01T23:00:00Z"),
      held("2026-11-01T00:00:00Z", "expired"),
      held(undefined),
    ];
    assert.equal(holders.nextEnd(ends), "2026-12-02T00:30:00+02:00");
    assert.equal(holders.nextEnd([held(undefined)]), undefined);
  });

  it("finds the next begin or end, and none that is over", () => {
    const roles = [
      { state: "not-yet", from: later(3), until: later(4) },
      { state: "active", until: later(5) },
      { state: "expired", until: later(-1) },
    ];
    assert.equal(holders.nextChange([{ roles: [] }, { roles }]), Date.parse(later(3)));
    assert.equal(holders.nextChange([{ roles: roles.slice(2) }]), undefined);
  });

  it("keeps the limits of an assignment when its end changes", () => {
    const held = {
      role: "r",
      title: "R",
      at: "acme",
      below: false,
      boundaries: { d: ["x"] },
      from: later(1),
      until: later(2),
      state: "not-yet",
    };
    const [{ assign }, { withdraw }] = holders.withEnd("user:bo", held, undefined);
    assert.deepEqual(assign, {
      subject: "user:bo",
      role: "r",
      at: "acme",
      below: false,
      boundaries: { d: ["x"] },
      from: later(1),
    });
    assert.deepEqual(withdraw, { ...assign, until: later(2) });
  });

  it("measures how soon something ends", () => {
    assert.deepEqual(
      [undefined, later(-1), later(0), later(0.5), later(3), later(40)].map((end) => holders.urgency(end, NOW)),
      ["never", "past", "past", "soon", "near", "far"],
    );
  });
});

describe("time", () => {
  const zone = { locale: "en-GB", timeZone: "Europe/Berlin" };

  it("is that of the zone", () => {
    assert.equal(time.dayAndTime("2026-12-24T23:30:00Z", zone), "25 Dec 2026, 00:30");
  });

  it("is relative within a week", () => {
    assert.equal(time.near(later(3), NOW, zone), "in 3 days");
    assert.equal(time.near(later(-1), NOW, zone), "yesterday");
    assert.equal(time.near(later(7), NOW, zone), "7 Dec 2026");
    assert.equal(time.near(later(0.25), NOW, { locale: "de" }), "in 6 Stunden");
  });
});

describe("periods", () => {
  const assignment = (more) => ({ subject: "user:bo", role: "viewer", at: "acme", ...more });
  const made = (time, after) => ({ time, changes: [{ kind: "assignment", after }] });
  const ended = (time, before) => ({ time, changes: [{ kind: "assignment", before }] });
  const held = (more) => ({ role: "viewer", title: "Viewer", at: "acme", state: "active", ...more });

  it("begin where the log has the assignment", () => {
    const [one] = timeline.periods("user:bo", [held()], [made(later(-9), assignment())], NOW);
    assert.deepEqual([one.from, one.until, one.state, one.title], [later(-9), undefined, "now", "Viewer"]);
  });

  it("end where it was withdrawn, or by themselves", () => {
    const temporary = assignment({ until: later(-3) });
    const events = [
      made(later(-9), assignment()),
      ended(later(-5), assignment()),
      made(later(-4), temporary),
      ended(later(-1), temporary),
    ];
    const found = timeline.periods("user:bo", [], events, NOW);
    assert.deepEqual(
      found.map(({ from, until, state }) => [from, until, state]),
      [
        [later(-9), later(-5), "past"],
        [later(-4), later(-3), "past"],
      ],
    );
  });

  it("leave out those of others, and those withdrawn before they begin", () => {
    const future = assignment({ from: later(2) });
    const other = assignment({ subject: "user:ada" });
    const events = [made(later(-9), other), made(later(-8), future), ended(later(-7), future), ended(later(-6), other)];
    assert.deepEqual(timeline.periods("user:bo", [], events, NOW), []);
  });

  it("come in the order now, to come, past", () => {
    const roles = [held({ from: later(2), state: "not-yet" }), held({ at: "acme/shop" })];
    const states = timeline
      .periods("user:bo", roles, [ended(later(-1), assignment({ role: "old" }))], NOW)
      .map(({ state }) => state);
    assert.deepEqual(states, ["now", "next", "past"]);
  });

  it("are bars within the span", () => {
    const span = timeline.spanOf("30d", [], NOW);
    assert.equal(timeline.position(NOW.getTime(), span), 50);
    assert.deepEqual(timeline.bar({ until: later(7.5) }, span), { x: 0, width: 75, end: 75 });
    assert.deepEqual(timeline.bar({ from: later(7.5) }, span), { x: 75, width: 25 });
    assert.equal(timeline.bar({ from: later(16) }, span), undefined);
    assert.equal(timeline.bar({ until: later(-16) }, span), undefined);
  });

  it("have an axis that can be read in every span", () => {
    const far = [{ key: "1", role: "r", at: "acme", from: "2009-01-01T00:00:00Z", state: "now" }];
    for (const name of ["30d", "6m", "all"]) {
      const marks = timeline.ticks(timeline.spanOf(name, far, NOW));
      assert.ok(marks.length >= 3 && marks.length <= 16, `${name}: ${marks.length}`);
      assert.ok(marks.every(({ x }) => x >= 0 && x <= 100));
    }
  });
});

describe("effects", () => {
  it("name what changes something before what looks", () => {
    const {
      permissions,
      people,
      scopes: at,
    } = effect.side([
      { subject: "user:bo", at: "acme", permissions: ["a:view", "b:publish"], reads: ["pii"] },
      { subject: "user:ada", at: "acme/shop", permissions: ["a:view"], reads: [] },
    ]);
    assert.deepEqual([permissions, people, at], [["b:publish", "a:view"], 2, ["acme", "acme/shop"]]);
    assert.equal(effect.permissionLabel("campaigns/email-campaigns:publish"), "campaigns › email campaigns: publish");
  });
});

describe("imports", () => {
  it("show refused rows first", () => {
    const rows = [
      { line: 2, action: "unchanged" },
      { line: 3, action: "added" },
      { line: 4, refused: { code: "x", message: "y" } },
      { line: 5, action: "added" },
    ];
    assert.deepEqual(
      table.ordered(rows).map(({ line }) => line),
      [4, 3, 5, 2],
    );
  });

  it("know a table that cannot be read", () => {
    const read = (text) => table.unreadable(text);
    assert.deepEqual(["", "a,b\n1,2", "email,roles\n", "email,roles\nx,y", '\uFEFF"id";name\nx;y'].map(read), [
      "empty",
      "columns",
      "rows",
      undefined,
      undefined,
    ]);
  });

  it("join pages under one head", () => {
    assert.equal(table.joinPages(["id,name\n1,a\n", "id,name\n2,b\n"]), "id,name\n1,a\n2,b\n");
  });
});

describe("the permissions of a subject", () => {
  const grant = { role: "viewer", via: ["editor", "viewer"], subject: "user:bo", at: "acme" };

  it("is a row for each resource, with what it lacks", () => {
    const rows = effective.byResource(
      ["a:view", "a:edit", "b/c:view"],
      [{ permission: "a:view", granted_by: [grant] }],
    );
    assert.deepEqual(
      rows.map(({ resource, held, roles }) => [resource, held, roles.length]),
      [
        ["a", 1, 1],
        ["b/c", 0, 0],
      ],
    );
    assert.deepEqual(Object.keys(rows[0].actions), ["view", "edit"]);
    assert.deepEqual(effective.columns(rows).actions, ["view", "edit"]);
  });

  it("has few columns, and says that there are others", () => {
    const names = ["view", "x1", "x2", "x3", "edit"].map((action) => `a:${action}`);
    const { actions, others } = effective.columns(effective.byResource([...names, "b:view", "b:edit"], []), 2);
    assert.deepEqual([actions, others], [["view", "edit"], true]);
  });
});

describe("remedies", () => {
  it("open the form for roles, and name what only the person can do", () => {
    const give = { change: "assign", subject: "user:bo", role: "editor", at: "acme" };
    assert.deepEqual(remedy.onlyStep([give]), { kind: "give", subject: "user:bo", role: "editor", at: "acme" });
    assert.equal(remedy.onlyStep([give, give]), undefined);
    assert.deepEqual(remedy.step({ change: "use-second-factor" }), { kind: "person" });
    assert.deepEqual(remedy.step({ change: "make-active", subject: "user:bo" }).command, {
      "resume-subject": { subject: "user:bo" },
    });
  });
});

describe("remedies in boundaries", () => {
  const change = { change: "add-values", subject: "user:bo", boundary: "countries", values: ["ch", "de"] };
  const values = (boundaries) => remedy.step(change, boundaries).command["set-boundary"].values;

  it("keep the values that the person has", () => {
    assert.deepEqual(values({ countries: ["at", "ch"], other: ["x"] }), ["at", "ch", "de"]);
    assert.deepEqual(values({}), ["ch", "de"]);
    assert.equal(values({ countries: "*" }), "*");
    assert.deepEqual(remedy.onlyStep([change], { countries: ["at"] }).command["set-boundary"].values, [
      "at",
      "ch",
      "de",
    ]);
  });

  it("are undone by the values of before, or by none", () => {
    const back = (boundaries) => remedy.step(change, boundaries).undo["set-boundary"];
    assert.deepEqual(back({ countries: ["at"] }), { subject: "user:bo", boundary: "countries", values: ["at"] });
    assert.deepEqual(back({}), { subject: "user:bo", boundary: "countries" });
  });
});

describe("the direction of commands", () => {
  it("is to give, to take, or to change", () => {
    assert.equal(effect.direction([{ assign: {} }, { invite: {} }]), "gives");
    assert.equal(effect.direction([{ withdraw: {} }]), "takes");
    assert.equal(effect.direction([{ "remove-subject": {} }]), "takes");
    // Another end is a new assignment in place of the old one.
    assert.equal(effect.direction([{ assign: {} }, { withdraw: {} }]), "changes");
    assert.equal(effect.direction([{ "set-boundary": {} }]), "changes");
  });
});

describe("questions to a worker", () => {
  class FakeWorker extends EventTarget {
    sent = [];
    isEnded = false;
    postMessage(message) {
      this.sent.push(message);
    }
    terminate() {
      this.isEnded = true;
    }
    reply(data) {
      this.dispatchEvent(Object.assign(new Event("message"), { data }));
    }
  }
  const start = () => {
    const worker = new FakeWorker();
    return { worker, ...asking.asker(worker) };
  };

  it("get their own answers, in any order", async () => {
    const { worker, ask } = start();
    const answers = [ask("why", { subject: "user:bo" }), ask("person", { subject: "user:bo" })];
    const [why, person] = worker.sent;
    worker.reply({ id: person.id, answer: "person" });
    worker.reply({ id: why.id, error: { code: "permission.unknown" } });
    assert.equal(await answers[1], "person");
    await assert.rejects(answers[0], { code: "permission.unknown" });
  });

  it("fail when the worker ends or fails, and so do later ones", async () => {
    for (const [stop, code] of [
      [({ end }) => end(), "worker.ended"],
      [({ worker }) => worker.dispatchEvent(new Event("error")), "worker.failed"],
      [({ worker }) => worker.dispatchEvent(new Event("messageerror")), "worker.failed"],
    ]) {
      const started = start();
      const waiting = [started.ask("why", {}), started.ask("person", {})];
      stop(started);
      for (const answer of waiting) await assert.rejects(answer, { code });
      await assert.rejects(started.ask("why", {}), { code });
      assert.equal(started.worker.isEnded, code === "worker.ended");
    }
  });
});

describe("the time until a list is loaded again", () => {
  it("is a little after the change, and grows while the server is behind", () => {
    assert.equal(time.untilReload(5_000, 1_000, 0), 4_500);
    assert.equal(time.untilReload(1_000, 5_000, 0), 500);
    assert.equal(time.untilReload(2 ** 40, 0, 0), 2 ** 31 - 1);
    assert.deepEqual(
      [1, 2, 3, 30].map((tries) => time.untilReload(1_000, 5_000, tries)),
      [1_000, 2_000, 4_000, 60_000],
    );
  });
});

describe("scopes", () => {
  it("are named below the scope that is shown", () => {
    assert.equal(scopes.scopeLabel("main/acme/shop", "main/acme"), "acme / shop");
    assert.equal(scopes.scopeLabel("main", "main/acme"), "main");
    assert.equal(scopes.scopeLabel("main/acme2", "main/acme"), "main / acme2");
  });

  it("are sorted by their parts", () => {
    const found = scopes.scopesWithin(["a/b-c", "a/b/z", "a/b", "other", "ab", "a/b"], "a");
    assert.deepEqual(found, ["a", "a/b", "a/b/z", "a/b-c"]);
  });
});

describe("the catalogue of a policy", () => {
  const policy = {
    actions: { publish: { title: "Make public" } },
    resources: {
      campaigns: {
        title: "Campaigns",
        resources: { surveys: { title: "Surveys", actions: { view: null, publish: { title: "Send" } } } },
      },
      "data-manager": { actions: ["view", "publish"] },
    },
    roles: { viewer: { title: "Viewer" } },
    labels: { pii: { title: "Personal data" } },
  };

  it("has every permission with its words, in the order of the policy", () => {
    const { permissions, texts } = catalogue.catalogueOf(policy, (action) => action.toUpperCase());
    assert.deepEqual(
      permissions.map(({ permission }) => permission),
      ["campaigns/surveys:view", "campaigns/surveys:publish", "data-manager:view", "data-manager:publish"],
    );
    const words = (permission) => [texts.get(permission).resource, texts.get(permission).action];
    assert.deepEqual(words("campaigns/surveys:publish"), ["Campaigns › Surveys", "Send"]);
    assert.deepEqual(words("campaigns/surveys:view"), ["Campaigns › Surveys", "VIEW"]);
    assert.deepEqual(words("data-manager:publish"), ["data-manager", "Make public"]);
  });

  it("has titles, or names that can be read", () => {
    const { roleTitle, labelTitle } = catalogue.catalogueOf(policy, (action) => action.toUpperCase());
    assert.deepEqual([roleTitle("viewer"), roleTitle("campaign-lead")], ["Viewer", "Campaign lead"]);
    assert.deepEqual([labelTitle("pii"), labelTitle("secret")], ["Personal data", "SECRET"]);
    assert.equal(catalogue.catalogueOf({ labels: ["pii"] }, String).labelTitle("pii"), "PII");
  });

  it("marks what somebody sees of a menu, also below hidden entries", () => {
    const all = [
      { id: "a", title: "A", items: [{ id: "b" }, { id: "c" }] },
      { id: "d", items: [{ id: "e" }] },
    ];
    const marked = catalogue.markSeen(all, [{ id: "a", items: [{ id: "c" }] }]);
    assert.deepEqual(
      marked.map(({ seen, items }) => [seen, items.map((item) => item.seen)]),
      [
        [true, [false, true]],
        [false, [false]],
      ],
    );
  });
});

describe("addresses", () => {
  it("are found in what people paste, once each", () => {
    const { good, bad } = typed.addresses("a@x.example, B@x.example;\n<c@x.example> b@X.example nobody @x x@");
    assert.deepEqual([good.length, bad], [3, ["nobody", "@x", "x@"]]);
    assert.deepEqual(typed.addresses("  "), { good: [], bad: [] });
  });
});
