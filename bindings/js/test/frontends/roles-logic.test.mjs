// Tests the logic of the role editor: patterns, boxes, drafts, impact, conflicts and the graph. What the core can answer is
// compared with the core.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Engine } from "rolecall";
import { roleLogic } from "@rolecall/react/admin/roles";

const {
  around,
  branchToggle,
  cellOf,
  changeCount,
  classed,
  commandLine,
  compared,
  contentOf,
  csvCell,
  deleting,
  exactly,
  granted,
  holding,
  impactBase,
  impactOf,
  keyAction,
  knownImpact,
  layout,
  letters,
  matches,
  matrixCsv,
  merge,
  nameFor,
  newOrigin,
  originOf,
  pagesOf,
  permissionCell,
  resourceColumns,
  rewritten,
  roleCell,
  roleColumns,
  sameContent,
  saving,
  savingAll,
  scopeCounts,
  step,
  treeOf,
  undoing,
  visibleRows,
  windowOf,
  withInherited,
  withPermissions,
  withFreeName,
} = roleLogic;

const POLICY = {
  rolecall: 1,
  title: "Shop",
  scopes: ["account", "project"],
  labels: ["pii"],
  actions: { annotate: { title: "Annotate", writes: true }, peek: { writes: false } },
  resources: {
    segments: { title: "Segments", actions: ["view", "edit", "create"] },
    dialogues: {
      title: "Dialogues",
      actions: ["view", "edit", "create"],
      resources: {
        positions: { title: "Add new positions", actions: ["create"] },
        templates: { actions: ["view", "edit", "annotate"], resources: { parts: { actions: ["view", "peek"] } } },
      },
    },
    simulator: { title: "Simulator", actions: ["view", "use"] },
    settings: { title: "Settings", resources: { users: { title: "Users", actions: ["view", "edit"] } } },
  },
  roles: {
    "pii-access": { title: "Access to PII", reads: ["pii"], standalone: false },
    manager: { title: "Manager", grants: ["**:*"], reads: ["pii"] },
    marketer: { title: "Marketer", grants: ["dialogues:*", "dialogues/templates:*", "segments:view"] },
    insights: { title: "Insights", inherits: ["marketer"], grants: ["simulator:*"], except: ["simulator:use"] },
  },
  menus: {
    main: [
      { id: "segments", title: "Segments", href: "/segments", needs: "segments:view" },
      {
        id: "more",
        title: "More",
        items: [
          { id: "simulator", title: "Simulator", href: "/simulator", needs: "simulator:view" },
          { id: "users", title: "Users", href: "/users", needs: "settings/users:view" },
        ],
      },
    ],
  },
};

const DIRECTORY = {
  rolecall: 1,
  scopes: ["acme", "acme/shop", "acme/blog"],
  roles: { acme: { analyst: { title: "Analyst", grants: ["segments:*", "simulator:*"] } } },
  overlays: { acme: { marketer: { title: "Our marketer", except: ["dialogues:create"] } } },
  groups: { "group:team": { members: ["user:gia", "user:hal"] } },
  subjects: {
    "user:ada": {},
    "user:bo": {},
    "user:cy": {},
    "user:di": {},
    "user:gia": {},
    "user:hal": {},
    "user:old": {},
    "user:off": { status: "suspended" },
  },
  assignments: [
    { subject: "user:ada", role: "manager", at: "acme" },
    { subject: "user:ada", role: "analyst", at: "acme" },
    { subject: "user:bo", role: "analyst", at: "acme" },
    { subject: "user:cy", role: "analyst", at: "acme/shop" },
    { subject: "user:di", role: "analyst", at: "acme" },
    { subject: "user:di", role: "insights", at: "acme" },
    { subject: "group:team", role: "analyst", at: "acme/blog" },
    { subject: "user:old", role: "analyst", at: "acme", until: "2026-01-01T00:00:00Z" },
    { subject: "user:off", role: "analyst", at: "acme" },
  ],
  settings: { acme: { ip_allow: ["10.0.0.0/8"], second_factor: "required" } },
};

