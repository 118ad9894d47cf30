// Tests the API that both packages share.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { required, rolecall, vectors } from "./load.mjs";

const { CompileError, Engine, ForbiddenError, InternalError, Policy, PortableSession, RequestError, RolecallError } =
  rolecall;
const example = vectors.find((vector) => vector.name === "design: the worked example");
const context = { at: "main/acme/shop", time: "2026-11-21T10:00:00Z", ip: "203.0.113.9" };
const engine = Engine.fromJson(example.policy, example.directory);
const { at, ...rest } = context;
const ask = (permission, more = {}) => ({ subject: "user:ada", permission, at, context: rest, ...more });

describe("compiling", () => {
  it("takes texts, a compiled policy, and plain objects", () => {
    const policy = Policy.fromJson(example.policy);
    const objects = [JSON.parse(example.policy), JSON.parse(example.directory)];
    for (const other of [
      Engine.fromJson(policy, example.directory),
      Engine.from(...objects),
      Engine.from(policy, objects[1]),
      Engine.from(Policy.from(objects[0]), objects[1]),
    ]) {
      assert.deepEqual(other.check(ask("segments:edit")), engine.check(ask("segments:edit")));
    }
  });

  it("reports every issue at once, with line and column", () => {
    const text = '{\n "rolecall": 1, "scopes": ["t"], "resources": {}, "roles": {}, "rolls": 1, "labels": ["A"]\n}';
    assert.throws(
      () => Policy.fromJson(text),
      (error) => {
        assert.ok(error instanceof CompileError && error instanceof RolecallError && error instanceof Error);
        assert.deepEqual(
          error.issues.map(({ code, line }) => [code, line]),
          [
            ["key.unknown", 2],
            ["name.malformed", 2],
          ],
        );
        assert.match(error.message, /policy:2:\d+: key\.unknown/);
        return true;
      },
    );
  });

  it("reports the issues of objects as well, without positions", () => {
    assert.throws(
      () => Policy.from({ rolecall: 1, scopes: ["t"], resources: {}, roles: { x: { title: null } } }),
      (error) =>
        error instanceof CompileError && error.issues[0].code === "value.type" && error.issues[0].line === undefined,
    );
  });

  it("lists permissions, roles and menus", () => {
    assert.deepEqual(engine.policy.roles, ["admin", "editor", "pii", "support", "viewer"]);
    assert.deepEqual(engine.policy.menus, ["main"]);
    assert.equal(engine.policy.permissions[engine.policy.permission("segments:edit")], "segments:edit");
    assert.throws(
      () => engine.policy.permission("segmets:edit"),
      (error) => {
        assert.ok(error instanceof RequestError);
        assert.equal(error.code, "permission.unknown");
        assert.equal(error.help, "did you mean `segments:edit`?");
        return true;
      },
    );
  });
});

