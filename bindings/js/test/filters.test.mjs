// Predicates of filters. Those in SQL are compared with `tests/filters/predicates.json`, whose predicates the tests of the
// Python package run on databases. Those of Prisma are evaluated row by row, and compared with checks.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { describe, it } from "node:test";
import { rolecall } from "./load.mjs";

const name = process.env.ROLECALL_PACKAGE;
const require = createRequire(path.join(process.cwd(), "package.json"));
const { drizzle, FilterError, postgresql, prisma, sqlite } = require(`${name}/filters`);
const file = new URL("../../../tests/filters/predicates.json", import.meta.url);
const { policy, directory, cases } = JSON.parse(readFileSync(file, "utf8"));
const engine = rolecall.Engine.from(policy, directory);

/** Returns the columns with the version of the engine's numbers. */
const columnsOf = (columns) =>
  columns.number === undefined ? columns : { ...columns, numbering: engine.numbering().numbering };

describe("predicates", () => {
  it("in SQL are those that run on databases", () => {
    assert.ok(cases.length > 8);
    for (const { request, columns, sqlite: inSqlite, postgresql: inPostgresql } of cases) {
      const filter = engine.filter(request);
      assert.deepEqual(sqlite(filter, columnsOf(columns)), inSqlite);
      assert.deepEqual(postgresql(filter, columnsOf(columns)), inPostgresql);
    }
  });

  it("number their parameters from any place", () => {
    const { request, columns, postgresql: inPostgresql } = cases[0];
    const { text } = postgresql(engine.filter(request), columnsOf(columns), { first: 5 });
    assert.equal(
      text,
      inPostgresql.text.replace(/\$(\d+)/g, (_, count) => `$${Number(count) + 4}`),
    );
  });

  it("for Drizzle have the same text and parameters", () => {
    // The parts of `sql` of Drizzle that count: chunks of text, and parameters.
    const sql = (strings, ...values) => [...values];
    sql.raw = (text) => [text];
    sql.param = (value) => ({ value });
    sql.join = (chunks) => chunks.flat();
    for (const { request, columns, sqlite: expected } of cases) {
      const chunks = drizzle(engine.filter(request), columnsOf(columns), { sql, database: "sqlite" });
      const text = chunks.map((chunk) => (typeof chunk === "string" ? chunk : "?")).join("");
      const parameters = chunks.filter((chunk) => typeof chunk !== "string").map(({ value }) => value);
      assert.deepEqual({ text, parameters }, expected);
    }
  });

  it("for Prisma allow exactly the rows that checks allow", () => {
    const scopes = [...engine.numbering().scopes, "gone"];
    const lists = [null, [], ["x"], ["y"], ["x", "y"], ["z"]];
    let [allowed, compared] = [0, 0];
    for (const subject of Object.keys(directory.subjects)) {
      for (const columns of [{ scope: "scope" }, { number: "number" }]) {
        const request = { subject, permission: "reports:view", list_scopes: true, context: cases[0].request.context };
        const where = prisma(
          engine.filter(request),
          columnsOf({
            ...columns,
            boundaries: { region: "region", domain: { many: "domains" }, team: null },
            labels: null,
          }),
        );
        for (const [number, scope] of scopes.entries()) {
          for (const region of [null, "x", "z"]) {
            for (const domains of lists) {
              const row = { scope, number: scope === "gone" ? null : number, region, domains };
              const boundaries = { region: region === null ? [] : [region], domain: domains ?? [] };
              const { list_scopes: _, ...rest } = request;
              const expected = engine.can({ ...rest, at: scope, resource: { boundaries } });
              assert.equal(fits(row, where), expected, JSON.stringify([subject, row, where]));
              allowed += Number(expected);
              compared += 1;
            }
          }
        }
      }
    }
    assert.ok(compared > 500 && allowed > 100, `${allowed} of ${compared}`);
  });

  it("exclude the rows that locks exclude", () => {
    const { context } = cases[0].request;
    const request = { subject: "user:writer", permission: "reports:edit", list_scopes: true, context };
    const boundaries = { lock: null };
    let [allowed, compared] = [0, 0];
    for (const columns of [{ scope: "scope" }, { number: "number" }]) {
      const where = prisma(engine.filter(request), columnsOf({ ...columns, boundaries, labels: null, item: "id" }));
      for (const [number, scope] of engine.numbering().scopes.entries()) {
        for (const id of [null, "r:1", "r:2", "r:é", "r:3"]) {
          const { list_scopes: _, ...rest } = request;
          const expected = engine.can({ ...rest, at: scope, resource: id === null ? {} : { id } });
          assert.equal(fits({ scope, number, id }, where), expected, JSON.stringify([scope, id, where]));
          allowed += Number(expected);
          compared += 1;
        }
      }
    }
    assert.ok(allowed > 5 && allowed < compared, `${allowed} of ${compared}`);
    const columns = { scope: "scope", boundaries, labels: null };
    assert.throws(() => sqlite(engine.filter(request), columns), /`item` has no column/);
  });

  it("do not grow with thousands of branches and locked ids", () => {
    const texts = [400, 2_400].map((accounts) => {
      const { engine: wide, request, columns } = wideWorld(accounts);
      const filter = wide.filter(request);
      const locked = filter.branches.flatMap((branch) => branch.locked ?? []).flatMap(({ items }) => items);
      assert.ok(filter.branches.length >= accounts && locked.length >= accounts);
      const version = { numbering: wide.numbering().numbering };
      const byNumber = { ...columns, number: "number", ...version };
      const byPath = { ...columns, scope: "scope" };
      return [sqlite, postgresql].flatMap((write) => [byNumber, byPath].map((one) => write(filter, one).text));
    });
    for (const [index, few] of texts[0].entries()) {
      const many = texts[1][index];
      // Only the digits of a number count: 3 bits more in SQLite.
      assert.ok(many.length < few.length + 1_000 && many.length < 8_000, `${few.length} ${many.length}`);
      assert.equal(depthOf(many), depthOf(few));
    }
  });

  it("for Prisma allow the rows of thousands of branches", () => {
    const { engine: wide, request, columns } = wideWorld(2_400);
    const where = prisma(wide.filter(request), { ...columns, scope: "scope" });
    assert.ok(where.OR.length >= 2_400);
    let allowed = 0;
    const numbers = Array.from({ length: 300 }, (_, index) => index * 8);
    for (const number of numbers) {
      for (const team of [null, `t${number}`, "t0", "shared"]) {
        const row = { scope: `main/a${number}`, team, id: number % 16 === 0 ? `doc:${number}` : "doc:free" };
        const boundaries = { team: team === null ? [] : [team] };
        const { list_scopes: _, ...rest } = request;
        const expected = wide.can({ ...rest, at: row.scope, resource: { id: row.id, boundaries } });
        assert.equal(fits(row, where), expected, JSON.stringify(row));
        allowed += Number(expected);
      }
    }
    assert.ok(allowed > 200 && allowed < 900, `${allowed}`);
  });

  it("reject columns that cannot express a filter", () => {
    const request = { subject: "user:limited", permission: "reports:view", context: cases[0].request.context };
    const filter = engine.filter(request);
    const { numbering } = filter;
    const boundaries = { region: null, domain: null, team: null };
    for (const [columns, message] of [
      [{}, /name one column/],
      [{ scope: "scope", number: "number" }, /name one column/],
      [{ scope: "scope", boundaries, labels: null }, /list_scopes/],
      [{ number: "number", numbering: "1-0", boundaries, labels: null }, /number the rows again/],
      [{ number: "number", numbering, labels: null }, /no column for `domain`/],
      [{ number: "number", numbering, boundaries }, /`labels` has no column/],
      [{ number: 'a"b', numbering, boundaries, labels: null }, /not the name of a column/],
    ]) {
      assert.throws(
        () => sqlite(filter, columns),
        (error) => error instanceof FilterError && message.test(error.message),
      );
    }
    const columns = {
      number: "number",
      numbering,
      boundaries: { ...boundaries, team: { many: "teams" } },
      labels: null,
    };
    assert.throws(() => prisma(filter, columns), /Prisma has no condition/);
  });
});