const TIME = new Date("2026-11-21T10:00:00Z");
const tree = treeOf(POLICY);
const make = (policy, directory) => Engine.from(policy, directory);
const world = { policy: POLICY, directory: DIRECTORY, tree };
const analyst = originOf("analyst", "acme", world);

/** Numbers that are the same in each run. */
function numbers(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
}

/** Returns what roles with these patterns hold, as the core reads them. */
function byCore(roles) {
  const { menus: _, ...policy } = POLICY;
  const names = Object.keys(roles);
  const engine = Engine.from(
    { ...policy, roles },
    {
      rolecall: 1,
      scopes: ["acme"],
      subjects: Object.fromEntries(names.map((name) => [`user:${name}`, {}])),
      assignments: names.map((role) => ({ subject: `user:${role}`, role, at: "acme" })),
    },
  );
  return names.map((name) => engine.permissions(`user:${name}`, { at: "acme", time: TIME }).permissions);
}

describe("patterns", () => {
  it("match what the core matches", () => {
    const paths = ["segments", "*", "**", "dialogues/*", "dialogues/**", "**/parts", "*/templates", "**/templates/**"];
    const more = ["dialogues/**/parts", "settings/**", "dialogues/templates/*", "**/users", "*/*", "**/*"];
    const actions = ["view", "*", "writes", "{view,edit}", "annotate", "{peek,create}"];
    const all = [...paths, ...more].flatMap((path) => actions.map((action) => `${path}:${action}`));
    const patterns = all.filter((pattern) => matches(pattern, tree).size > 0);
    assert.ok(patterns.length > 50);
    const roles = Object.fromEntries(patterns.map((pattern, index) => [`r${index}`, { grants: [pattern] }]));
    const core = byCore(roles);
    patterns.forEach((pattern, index) => {
      assert.deepEqual([...matches(pattern, tree)].sort(), core[index], pattern);
    });
    for (const pattern of all.filter((one) => !patterns.includes(one))) {
      assert.throws(() => byCore({ one: { grants: [pattern] } }), /matches no permission/);
    }
  });

  it("write any set of permissions again, as the core reads it", () => {
    const random = numbers(7);
    const before = [
      { grants: ["**:*"], except: [] },
      { grants: ["**:*"], except: ["dialogues/**:writes", "simulator:use"] },
      { grants: ["segments:*", "dialogues/**:view"], except: ["dialogues/templates/parts:view"] },
      { grants: [], except: [] },
    ];
    const roles = {};
    const wanted = [];
    for (let round = 0; round < 120; round += 1) {
      const written = before[round % before.length];
      const own = granted(written, tree);
      for (let flips = random(8); flips >= 0; flips -= 1) {
        const permission = tree.permissions[random(tree.permissions.length)];
        if (!own.delete(permission)) own.add(permission);
      }
      const again = rewritten(own, written, tree);
      roles[`r${round}`] = again;
      wanted.push([...own].sort());
    }
    assert.deepEqual(byCore(roles), wanted);
  });

  it("keep what was written where it still fits", () => {
    const { own } = analyst.saved;
    assert.deepEqual(rewritten(own, analyst.written, tree), analyst.written);
    const all = granted({ grants: ["**:*"], except: [] }, tree);
    all.delete("simulator:use");
    assert.deepEqual(rewritten(all, { grants: ["**:*"], except: [] }, tree), {
      grants: ["**:*"],
      except: ["simulator:use"],
    });
    const fewer = new Set(["segments:view", "simulator:view", "simulator:use"]);
    assert.deepEqual(rewritten(fewer, analyst.written, tree).grants, ["simulator:*", "segments:view"]);
    assert.deepEqual(exactly(new Set(["segments:view", "segments:create"]), tree), ["segments:{view,create}"]);
  });
});