describe("an engine", () => {
  it("checks, explains and requires", () => {
    assert.equal(engine.can(ask("segments:edit")), true);
    assert.equal(engine.check(ask("segments:edit")).valid_until, "2026-12-01T00:00:00Z");
    assert.equal(engine.require(ask("segments:edit")).allow, true);
    assert.equal(engine.explain(ask("segments:edit")).guards.length, 13);
    const denied = ask("segments:edit", { resource: { labels: ["pii"] } });
    assert.throws(
      () => engine.require(denied),
      (error) => {
        assert.ok(error instanceof ForbiddenError && error instanceof RolecallError);
        assert.deepEqual(error.decision, engine.check(denied));
        assert.match(error.message, /: label:pii$/);
        return true;
      },
    );
  });

  it("answers many requests in order", () => {
    const answers = engine.checkMany([ask("segments:edit"), ask("nothing:here"), ask("segments:view")]);
    assert.deepEqual([answers[0].allow, answers[2].allow], [true, true]);
    assert.ok(answers[1] instanceof RequestError);
    assert.deepEqual(engine.checkMany([]), []);
  });

  it("takes timestamps as dates, and omits undefined fields", () => {
    const request = ask("segments:edit");
    request.context = { ...rest, time: new Date("2026-11-21T10:00:00Z"), login: undefined };
    assert.deepEqual(engine.check(request), engine.check(ask("segments:edit")));
  });

  it("rejects texts that are not valid Unicode, and does not change them", () => {
    const lone = { ...ask("segments:edit"), subject: "user:\ud800" };
    assert.throws(() => engine.check(lone), { code: "request.json" });
    assert.throws(() => engine.session("user:\udfff", context), { code: "request.json" });
    assert.throws(() => engine.canByNames("user:\ud800", "segments:edit", at, Date.now()), { code: "request.json" });
    const raw = JSON.stringify(ask("segments:edit")).replace("user:ada", "user:\ud800");
    for (const json of [
      engine.checkJson(raw),
      engine.explainJson(raw),
      engine.menuJson("main", raw),
      engine.permissionsJson(raw),
    ]) {
      assert.equal(JSON.parse(json).error.code, "request.json");
    }
    for (const compile of [Policy.fromJson, (text) => Engine.fromJson(example.policy, text)]) {
      assert.throws(
        () => compile('{"rolecall": 1, "title": "\udfff"}'),
        (error) => error instanceof CompileError && error.issues[0].code === "document.json",
      );
    }
  });

  it("takes milliseconds or a date in `canByNames`, and no value that would be converted to a number", () => {
    for (const time of [
      null,
      undefined,
      true,
      "",
      "0",
      context.time,
      [],
      {},
      1n,
      NaN,
      Infinity,
      1e300,
      new Date(NaN),
    ]) {
      assert.throws(
        () => engine.canByNames("user:ada", "segments:edit", at, time),
        { code: "time.malformed" },
        String(time),
      );
    }
  });

  it("answers by names as by requests, also after a change", () => {
    const names = ["user:ada", "user:bo", "user:new", "user:nobody"];
    const places = ["main", "main/acme", "main/acme/shop", "main/bet", "main/aaa", "main/nowhere"];
    const changed = Engine.from(JSON.parse(example.policy), {
      rolecall: 1,
      scopes: ["main", "main/acme", "main/acme/shop", "main/bet"],
      subjects: { "user:ada": {}, "user:bo": {} },
      assignments: [
        { subject: "user:ada", role: "editor", at: "main/acme" },
        { subject: "user:ada", role: "viewer", at: "main/bet" },
        { subject: "user:bo", role: "viewer", at: "main/acme/shop" },
      ],
    });
    const expected = (subject, permission, place) =>
      changed.can({ subject, permission, at: place, context: { time: context.time } });
    for (const change of [
      undefined,
      { withdraw: { subject: "user:ada", role: "editor", at: "main/acme" } },
      // From here on, the scopes after it have other handles.
      { add_scope: "main/aaa" },
      { set_subject: { subject: "user:new", status: "active" } },
      { assign: { subject: "user:new", role: "editor", at: "main/acme" } },
    ]) {
      if (change !== undefined) changed.apply(change);
      let allowed = 0;
      for (const subject of names) {
        for (const place of places) {
          for (const permission of changed.policy.permissions) {
            for (let round = 0; round < 4; round++) {
              const may = changed.canByNames(subject, permission, place, new Date(context.time));
              assert.equal(may, expected(subject, permission, place), `${subject} ${permission} ${place}`);
              allowed += may ? 1 : 0;
            }
          }
        }
      }
      assert.ok(allowed > 0);
    }
  });

  it("answers by names for more subjects than the cache holds", () => {
    const subjects = Array.from({ length: 70_000 }, (_, number) => `user:u${number}`);
    const assignments = subjects
      .filter((_, number) => number % 3 === 0)
      .map((subject) => ({ subject, role: "editor", at: "main/acme" }));
    const many = Engine.from(JSON.parse(example.policy), {
      rolecall: 1,
      scopes: ["main", "main/acme", "main/acme/shop"],
      subjects: Object.fromEntries(subjects.map((name) => [name, {}])),
      assignments,
    });
    for (let round = 0; round < 6; round++) {
      subjects.forEach((subject, number) => {
        assert.equal(
          many.canByNames(subject, "segments:edit", "main/acme/shop", Date.parse(context.time)),
          number % 3 === 0,
          subject,
        );
      });
    }
  });

  it("shows menus and lists permissions without a session", () => {
    const session = engine.session("user:ada", context);
    assert.deepEqual(engine.menu("main", "user:ada", context), session.menu("main"));
    assert.deepEqual(engine.permissions("user:ada", context), session.permissions());
  });
});

