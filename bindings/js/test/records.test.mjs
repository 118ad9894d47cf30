// Tests redacted records with values of JavaScript.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { all } from "./example.mjs";

describe("a record", () => {
  const labels = { email: "pii", "**.phone": "pii" };
  it("keeps values that JSON cannot represent", () => {
    const row = {
      id: 12345678901234567890n,
      at: new Date(0),
      nothing: undefined,
      none: null,
      not: NaN,
      bytes: new Uint8Array([1, 2]),
      file: Buffer.from("a"),
      tags: new Set(["a"]),
      named: new Map([["a", 1]]),
      email: "a@b.c",
      list: [undefined, new Date(1), 5n, { phone: 1, kept: 2n }],
      people: new Map([
        ["ada", { phone: 1, name: "Ada" }],
        [7, { phone: 2 }],
      ]),
      all: new Set([{ phone: 3, id: 1n }]),
    };
    for (const session of all) {
      const { record, withheld } = session.redact(row, labels);
      assert.deepEqual(withheld, ["pii"]);
      for (const key of ["id", "nothing", "none", "not", "bytes", "file"])
        assert.ok(Object.is(record[key], row[key]), key);
      for (const key of ["at", "tags", "named"]) {
        assert.deepEqual(record[key], row[key]);
        assert.notEqual(record[key], row[key], key);
      }
      assert.ok("nothing" in record && !("email" in record));
      assert.deepEqual(record.list, [undefined, new Date(1), 5n, { kept: 2n }]);
      assert.deepEqual(
        record.people,
        new Map([
          ["ada", { name: "Ada" }],
          [7, {}],
        ]),
      );
      assert.deepEqual(record.all, new Set([{ id: 1n }]));
      const masked = session.redact(row, labels, { mask: "•" }).record;
      assert.deepEqual(
        [masked.email, masked.people.get("ada"), masked.list[3]],
        ["•", { phone: "•", name: "Ada" }, { phone: "•", kept: 2n }],
      );
    }
  });

  it("reduces an object to its own fields, or to the result of `toJSON`", () => {
    class Person {
      constructor() {
        this.name = "Ada";
        this.phone = 1;
      }
      get email() {
        return "a@b.c";
      }
      call = () => this.phone;
    }
    class Money {
      toJSON() {
        return "5.00";
      }
    }
    class Document {
      #fields = { phone: 1, name: "Bo" };
      toJSON() {
        return this.#fields;
      }
    }
    for (const session of all) {
      const { record } = session.redact(
        { person: new Person(), money: new Money(), document: new Document() },
        { "person.email": "pii", "**.phone": "pii" },
      );
      assert.deepEqual(record, { person: { name: "Ada" }, money: "5.00", document: { name: "Bo" } });
      assert.equal(Object.getPrototypeOf(record.person), Object.prototype);
    }
  });

  it("withholds items of typed arrays, and returns bytes unchanged", () => {
    const [scores, bytes] = [new Float64Array([1, 2]), new Uint8Array([1, 2])];
    for (const session of all) {
      for (const path of ["scores[0]", "scores[*]", "scores.*", "**[0]"]) {
        const { record } = session.redact({ scores, bytes }, { [path]: "pii" });
        assert.ok(!Array.from(record.scores ?? []).includes(1), path);
        assert.equal(record.bytes, bytes);
      }
      const copy = session.redact({ scores }, { "other[0]": "pii" }).record.scores;
      assert.deepEqual(copy, scores);
      assert.notEqual(copy, scores);
      assert.deepEqual(session.redact({ scores }, { "scores[0]": "pii" }, { mask: "•" }).record.scores, ["•", 2]);
      const big = new BigInt64Array([1n]);
      assert.deepEqual(session.redact([big], { "other[0]": "pii" }).record, [big]);
    }
  });

  it("drops fields that a class adds to maps, sets, typed arrays and dates", () => {
    const extended = (Base) =>
      class extends Base {
        email = "a@b.c";
        get phone() {
          return 1;
        }
      };
    for (const session of all) {
      for (const [Base, of] of [
        [Map, [["a", 1]]],
        [Set, [1]],
        [Float64Array, [1]],
        [Date, 0],
      ]) {
        const row = new (extended(Base))(of);
        Object.defineProperty(row, Symbol.toStringTag, { value: "Uint8Array" });
        const { it } = session.redact({ it: row }, { ...labels, "**.email": "pii" }).record;
        assert.deepEqual(it, new Base(of));
        assert.equal(Object.getPrototypeOf(it), Base.prototype);
        assert.ok(!("email" in it) && !("phone" in it));
      }
    }
  });

  it("is read once, even if it changes meanwhile", () => {
    for (const session of all) {
      const [map, set, numbers] = [new Map([["name", "Ada"]]), new Set([1]), new Float64Array([1])];
      const last = {
        get changed() {
          map.set("phone", 1);
          set.add({ phone: 1 });
          numbers[0] = 2;
          return true;
        },
      };
      assert.deepEqual(session.redact([map, set, numbers, last], labels).record, [
        new Map([["name", "Ada"]]),
        new Set([1]),
        new Float64Array([1]),
        { changed: true },
      ]);
    }
  });

  it("omits functions and symbols as JSON does, in lists and from `toJSON`", () => {
    const secret = () => "a@b.c";
    for (const session of all) {
      const { record } = session.redact({ list: [secret, Symbol("a")], json: { toJSON: secret }, secret }, labels);
      assert.deepEqual(record, { list: [null, null], json: {} });
      class Told {
        toJSON() {
          return secret;
        }
      }
      assert.deepEqual(session.redact([new Told()], labels).record, [null]);
    }
  });

  it("is rejected by its length before memory is used, and counts all of its parts", () => {
    const tooLarge = { code: "request.too-large", path: "record" };
    const functions = Array.from({ length: 1 << 14 }, () => () => 1);
    for (const session of all) {
      for (const large of [new Array(4e9), new Float64Array(2e8), Array.from({ length: 1 << 13 }, () => functions)]) {
        const before = process.memoryUsage().heapUsed;
        assert.throws(() => session.redact({ large }, labels), tooLarge);
        assert.ok(process.memoryUsage().heapUsed - before < 64 << 20);
      }
    }
  });

  it("reads a field once", () => {
    let count = 0;
    const shifty = Object.defineProperty({}, "it", {
      enumerable: true,
      get: () => (count++ % 2 === 0 ? { name: "Ada" } : { phone: 1 }),
    });
    for (const session of all) {
      count = 0;
      assert.deepEqual(session.redact(shifty, labels).record, { it: { name: "Ada" } });
      assert.equal(count, 1);
    }
  });

  it("is rejected if keys repeat, or if it is too deep or circular", () => {
    const circle = {};
    circle.circle = circle;
    const deep = (levels) => Array.from({ length: levels }).reduce((inner) => [inner], 1);
    for (const session of all) {
      assert.throws(
        () =>
          session.redact(
            new Map([
              [1, 1],
              ["1", 2],
            ]),
            labels,
          ),
        { code: "request.shape" },
      );
      assert.throws(() => session.redact(new Map([[{}, 1]]), labels), { code: "request.shape" });
      for (const record of [circle, deep(128)])
        assert.throws(() => session.redact(record, labels), { code: "request.json", path: "record" });
      assert.deepEqual(session.redact(deep(127), labels).record, deep(127));
      assert.throws(() => session.redact({ a: "\ud800" }, labels), { code: "request.json" });
      for (const none of [5, "text", null, undefined, () => 1, new Date()])
        assert.throws(() => session.redact(none, labels), { code: "request.shape", path: "record" });
    }
  });

  it("may have a key with the name `__proto__`", () => {
    for (const session of all) {
      const { record } = session.redact(JSON.parse('{"__proto__": {"phone": 1, "name": 2}}'), labels);
      assert.deepEqual(Object.entries(record), [["__proto__", { name: 2 }]]);
    }
  });
});