describe("the tree", () => {
  const inherited = { marketer: ["dialogues:view", "segments:view"] };
  const content = withInherited(analyst.saved, "marketer", true);
  const held = holding(analyst.saved, withPermissions(content, ["simulator:use"], false), inherited);
  const rows = (filter) => visibleRows(tree, held, { open: new Set(), ...filter });
  const row = (path, filter) => rows(filter).find((one) => one.node.path === path);

  it("shows the frequent actions in columns", () => {
    assert.deepEqual(tree.columns, ["view", "edit", "create"]);
    assert.equal(tree.nodes.get("dialogues/templates").actions.at(-1).title, "Annotate");
  });

  it("has boxes that are set here, inherited, both, and changed", () => {
    const action = (permission) =>
      tree.nodes.get(permission.split(":")[0]).actions.find((one) => one.permission === permission);
    assert.equal(cellOf(action("segments:edit"), held).state, "on");
    assert.equal(cellOf(action("segments:view"), held).state, "both");
    assert.equal(cellOf(action("dialogues:view"), held).state, "inherited");
    assert.equal(cellOf(action("dialogues:edit"), held).state, "off");
    assert.equal(cellOf(action("simulator:use"), held).change, "remove");
    assert.equal(cellOf(action("simulator:view"), held).change, undefined);
  });

  it("shows what is set of a branch, and counts what is held", () => {
    assert.deepEqual([row("segments").branch, row("segments").held, row("segments").total], ["on", 3, 3]);
    assert.deepEqual([row("dialogues").branch, row("dialogues").held, row("dialogues").total], ["off", 1, 9]);
    assert.deepEqual([row("simulator").branch, row("simulator").removed.length], ["mixed", 1]);
    assert.deepEqual(row("dialogues").from, ["marketer"]);
    assert.deepEqual(branchToggle(tree.nodes.get("simulator"), held.own).on, true);
    assert.deepEqual(branchToggle(tree.nodes.get("segments"), held.own).on, false);
  });

  it("opens branches, and finds resources with those above them", () => {
    assert.deepEqual(
      rows().map((one) => one.node.path),
      ["segments", "dialogues", "simulator", "settings"],
    );
    const found = rows({ search: "parts" }).map((one) => one.node.path);
    assert.deepEqual(found, ["dialogues", "dialogues/templates", "dialogues/templates/parts"]);
    assert.deepEqual(
      rows({ show: "changed" }).map((one) => one.node.path),
      ["simulator"],
    );
    assert.deepEqual(
      rows({ show: "granted" }).map((one) => one.node.path),
      ["segments", "dialogues", "simulator"],
    );
    assert.deepEqual(rows({ search: "nothing" }), []);
  });

  it("moves by keys as a grid of a tree does", () => {
    const closed = rows();
    const key = (path, box, name, list = closed) => keyAction(list, { path, box }, name);
    assert.deepEqual(key("segments", -1, "ArrowDown"), { kind: "focus", to: { path: "dialogues", box: -1 } });
    assert.deepEqual(key("dialogues", -1, "ArrowRight"), { kind: "open", paths: ["dialogues"] });
    const open = rows({ open: new Set(["dialogues"]) });
    assert.deepEqual(key("dialogues", -1, "ArrowRight", open), { kind: "focus", to: { path: "dialogues", box: 0 } });
    assert.deepEqual(key("dialogues", 0, "ArrowLeft", open), { kind: "focus", to: { path: "dialogues", box: -1 } });
    assert.deepEqual(key("dialogues", -1, "ArrowLeft", open), { kind: "close", paths: ["dialogues"] });
    const parent = key("dialogues/positions", -1, "ArrowLeft", open);
    assert.deepEqual(parent, { kind: "focus", to: { path: "dialogues", box: -1 } });
    assert.deepEqual(key("segments", 3, "ArrowDown", open), { kind: "focus", to: { path: "dialogues", box: 3 } });
    assert.deepEqual(key("dialogues", 3, "ArrowDown", open), {
      kind: "focus",
      to: { path: "dialogues/positions", box: 1 },
    });
    assert.deepEqual(keyAction(closed, { path: "segments", box: -1 }, "ArrowRight", false), { kind: "none" });
    assert.deepEqual(keyAction(closed, { path: "dialogues", box: -1 }, "ArrowRight", false).kind, "open");
    assert.deepEqual(key("segments", -1, "*"), { kind: "open", paths: ["dialogues", "settings"] });
  });
});