describe("requests about all subjects and all scopes", () => {
  const time = "2026-11-21T10:00:00Z";

  it("are answered exactly", () => {
    assert.deepEqual(engine.whoCan("segments:edit", { at, time }).subjects, ["user:ada"]);
    assert.deepEqual(
      engine.whoCan("segments:edit", { at, time: new Date(time) }),
      engine.whoCan("segments:edit", { at, time }),
    );
    assert.deepEqual(engine.whereCan("user:bo", "segments:view", { time }), { scopes: ["main/acme/shop"] });
    assert.deepEqual(
      engine.grantingRoles("segments:edit").map(({ role }) => role),
      ["admin", "campaign-lead", "editor"],
    );
    assert.deepEqual(engine.effective("user:ada", context), engine.session("user:ada", context).effective());
    const all = engine.whoHolds("viewer", { at, time: new Date(time) });
    assert.deepEqual(engine.whoHolds("viewer", { at, time, limit: undefined }), all);
    assert.ok(all.holders.length > 1 && all.next === undefined);
    const first = engine.whoHolds("viewer", { at, time, limit: 1 });
    const rest = engine.whoHolds("viewer", { at, time, after: first.next });
    assert.deepEqual([...first.holders, ...rest.holders], all.holders);
    assert.deepEqual(engine.whichGroupsCan("segments:edit", { at, time, limit: 5 }).next, undefined);
    const own = all.holders.find(({ subject }) => subject === "user:ada").roles;
    const { assignments } = engine.assignmentsOf("user:ada", { at, time });
    assert.deepEqual(
      assignments.filter(({ role }) => role !== "admin"),
      own,
    );
  });

  it("are rejected if malformed", () => {
    for (const limit of [0, 1.5, -1, "5", NaN]) {
      assert.throws(() => engine.whoHolds("viewer", { time, limit }), { code: "request.shape", path: "limit" });
    }
    assert.throws(() => engine.whoHolds("Viewer", { time }), { code: "role.malformed", path: "role" });
    assert.throws(() => engine.whoHolds("viewer", { tiem: time }), { code: "request.shape", path: "tiem" });
    assert.throws(() => engine.assignmentsOf("user:bo", { time: Date.parse(time) }), { code: "request.shape" });
    assert.throws(() => engine.whoCan("segments:fly", { at, time }), { code: "permission.unknown" });
    assert.throws(() => engine.whereCan("user:\ud800", "segments:view", { time }), { code: "request.json" });
    assert.throws(() => engine.whereCan("user:bo", "segments:view", { time: "soon" }), { code: "time.malformed" });
  });
});

