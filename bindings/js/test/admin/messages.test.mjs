// Tests the texts of the parts: every language has every text with the same values, and messages are written right.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { typescript } from "./typescript.mjs";

const folder = new URL("../../react/src/admin/messages/", import.meta.url);
const load = (name) => typescript(new URL(name, folder));
const [{ en }, { de }, { parse, format }] = await Promise.all(["en/index.ts", "de/index.ts", "format.ts"].map(load));

const write = (locale, text, values) => format(locale, parse(text), values).join("");

/** Returns the names of the values of a message, with their kinds. */
function values(parts) {
  const found = parts.flatMap((part) => {
    if (typeof part === "string" || part.name === "#") return [];
    return [`${part.name} ${part.kind}`, ...Object.values(part.cases).flatMap(values)];
  });
  return [...new Set(found)].sort();
}

describe("messages", () => {
  it("have the same values in every language", () => {
    assert.deepEqual(Object.keys(de).sort(), Object.keys(en).sort());
    for (const [key, text] of Object.entries(en)) {
      assert.deepEqual(values(parse(de[key])), values(parse(text)), key);
    }
  });

  it("have a case for everything else", () => {
    const check = (key, parts) => {
      for (const part of parts) {
        if (typeof part === "string") continue;
        assert.ok(["", "number", "plural", "select"].includes(part.kind), `${key}: \`${part.kind}\` is not a kind`);
        if (part.kind === "plural" || part.kind === "select") assert.ok("other" in part.cases, key);
        for (const inner of Object.values(part.cases)) check(key, inner);
      }
    };
    for (const catalogue of [en, de]) for (const [key, text] of Object.entries(catalogue)) check(key, parse(text));
  });

  it("count, choose and write numbers as the language does", () => {
    const people = "{n, plural, =0 {nobody} one {# person} other {# people}} at {scope}";
    assert.equal(write("en", people, { n: 0, scope: "acme" }), "nobody at acme");
    assert.equal(write("en", people, { n: 1, scope: "acme" }), "1 person at acme");
    assert.equal(write("en", people, { n: 12345, scope: "acme" }), "12,345 people at acme");
    assert.equal(write("de", "{n, plural, one {# Rolle} other {# Rollen}}", { n: 12345 }), "12.345 Rollen");
    assert.equal(write("en", "{kind, select, gain {gains} other {loses}}", { kind: "gain" }), "gains");
    assert.equal(write("en", "{kind, select, gain {gains} other {loses}}", { kind: "?" }), "loses");
    assert.throws(() => parse("{n, plural, one {#}"), /is missing in the message/);
  });

  it("keep elements as they are", () => {
    const element = { type: "b" };
    assert.deepEqual(format("en", parse("{name} gains"), { name: element }), [element, " gains"]);
  });
});