describe("a draft", () => {
  it("is saved by one command, which the core reads as it is shown", () => {
    const content = withPermissions(analyst.saved, ["settings/users:view", "simulator:use"], true);
    const without = withPermissions(content, ["segments:create"], false);
    const command = saving(analyst, without, tree);
    assert.deepEqual(command, {
      "set-role": {
        at: "acme",
        role: "analyst",
        title: "Analyst",
        grants: ["simulator:*", "segments:{view,edit}", "settings/users:view"],
      },
    });
    const { grants } = command["set-role"];
    assert.deepEqual(byCore({ one: { grants } })[0], [...without.own].sort());
    assert.equal(changeCount(analyst.saved, without), 2);
    assert.deepEqual(undoing(analyst, tree)["set-role"].grants, ["segments:*", "simulator:*"]);
  });

  it("edits a role of the policy by an overlay, and resets it where nothing differs", () => {
    const marketer = originOf("marketer", "acme/shop", world);
    assert.equal(marketer.saved.title, "Our marketer");
    assert.equal(marketer.saved.own.has("dialogues:create"), false);
    const reset = (at) => ({ "reset-overlay": { at, role: "marketer" } });
    const own = originOf("marketer", "acme", world);
    assert.deepEqual(saving(own, own.policy, tree), reset("acme"));
    // Below an overlay, only another one brings the role back to the policy.
    assert.deepEqual(saving(marketer, marketer.policy, tree), {
      "set-overlay": {
        at: "acme/shop",
        role: "marketer",
        grants: ["dialogues:*", "dialogues/templates:*", "segments:view"],
        except: [],
      },
    });
    const reading = { ...marketer.saved, reads: ["pii"] };
    assert.deepEqual(saving(marketer, reading, tree), {
      "set-overlay": {
        at: "acme/shop",
        role: "marketer",
        title: "Our marketer",
        grants: ["dialogues:*", "dialogues/templates:*", "segments:view"],
        except: ["dialogues:create"],
        reads: ["pii"],
      },
    });
    const none = saving(marketer, { ...marketer.policy, own: new Set() }, tree);
    assert.deepEqual(none, { "set-overlay": { at: "acme/shop", role: "marketer", grants: [], except: [] } });
  });

  it("is undone in a child scope without a copy of the overlay above", () => {
    const reset = { "reset-overlay": { at: "acme/shop", role: "marketer" } };
    const marketer = originOf("marketer", "acme/shop", world);
    assert.equal(marketer.hasOverlay, false);
    assert.deepEqual(undoing(marketer, tree), reset);
    const overlays = { ...DIRECTORY.overlays, "acme/shop": { marketer: { title: "The shop's" } } };
    const own = originOf("marketer", "acme/shop", { ...world, directory: { ...DIRECTORY, overlays } });
    assert.equal(own.hasOverlay, true);
    assert.deepEqual(undoing(own, tree), {
      "set-overlay": { at: "acme/shop", role: "marketer", title: "The shop's" },
    });
    assert.equal(own.above.title, "Our marketer");
    assert.deepEqual(saving(own, own.above, tree), reset);
  });

  it("gets another name if someone else took it", () => {
    const fresh = newOrigin("lead", "acme");
    assert.equal(withFreeName(fresh, [{ role: "analyst" }], DIRECTORY), fresh);
    assert.equal(withFreeName(fresh, [{ role: "lead" }], DIRECTORY).role, "lead-2");
    assert.equal(withFreeName(newOrigin("analyst", "acme"), [{ role: "analyst-2" }], DIRECTORY).role, "analyst-3");
    assert.equal(withFreeName(analyst, [{ role: "analyst" }], DIRECTORY), analyst);
  });

  it("copies a role of the policy first when a new role begins with it", () => {
    const origin = newOrigin("our-marketer", "acme", originOf("marketer", "acme/shop", { ...world, directory: {} }));
    const commands = savingAll(origin, { ...origin.saved, title: "Ours" }, tree);
    assert.deepEqual(commands[0], { "copy-role": { of: "marketer", at: "acme", role: "our-marketer" } });
    assert.deepEqual(Object.keys(commands[1]), ["set-role"]);
    assert.deepEqual(undoing(origin, tree), { "delete-role": { at: "acme", role: "our-marketer" } });
    assert.deepEqual(savingAll(newOrigin("plain", "acme"), origin.saved, tree).length, 1);
  });

  it("has a name from its title, and a command line", () => {
    assert.equal(nameFor("Segmentation Spécialist!", new Set()), "segmentation-specialist");
    assert.equal(nameFor("Editor", new Set(["editor"])), "editor-2");
    assert.equal(nameFor("2nd level", new Set()), "role-2nd-level");
    assert.equal(
      commandLine([{ "set-role": { at: "acme", role: "lead", title: "Ada's lead", grants: ["segments:*"] } }]),
      `rolecall admin role set lead --at acme --title 'Ada'\\''s lead' --grant 'segments:*'`,
    );
    assert.equal(
      commandLine([{ "set-overlay": { at: "acme", role: "marketer", grants: [], reads: ["pii"] } }]),
      "rolecall admin overlay set marketer --at acme --grants-nothing --reads pii",
    );
    assert.equal(
      commandLine([{ "set-role": { at: "acme", role: "lead", title: "-x", grants: [] } }]),
      "rolecall admin role set lead --at acme --title=-x",
    );
    assert.equal(
      commandLine([{ "delete-role": { at: "acme", role: "lead", cascade: true } }]),
      "rolecall admin role delete lead --at acme --cascade",
    );
  });
});