describe("a session", () => {
  const session = engine.session("user:ada", context);

  it("answers by name and by handle as its list of permissions", () => {
    const allowed = new Set(session.permissions().permissions);
    const bits = session.permissionBits();
    engine.policy.permissions.forEach((name, number) => {
      assert.equal(session.can(name), allowed.has(name), name);
      assert.equal(session.can(number), allowed.has(name), name);
      assert.equal((bits[number >> 3] >> (number & 7)) & 1, Number(allowed.has(name)), name);
      assert.equal(session.check(number).allow, allowed.has(name), name);
    });
  });

  it("does not allow more when its returned bits are changed", () => {
    session.permissionBits().fill(255);
    assert.equal(session.can("settings/access-management/users:edit"), false);
  });

  it("rejects texts that are not a permission", () => {
    for (const wrong of ["segments:fly", "segments", "", 10_000, -1, 1.5, NaN]) {
      assert.throws(() => session.can(wrong), RequestError, String(wrong));
      assert.throws(() => session.check(wrong), RequestError, String(wrong));
    }
  });

  it("checks items, checks many permissions, requires and explains", () => {
    const item = { labels: ["pii"], boundaries: { domain: ["shop.example"] } };
    assert.deepEqual(session.check("segments:edit", item).reasons, ["label:pii"]);
    assert.throws(() => session.require("segments:edit", item), ForbiddenError);
    assert.equal(session.require("segments:edit").allow, true);
    assert.deepEqual(
      session.checkMany(["segments:edit", "settings/access-management:view"]).map(({ allow }) => allow),
      [true, false],
    );
    assert.deepEqual(session.explain("segments:edit", item).decision, session.check("segments:edit", item));
    assert.throws(() => session.check("segments:edit", { labels: ["secret"] }), { code: "label.unknown" });
  });

  it("shows the menu", () => {
    assert.deepEqual(
      session.menu("main").items.map(({ id }) => id),
      ["home", "profiles"],
    );
    assert.throws(() => session.menu("mian"), { code: "menu.unknown" });
  });

  it("answers after its engine is garbage", () => {
    const held = [];
    for (let index = 0; index < 200; index += 1) {
      held.push(Engine.fromJson(example.policy, example.directory).session("user:ada", context));
    }
    globalThis.gc?.();
    assert.ok(held.every((one) => one.can("segments:edit") && one.check("segments:edit").allow));
  });
});

