// The logic of the audit log and of the settings: lines of a change, days, and refusals.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { typescript } from "./typescript.mjs";

const part = (file) => typescript(new URL(`../../react/src/admin/${file}`, import.meta.url));
const { compared, linesOf } = await part("audit/lines.ts");
const { daysOf } = await part("audit/days.ts");
const { minutesOf, ownAddress, rangesOf } = await part("settings/values.ts");

describe("an object before and after", () => {
  it("is written as lines in the order of its keys", () => {
    const value = { role: "editor", grants: ["a:view", { b: 1, a: [] }], nothing: null, text: "two\nlines" };
    assert.deepEqual(linesOf(value), [
      "grants:",
      "  - a:view",
      "  - a: []",
      "    b: 1",
      "nothing: null",
      "role: editor",
      'text: "two\\nlines"',
    ]);
  });

  it("shows the lines that are out and in, and those that stay", () => {
    const before = { grants: ["a:view", "b:edit", "c:view"], title: "Editor" };
    const after = { grants: ["a:view", "c:view", "d:view"], title: "Editor" };
    const lines = compared(before, after).map(({ kind, text }) => kind + text);
    assert.deepEqual(lines, [" grants:", "   - a:view", "-  - b:edit", "   - c:view", "+  - d:view", " title: Editor"]);
  });

  it("is all in when it is new, all out when it is removed, and without marks when it is the same", () => {
    assert.deepEqual(compared(undefined, { a: 1 }), [{ kind: "+", text: "a: 1" }]);
    assert.deepEqual(compared({ a: 1 }, undefined), [{ kind: "-", text: "a: 1" }]);
    assert.ok(compared({ a: [1, 2] }, { a: [1, 2] }).every(({ kind }) => kind === " "));
  });

  it("gives the after from the lines that stay and those that are in", () => {
    let seed = 7;
    const random = (most) => (seed = (seed * 48_271) % 2_147_483_647) % most;
    for (let round = 0; round < 200; round += 1) {
      const list = () => Array.from({ length: random(9) }, () => `p${random(5)}`);
      const [before, after] = [list(), list()];
      const lines = compared(before, after);
      const side = (out) => lines.filter(({ kind }) => kind !== out).map(({ text }) => text);
      assert.deepEqual(side("+"), linesOf(before));
      assert.deepEqual(side("-"), linesOf(after));
    }
  });
});

it("events are grouped by the day of the page", () => {
  const entry = (date, seq) => ({ date, event: { seq } });
  const days = daysOf([
    entry("2026-11-29T12:00:00Z", 3),
    entry("2026-11-29T11:00:00Z", 2),
    entry("2026-11-27T12:00:00Z", 1),
  ]);
  assert.deepEqual(
    days.map(({ entries }) => entries.map(({ event }) => event.seq)),
    [[3, 2], [1]],
  );
});

describe("a setting", () => {
  it("of a timeout is shown in minutes", () => {
    assert.deepEqual(["45m", "1h", "90s", "1d"].map(minutesOf), [45, 60, 1.5, 1440]);
  });

  it("of addresses is read from lines", () => {
    assert.deepEqual(rangesOf(" 203.0.113.0/24\n\n2001:db8::/32, 192.0.2.7/32 "), [
      "203.0.113.0/24",
      "2001:db8::/32",
      "192.0.2.7/32",
    ]);
    assert.deepEqual(rangesOf("\n"), []);
  });

  it("names the address that would be locked out, if the refusal is of that kind", () => {
    const refusal = (code, message) => ({ code, details: { code, message } });
    const message = "`user:ada` comes from 198.51.100.7, which would be locked out";
    assert.equal(ownAddress(refusal("networks.lockout", message)), "198.51.100.7");
    assert.equal(ownAddress(refusal("denied", message)), undefined);
    assert.equal(
      ownAddress(refusal("networks.lockout", "`user:ada` comes from an unknown address, which …")),
      undefined,
    );
  });
});