describe("impact", () => {
  const base = impactBase(make, POLICY, DIRECTORY, TIME);
  const impact = (...commands) => impactOf(base, commands, TIME);
  const change = saving(
    analyst,
    withPermissions(
      withPermissions(analyst.saved, ["simulator:view", "simulator:use"], false),
      ["settings/users:view"],
      true,
    ),
    tree,
  );

  it("says who gains and loses which permissions and menu entries", () => {
    const found = impact(change);
    // Ada manages everything. Di views the simulator by another role. Those without an active role are not affected.
    assert.deepEqual([found.gain, found.lose, found.changed], [5, 5, 5]);
    const permissions = (list) => Object.fromEntries(list.map((one) => [one.permission, one.count]));
    assert.deepEqual(permissions(found.gained), { "settings/users:view": 5 });
    assert.deepEqual(permissions(found.lost), { "simulator:use": 5, "simulator:view": 4 });
    const titles = (list) => list.map((one) => [...one.above, one.title, one.count]);
    assert.deepEqual(titles(found.appears), [["More", "Users", 5]]);
    assert.deepEqual(titles(found.vanishes), [["More", "Simulator", 4]]);
    assert.deepEqual(found.kept, [
      { permission: "simulator:use", count: 1, who: ["user:ada"], through: ["manager"] },
      { permission: "simulator:view", count: 2, who: ["user:ada", "user:di"], through: ["insights", "manager"] },
    ]);
    assert.deepEqual(
      found.people.map((group) => group.people),
      [["user:bo", "user:cy", "user:gia", "user:hal"], ["user:di"]],
    );
  });

  it("says who begins to see personal data", () => {
    const found = impact(saving(analyst, withInherited(analyst.saved, "pii-access", true), tree));
    assert.deepEqual(found.labels, [{ label: "pii", gained: 5, lost: 0 }]);
    assert.deepEqual(found.gained, []);
  });

  it("says which personal data support staff begin to see", () => {
    const open = { ...DIRECTORY, settings: { acme: { support_access: "all", support_reads: ["pii"] } } };
    const found = impactOf(impactBase(make, POLICY, open, TIME), [change], TIME);
    assert.deepEqual(found.supportReads, []);
    assert.deepEqual(impact(saving(analyst, withInherited(analyst.saved, "pii-access", true), tree)).supportReads, []);
    const diff = () => ({
      gained: [
        { at: "acme", permissions: [], reads: ["pii"] },
        { subject: "user:bo", at: "acme", permissions: [], reads: [] },
      ],
      lost: [{ at: "acme/shop", permissions: ["segments:view"], reads: [] }],
    });
    const state = impactBase(make, POLICY, DIRECTORY, TIME);
    const before = {
      diff,
      session: (...asked) => state.before.session(...asked),
      effective: () => ({ permissions: [] }),
    };
    const supported = impactOf({ ...state, before }, [], TIME);
    assert.deepEqual([supported.support, supported.supportReads, supported.labels], [true, ["pii"], []]);
  });

  it("is not known before it is computed, nor of people who are not visible", () => {
    const found = impact(change);
    assert.equal(knownImpact({ impact: found, isStale: false }, true), found);
    assert.equal(knownImpact({ impact: found, isStale: true }, true), undefined);
    assert.equal(knownImpact({ impact: found, isStale: false }, false), undefined);
    assert.equal(knownImpact({ impact: undefined, isStale: false }, true), undefined);
    const cascade = { at: "acme", role: "lead", cascade: true };
    assert.deepEqual(deleting("lead", "acme", 0, 0), { "delete-role": { at: "acme", role: "lead" } });
    assert.deepEqual(deleting("lead", "acme", undefined, 0), { "delete-role": cascade });
    assert.deepEqual(deleting("lead", "acme", 0, 1), { "delete-role": cascade });
  });

  it("leaves the state as it was, and repeats what the core refuses", () => {
    const before = impact(change);
    assert.throws(() => impact({ "set-role": { at: "acme", role: "analyst", inherits: ["nobody"] } }), /nobody/);
    assert.deepEqual(impact(change), before);
    assert.equal(impact(saving(analyst, analyst.saved, tree)).changed, 0);
    const deleted = impact({ "delete-role": { at: "acme", role: "analyst", cascade: true } });
    assert.deepEqual([deleted.gain, deleted.lose], [0, 5]);
    assert.deepEqual(impact(change), before);
  });

  it("of a new role is none, until someone holds it", () => {
    const origin = newOrigin("fresh", "acme", originOf("manager", "acme", world));
    assert.equal(impact(...savingAll(origin, origin.saved, tree)).changed, 0);
  });

  it("of an overlay and of its reset is that of the core", () => {
    const reset = impact({ "reset-overlay": { at: "acme", role: "marketer" } });
    assert.deepEqual(
      reset.gained.map((one) => one.permission),
      ["dialogues:create"],
    );
  });

  it("of classes is that of all people, on random directories", () => {
    const random = numbers(11);
    const roles = ["analyst", "manager", "marketer", "insights", "pii-access"];
    const scopes = DIRECTORY.scopes;
    for (let round = 0; round < 10; round += 1) {
      const people = Array.from({ length: 60 }, (_, index) => `user:p${index}`);
      const pick = (list) => list[random(list.length)];
      const directory = {
        ...DIRECTORY,
        settings: {},
        groups: { "group:team": { members: people.filter(() => random(5) === 0) } },
        subjects: Object.fromEntries(people.map((one) => [one, random(9) === 0 ? { status: "suspended" } : {}])),
        assignments: [...people, ...people, "group:team"].map((subject) => ({
          subject,
          role: pick(roles),
          at: pick(scopes),
          ...pick([{}, {}, { until: "2026-06-01T00:00:00Z" }, { until: "2027-06-01T00:00:00Z" }]),
          ...pick([{}, {}, {}, { from: "2026-01-01T00:00:00Z" }]),
        })),
      };
      directory.assignments = unique(directory.assignments);
      const found = impactOf(impactBase(make, POLICY, directory, TIME), [change], TIME);
      assert.ok(classed(directory, TIME).classes.size < people.length);
      const [before, after] = [make(POLICY, directory), make(POLICY, directory)];
      after.apply({ set_role: change["set-role"] });
      const { gained, lost } = before.diff(after, { time: TIME });
      const holders = (list, permission) =>
        new Set(list.filter((one) => one.permissions.includes(permission)).map((one) => one.subject)).size;
      for (const one of found.gained) assert.equal(one.count, holders(gained, one.permission));
      for (const one of found.lost) assert.equal(one.count, holders(lost, one.permission));
      assert.equal(found.changed, new Set([...gained, ...lost].map((one) => one.subject)).size);
      const shown = found.vanishes.reduce((sum, one) => sum + one.count, 0);
      assert.equal(shown, menuChanges(before, after, people, scopes));
    }
  });
});