describe("a value that JSON would drop silently", () => {
  const session = engine.session("user:ada", context);
  const portable = PortableSession.fromBytes(session.toBytes(), { time: context.time });

  it("is rejected in an item, which would be open without it", () => {
    const items = [
      { labels: undefined },
      { labels: [undefined] },
      { labels: new Set(["pii"]) },
      { labels: "pii" },
      { labels: [5] },
      { label: ["pii"] },
      { boundaries: undefined },
      { boundaries: { domain: undefined } },
      { boundaries: { domain: () => ["other.example"] } },
      { boundaries: { domain: new Set(["other.example"]) } },
      { boundaries: { domain: [5] } },
      { boundaries: { domain: [Symbol("a")] } },
      { boundaries: new Map([["domain", ["other.example"]]]) },
      { boundaries: [["domain", ["other.example"]]] },
      new Map([["labels", ["pii"]]]),
      new (class {
        get labels() {
          return ["pii"];
        }
      })(),
      null,
      [],
      5,
      "pii",
    ];
    for (const item of items) {
      const request = ask("segments:edit", { resource: item });
      for (const work of [
        () => session.check("segments:edit", item),
        () => session.require("segments:edit", item),
        () => session.explain("segments:edit", item),
        () => session.explainRedacted("segments:edit", item),
        () => engine.can(request),
        () => engine.explain(request),
        () => engine.explainRedacted(request),
        () => portable.can("segments:edit", item),
      ]) {
        assert.throws(work, { name: "RequestError", code: "request.shape" }, `${work} with ${inspect(item)}`);
      }
      assert.equal(engine.checkMany([request])[0].code, "request.shape");
    }
    const item = Object.assign(Object.create(null), { labels: [], boundaries: { domain: ["other.example"] } });
    assert.deepEqual(session.check("segments:edit", item).reasons, ["boundary:domain"]);
    assert.equal(portable.can("segments:edit", item), false);
  });

  it("is rejected among labels of fields, which would be shown without them", () => {
    const all = [
      undefined,
      null,
      "pii",
      ["pii"],
      new Map([["email", "pii"]]),
      { email: undefined },
      { email: null },
      { email: [undefined] },
      { email: new Set(["pii"]) },
      { email: () => "pii" },
      new (class {
        get email() {
          return "pii";
        }
      })(),
    ];
    for (const labels of all) {
      for (const one of [session, portable]) {
        assert.throws(
          () => one.redact({ email: "a@b.c" }, labels),
          { name: "RequestError", code: "request.shape" },
          inspect(labels),
        );
      }
    }
  });

  it("is rejected in documents and changes, at its path", () => {
    const [policy, directory] = [JSON.parse(example.policy), JSON.parse(example.directory)];
    const ada = { ...directory.subjects["user:ada"] };
    const opened = Engine.from(policy, directory);
    for (const boundaries of [undefined, { domain: undefined }, new Map([["domain", ["shop.example"]]])]) {
      const subjects = { ...directory.subjects, "user:ada": { ...ada, boundaries } };
      const path = `boundaries${boundaries instanceof Map || boundaries === undefined ? "" : ".domain"}`;
      const at = (place) => (error) =>
        error instanceof CompileError &&
        error.issues.length === 1 &&
        error.issues[0].code === "value.type" &&
        error.issues[0].path === place;
      assert.throws(() => Engine.from(policy, { ...directory, subjects }), at(`subjects["user:ada"].${path}`));
      assert.throws(
        () => opened.apply({ set_subject: { subject: "user:ada", ...ada, boundaries } }),
        at(`set_subject.${path}`),
      );
    }
    assert.throws(
      () => Policy.from({ ...policy, guards: undefined }),
      (error) => error instanceof CompileError && error.issues[0].path === "guards",
    );
    assert.deepEqual(opened.toSnapshot(), engine.toSnapshot());
  });

  it("is reported the same by every runtime", () => {
    const [policy, directory] = [JSON.parse(example.policy), JSON.parse(example.directory)];
    const nested = (levels) => Array.from({ length: levels }).reduce((inner) => [inner], "deep");
    const issuesOf = (work) => {
      try {
        work();
      } catch (error) {
        return error.issues.map((issue) => [issue.code, issue.path, issue.message]);
      }
      return [];
    };
    for (const [document, ...issues] of [
      [{ ...policy, title: "\ud800" }, ["value.type", "title", "a text is needed here, not null"]],
      [{ ...policy, title: nested(99) }, ["value.type", "title", "a text is needed here, not a list"]],
      [{ ...policy, title: nested(500) }, ["value.type", "title", "a text is needed here, not a list"]],
      [{ ...policy, title: 1n }, ["value.type", "title", "a text is needed here, not null"]],
      [{ ...policy, labels: [, "pii"] }, ["value.type", "labels[0]", "a text is needed here, not null"]],
      [
        { ...policy, limits: { custom_roles: NaN } },
        ["value.type", "limits.custom_roles", "a whole number is needed here, not null"],
      ],
      [
        { ...policy, limits: { custom_roles: 2 ** 53 } },
        ["value.type", "limits.custom_roles", "a whole number is needed here, not null"],
      ],
      [
        { ...policy, zebra: 1, limits: { ...policy.limits, ant: 1 } },
        ["key.unknown", "zebra", "`zebra` is not a known key"],
        ["key.unknown", "limits.ant", "`ant` is not a known key"],
      ],
    ]) {
      assert.deepEqual(
        issuesOf(() => Policy.from(document)),
        issues,
      );
    }
    assert.deepEqual(
      issuesOf(() => Engine.from(policy, { ...directory, subjects: { ...directory.subjects, "user:\ud800": {} } }))[0],
      ["value.type", "subjects", "a map is needed here, not null"],
    );
  });

  it("does not include dates, which are timestamps in documents as well", () => {
    const [policy, directory] = [JSON.parse(example.policy), JSON.parse(example.directory)];
    const dated = ({ from, until, ...one }) => ({
      ...one,
      ...(from && { from: new Date(from) }),
      ...(until && { until: new Date(until) }),
    });
    assert.ok(directory.assignments.some(({ until }) => until));
    const other = Engine.from(policy, { ...directory, assignments: directory.assignments.map(dated) });
    assert.deepEqual(other.toSnapshot(), engine.toSnapshot());
  });
});