/** Returns an engine in which a subject has other values at each account, and locks at each. */
function wideWorld(accounts) {
  const names = Array.from({ length: accounts }, (_, number) => `main/a${number}`);
  const teams = names.map((_, number) => `t${number}`);
  const lock = { limits: ["view"], match: "any", default: "none", from: "groups", items: "locks" };
  const policy = {
    rolecall: 1,
    scopes: ["instance", "account"],
    resources: { reports: { actions: ["view"] } },
    roles: { viewer: { grants: ["reports:view"] } },
    guards: { boundaries: { team: { limits: ["view"], match: "any" }, lock } },
  };
  const assignments = names.map((at, number) => {
    return { subject: "user:wide", role: "viewer", at, boundaries: { team: [teams[number], "shared"] } };
  });
  const locks = names.map((at, number) => [at, { [`doc:${number}`]: { groups: ["group:others"] } }]);
  const subjects = { "user:wide": { boundaries: { team: ["shared", "t0", "t8", "t16"] } }, "user:a": {} };
  const directory = {
    rolecall: 1,
    scopes: ["main", ...names],
    groups: { "group:others": { members: ["user:a"] } },
    locks: Object.fromEntries(locks),
    subjects,
    assignments,
  };
  const request = { ...cases[0].request, subject: "user:wide", list_scopes: true };
  const columns = { boundaries: { team: "team", lock: null }, labels: null, item: "id" };
  return { engine: rolecall.Engine.from(policy, directory), request, columns };
}

/** Returns the depth of the parentheses of a text. */
function depthOf(text) {
  let [depth, most] = [0, 0];
  for (const one of text) {
    depth += one === "(" ? 1 : one === ")" ? -1 : 0;
    most = Math.max(most, depth);
  }
  return most;
}

/** Evaluates a `where` of Prisma. */
function fits(row, where) {
  return Object.entries(where).every(([key, part]) => {
    if (key === "OR") return part.some((one) => fits(row, one));
    if (key === "AND") return part.every((one) => fits(row, one));
    if (key === "NOT") return !fits(row, part);
    const value = row[key];
    if (part === null) return value === null;
    return Object.entries(part).every(([operator, operand]) => {
      switch (operator) {
        case "equals":
          return value === operand;
        case "in":
          return operand.includes(value);
        case "gte":
          return value !== null && value >= operand;
        case "lte":
          return value !== null && value <= operand;
        case "isEmpty":
          return value !== null && (value.length === 0) === operand;
        case "hasSome":
          return value !== null && operand.some((one) => value.includes(one));
        default:
          throw new Error(operator);
      }
    });
  });
}