const unique = (list) => [...new Map(list.map((one) => [`${one.subject} ${one.role} ${one.at}`, one])).values()];

/** Counts the entries of the menu that vanish, once for each person. */
function menuChanges(before, after, people, scopes) {
  const shown = (engine, subject, at) => {
    const ids = (items) => items.flatMap((item) => [item.id, ...ids(item.items ?? [])]);
    return ids(engine.menu("main", subject, { at, time: TIME }).items);
  };
  let count = 0;
  for (const subject of people) {
    const gone = new Set();
    for (const at of scopes) {
      const now = new Set(shown(after, subject, at));
      shown(before, subject, at).forEach((id) => now.has(id) || gone.add(id));
    }
    count += gone.size;
  }
  return count;
}

describe("a conflict", () => {
  it("combines both changes, and shows what clashes", () => {
    const before = analyst.saved;
    const theirs = { ...withPermissions(before, ["simulator:use"], false), title: "Theirs" };
    const yours = { ...withPermissions(before, ["settings/users:view"], true), title: "Yours", inherits: ["marketer"] };
    const { rows, merged } = merge(before, theirs, yours);
    assert.deepEqual([merged.title, merged.inherits], ["Yours", ["marketer"]]);
    assert.ok(merged.own.has("settings/users:view"));
    assert.ok(!merged.own.has("simulator:use"));
    assert.deepEqual(
      rows.filter((row) => row.clashes).map((row) => row.kind),
      ["title"],
    );
    assert.ok(sameContent(merge(before, before, yours).merged, yours));
  });
});