describe("snapshots", () => {
  it("open as a separate engine", () => {
    const bytes = engine.toSnapshot();
    const opened = Engine.fromSnapshot(bytes);
    assert.deepEqual(opened.policy.permissions, engine.policy.permissions);
    assert.deepEqual(opened.check(ask("segments:edit")), engine.check(ask("segments:edit")));
    assert.deepEqual(opened.toSnapshot(), bytes);
    assert.throws(() => Engine.fromSnapshot(bytes.subarray(1)), { name: "RequestError", code: "snapshot.malformed" });
  });

  it("are mapped from files on platforms with files", () => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), "rolecall-")), "roles.snapshot");
    if (process.env.ROLECALL_PACKAGE === "rolecall") {
      assert.throws(() => engine.writeSnapshot(file), { code: "internal.platform" });
      assert.throws(() => Engine.openSnapshot(file), { code: "internal.platform" });
      return;
    }
    engine.writeSnapshot(file);
    assert.deepEqual(new Uint8Array(readFileSync(file)), engine.toSnapshot());
    for (const opened of [Engine.openSnapshot(file), Engine.openSnapshot(file, { verify: false })]) {
      assert.deepEqual(opened.check(ask("segments:edit")), engine.check(ask("segments:edit")));
    }
    assert.throws(
      () => Engine.openSnapshot(`${file}.missing`),
      (error) =>
        error instanceof InternalError && error.code === "internal.file" && error.message.includes(`${file}.missing`),
    );
    assert.throws(() => engine.writeSnapshot(path.join(file, "below")), {
      name: "InternalError",
      code: "internal.file",
    });
  });
});

describe("the package", () => {
  it("is the same by import and by require", () => {
    assert.deepEqual(
      Object.keys(required)
        .filter((name) => name !== "default")
        .sort(),
      Object.keys(rolecall)
        .filter((name) => name !== "default" && name !== "module.exports")
        .sort(),
    );
    const other = required.Engine.fromJson(example.policy, example.directory);
    assert.deepEqual(other.check(ask("segments:edit")), engine.check(ask("segments:edit")));
  });
});

// The other package is native and does not have this module.
if (process.env.ROLECALL_PACKAGE === "rolecall") {
  it("reports an addition that the module cannot read", () => {
    const { resolve } = createRequire(path.join(process.cwd(), "package.json"));
    const { exports } = new WebAssembly.Instance(
      new WebAssembly.Module(readFileSync(resolve("rolecall/portable.wasm"))),
    );
    const bytes = engine.session("user:ada", context).toBytes();
    const put = (all) => {
      // Reserves first, because the memory may move.
      const place = exports.portable_reserve(all.length);
      new Uint8Array(exports.memory.buffer).set(all, place);
    };
    put([...bytes, ...new TextEncoder().encode(context.time)]);
    const opened = exports.portable_open(bytes.length, context.time.length);
    put(new TextEncoder().encode("pii"));
    assert.equal(exports.portable_add(opened, 0, 3, 0), 0);
    for (const [one, length] of [
      [opened, 1 << 20],
      [opened, -1],
      [opened + 1, 3],
    ]) {
      assert.ok(exports.portable_add(one, 0, length, 0) > 0, `${one} ${length}`);
    }
    put([0xff]);
    assert.ok(exports.portable_add(opened, 0, 1, 0) > 0);
  });

  it("frees the memory of unreachable portable sessions", () => {
    const { resolve } = createRequire(path.join(process.cwd(), "package.json"));
    const bytes = engine.session("user:ada", context).toBytes();
    const script = path.join(import.meta.dirname, "freed.mjs");
    const run = spawnSync(
      process.execPath,
      ["--expose-gc", script, resolve("rolecall/portable.js"), resolve("rolecall/portable.wasm")],
      {
        encoding: "utf8",
        input: Buffer.from(bytes).toString("hex"),
      },
    );
    assert.equal(run.status, 0, run.stderr);
    const [early, late] = run.stdout.trim().split(" ").map(Number);
    assert.ok(early > 0 && early === late, run.stdout);
  });
}
