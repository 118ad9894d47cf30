// Tests the texts of the parts: every language has every text with the same values, and messages are written right.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
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

/** The sources that use texts: the parts, and the console. */
const SOURCES = ["../../react/src/admin/", "../../../../console/src/"].flatMap((folder) => {
  const address = new URL(folder, import.meta.url);
  const files = readdirSync(address, { recursive: true });
  const used = files.filter((file) => /\.tsx?$/.test(file) && !file.startsWith("messages"));
  return used.map((file) => readFileSync(new URL(file, address), "utf8"));
});

/** Where a value of a template can have dots: events and the server's reasons have names such as `client.unknown`. */
const DOTTED = /^audit\.(did|reason)\./;

describe("messages", () => {
  it("are all shown somewhere", () => {
    const text = SOURCES.join("\n");
    const literals = new Set([...text.matchAll(/"([a-z][\w.-]+\.[\w.-]+)"/gi)].map(([, key]) => key));
    const templates = [...text.matchAll(/`([a-z]+\.[^`\s]*\$\{[^`\s]*)`/g)].map(([, key]) => {
      const parts = key.split(/\$\{[^}]*\}/).map((part) => part.replaceAll(".", "\\."));
      return new RegExp(`^${parts.join(DOTTED.test(key) ? "[\\w.-]+" : "[\\w-]+")}$`);
    });
    const isUsed = (key) => literals.has(key) || templates.some((template) => template.test(key));
    assert.deepEqual(
      Object.keys(en).filter((key) => !isUsed(key)),
      [],
    );
  });

  it("have one word for one thing", () => {
    const others = {
      en: /\banew\b|\bwhoever\b|\bof whom\b|(?<!there )\bis no (?!longer)|\bare none\b|\bnative account|\bresen[dt]\b|\blet (out|\{)|\bsupport sees\b/i,
      de: /Freigeben|freigeben|Anmeldedienst|Anmeldebereich|Zugangsmarke|Befristeter Zugang| bei \{(at|scope)\}|Herkunft|hinauslassen|[Bb]eantrag|Support-Mitarbeit|rneut senden|ndete \{time\}/,
    };
    for (const [language, catalogue] of Object.entries({ en, de }))
      for (const [key, text] of Object.entries(catalogue)) assert.doesNotMatch(text, others[language], key);
  });

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