describe("two roles", () => {
  it("are compared by what each holds", () => {
    const one = { own: analyst.saved.own, inherited: new Set(), reads: [] };
    const other = { own: new Set(["simulator:view"]), inherited: new Set(["dialogues:view"]), reads: ["pii"] };
    const all = compared(tree, one, other, false);
    assert.deepEqual([all.onlyOne, all.onlyOther, all.both], [4, 1, 1]);
    assert.deepEqual(all.labels, [{ label: "pii", one: false, other: true }]);
    const differing = compared(tree, one, other, true).resources.flatMap((one) => one.permissions);
    assert.equal(differing.length, 5);
    assert.deepEqual(contentOf({ grants: ["segments:view"] }, tree).own, new Set(["segments:view"]));
  });
});

describe("the graph", () => {
  const role = (name, ...inherits) => ({ role: name, title: name, inherits });
  const roles = [role("a", "b", "c"), role("b", "d"), role("c", "d"), role("d"), role("alone"), role("e", "c")];
  const graph = layout(roles);

  it("has each role on the left of those that it inherits, and none on another", () => {
    const place = new Map(graph.nodes.map((node) => [node.role, node]));
    assert.equal(graph.nodes.length, 5);
    for (const line of graph.lines) assert.ok(place.get(line.from).x < place.get(line.to).x);
    for (const one of graph.nodes) {
      const near = graph.nodes.filter((other) => other !== one && other.x === one.x && Math.abs(other.y - one.y) < 30);
      assert.deepEqual(near, []);
      assert.ok(one.y >= 0 && one.y + 30 <= graph.height && one.x + 208 <= graph.width);
    }
  });

  it("is walked along its lines", () => {
    assert.ok(["b", "c"].includes(step(graph, "a", "ArrowRight")));
    assert.equal(step(graph, "b", "ArrowLeft"), "a");
    assert.equal(step(graph, "d", "ArrowRight"), undefined);
    assert.equal(step(graph, "gone", "ArrowRight"), graph.nodes[0].role);
    assert.equal(step(graph, "gone", "Tab"), undefined);
    assert.deepEqual([...around("c", roles).above].sort(), ["a", "e"]);
    assert.deepEqual([...around("c", roles).below], ["d"]);
  });
});

describe("a matrix", () => {
  const headings = tree.permissions.map((id) => ({ id }));
  const marks = (...held) => headings.map(({ id }) => (held.includes(id) ? "direct" : "none"));
  const row = {
    id: "lead",
    title: "=Lead",
    cells: marks("segments:view", "segments:edit", "dialogues/templates:view"),
  };

  it("has a column for each resource, with letters and the share that is held", () => {
    const columns = resourceColumns(headings, tree);
    assert.deepEqual(
      columns.map((column) => column.title),
      ["Segments", "Dialogues", "Add new positions", "templates", "parts · templates", "Simulator", "Users"],
    );
    const [segments, dialogues] = columns;
    assert.deepEqual(permissionCell(row, segments), { text: "VE", heat: 3, held: [0, 1] });
    assert.deepEqual(permissionCell(row, dialogues), { text: "", heat: 0, held: [] });
    const held = resourceColumns(headings, tree, { heldBy: [row] });
    assert.deepEqual(
      held.map((column) => column.key),
      ["segments", "dialogues/templates"],
    );
    const edits = resourceColumns(headings, tree, { action: "edit", group: "dialogues" });
    assert.deepEqual(
      edits.map((column) => column.key),
      ["dialogues", "dialogues/templates"],
    );
    const all = letters(["view", "edit", "annotate", "approve", "verify"]);
    assert.deepEqual([...all.values()], ["V", "E", "N", "A", "R"]);
  });

  it("has a column for each role, with the way in which it is held", () => {
    const columns = roleColumns([{ id: "editor", title: "Editor" }, { id: "viewer" }]);
    const person = { id: "user:ada", cells: ["indirect", "none"] };
    assert.deepEqual(
      columns.map((column) => roleCell(person, column).text),
      ["○", ""],
    );
    assert.deepEqual(
      roleColumns([{ id: "editor" }, { id: "viewer" }], { heldBy: [person] }).map((column) => column.key),
      ["editor"],
    );
  });

  it("is taken away as a whole, with one row of headings", async () => {
    const pages = new Map([
      [undefined, { text: "a,b\r\n1,2\r\n", next: 7 }],
      [7, { text: "a,b\r\n3,4\r\n", next: 9 }],
      [9, { text: "a,b\r\n", next: undefined }],
    ]);
    assert.equal(await pagesOf(async (after) => pages.get(after)), "a,b\r\n1,2\r\n3,4\r\n");
  });

  it("is written as a table that a spreadsheet does not evaluate", () => {
    assert.equal(csvCell('a "b", c'), '"a ""b"", c"');
    for (const text of ["=1+1", "+1", "-1", "@a"]) assert.equal(csvCell(text), `'${text}`);
    const headings = [{ id: "segments:edit" }, { id: "segments:view" }];
    const csv = matrixCsv(headings, [{ ...row, cells: ["none", "direct"] }], [1], (mark) => mark);
    assert.equal(csv, "id,title,segments:view\r\nlead,'=Lead,direct\r\n");
  });

  it("draws what is in view, and room for the rest", () => {
    assert.deepEqual(windowOf(10_000, 28, 0, 560), { first: 0, end: 28, before: 0, after: 9_972 * 28 });
    const middle = windowOf(10_000, 28, 28_000, 560);
    assert.deepEqual([middle.first, middle.end], [992, 1_028]);
    assert.equal(middle.before + (middle.end - middle.first) * 28 + middle.after, 280_000);
    assert.equal(windowOf(3, 28, 9_999, 560).end, 3);
  });

  it("counts people at scopes, with groups and what covers them", () => {
    const counts = scopeCounts(DIRECTORY, "acme", TIME);
    assert.deepEqual(
      counts.map(({ scope, level, own, all, below }) => [scope, level, own, all, below]),
      [
        ["acme", 1, 4, 4, 7],
        ["acme/blog", 2, 2, 6, 2],
        ["acme/shop", 2, 1, 5, 1],
      ],
    );
  });
});
