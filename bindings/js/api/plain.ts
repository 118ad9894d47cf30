/**
 * What is handed over, as JSON: each part is read once, so that what the core checks is what is used. A label or a boundary
 * that was lost on the way would leave an item open.
 */

import { CompileError, RequestError } from "./errors.js";
import { dateText, millisOf } from "./timestamp.js";
import { native } from "./native.js";
import { fields, isPlain, kind, ownFields, PLAINLY } from "./shape.js";
import type { Fault, Issue, Request, Resource, SessionContext } from "./types.js";
import { bounded, isUnicode, REQUEST, tooLarge } from "./unicode.js";

/** Deeper than any document or question nests. */
const DEPTH = 100;

/** Says what takes the place of a value that JSON cannot hold, or throws. */
type Refuse<T> = (fault: Omit<Fault, "path">, path: string) => T;

type Scalar = string | number | boolean | null;

/** What a copy is made of. */
interface Form<T> {
  scalar(value: Scalar): T;
  list(parts: T[]): T;
  map(entries: [string, T][]): T;
}

const TEXT: Form<string> = {
  scalar: (value) => JSON.stringify(value),
  list: (parts) => `[${parts.join(",")}]`,
  map: (entries) => `{${entries.map(([key, part]) => `${JSON.stringify(key)}:${part}`).join(",")}}`,
};

/** Objects without a prototype, which hold nothing but the fields that were read. */
const VALUE: Form<unknown> = {
  scalar: (value) => value,
  list: (parts) => parts,
  map: (entries) => {
    const copy: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    for (const [key, part] of entries) copy[key] = part;
    return copy;
  },
};

function copied<T>(form: Form<T>, whole: unknown, path: string, refuse: Refuse<T>, most = Infinity): T {
  const keys: (string | number)[] = [];
  let bytes = 0;
  /** What is too large is refused before it is copied. */
  const counted = (part: string): string => {
    bytes += part.length;
    if (bytes > most) throw tooLarge("request");
    return part;
  };
  const refused = (message: string, help = PLAINLY, code = "request.shape"): T => {
    const below = keys.map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`)).join("");
    return refuse({ code, message, help }, path === "" ? below.replace(/^\./, "") : path + below);
  };
  const under = (key: string | number, value: unknown): T => {
    keys.push(key);
    const copy = one(value);
    keys.pop();
    return copy;
  };
  const one = (value: unknown): T => {
    if (typeof value === "string") {
      const scalar = counted(value);
      return isUnicode(value)
        ? form.scalar(scalar)
        : refused("the text holds half a character", undefined, "request.json");
    }
    if (typeof value === "boolean" || value === null) return form.scalar(value);
    if (typeof value === "number" && Math.abs(value) <= Number.MAX_SAFE_INTEGER) return form.scalar(value);
    if (typeof value === "number")
      return refused(`JSON has no value for \`${value}\``, "check what it was computed from");
    if (typeof value !== "object") return refused(`JSON has no value for ${kind(value)}`, "leave it out");
    if (keys.length >= DEPTH) return refused(`it is nested deeper than ${DEPTH} levels`);
    if (Array.isArray(value)) {
      const { length } = value;
      if (Reflect.ownKeys(value).some((key) => key !== "length" && (typeof key === "symbol" || !/^\d+$/.test(key)))) {
        return refused("the list has fields as well", "give a list without them: `[...list]`");
      }
      return form.list(Array.from({ length }, (_, index) => under(index, value[index])));
    }
    if (isPlain(value)) {
      const entries = ownFields(value);
      if (typeof entries === "string") return refused(entries);
      const parts = entries.map(([key, part]): [string, T] => [counted(key), under(key, part)]);
      if (!entries.every(([key]) => isUnicode(key)))
        return refused("a key holds half a character", undefined, "request.json");
      return form.map(parts);
    }
    const millis = millisOf(value);
    if (millis === undefined) return refused(`${kind(value)} is not plain data`);
    const instant = dateText(millis);
    return typeof instant === "string" ? form.scalar(instant) : refused(instant.message, instant.help, instant.code);
  };
  return one(whole);
}

function text(whole: unknown, path: string): string {
  return copied(TEXT, whole, path, thrown, REQUEST);
}

function thrown(fault: Omit<Fault, "path">, path: string): never {
  throw new RequestError({ ...fault, ...(path === "" ? {} : { path }) });
}

/**
 * A document or a change. A part that JSON has no value for becomes `null`, which the core refuses at its place, with every
 * other issue.
 */
function documentAs<T>(form: Form<T>, value: unknown, document: Issue["document"]): T {
  return copied(form, value, "", ({ code, ...rest }, path) => {
    // An instant that is a number of seconds would be a valid text.
    if (code === "time.malformed") throw new CompileError([{ code: "instant.malformed", document, path, ...rest }]);
    return form.scalar(null);
  });
}

/** A document or a change as JSON. */
export function documentText(value: unknown, document: Issue["document"]): string {
  return documentAs(TEXT, value, document);
}

/** A document as the core takes it: a copy that holds nothing but plain data, or JSON. */
export function documentCopy(value: unknown, document: Issue["document"]): unknown {
  return native().takesText === true ? documentAs(TEXT, value, document) : documentAs(VALUE, value, document);
}

/** A part of a question as JSON. Throws `RequestError` where JSON has no value for it. */
export function partText(part: unknown, path: string): string {
  return bounded(text(part, path));
}

/** An item as JSON, where there is one. */
export function itemText(resource: Resource | undefined, path = "resource"): string | undefined {
  if (resource === undefined) return undefined;
  return mapText(fields(resource, path, ["labels", "boundaries"]), path);
}

/** Fields as a map; those that are undefined are left out. */
export function optionsText(entries: readonly [string, unknown][], path = ""): string {
  return mapText(
    entries.filter(([, value]) => value !== undefined),
    path,
  );
}

function mapText(entries: [string, unknown][], path: string): string {
  const at = path === "" ? "" : `${path}.`;
  return bounded(`{${entries.map(([key, value]) => `"${key}":${text(value, at + key)}`).join(",")}}`);
}

const CONTEXT = ["time", "ip", "last_activity", "login", "active_roles"] as const;

/** A question as JSON. */
export function question(request: Request): string {
  const parts = fields(request, "", ["subject", "permission", "at", "resource", "context"]).flatMap(([key, value]) => {
    if (value === undefined) return [];
    if (key === "resource") return [`"resource":${itemText(value as Resource)}`];
    if (key === "context") return [`"context":${optionsText(fields(value, key, CONTEXT), key)}`];
    return [`"${key}":${text(value, key)}`];
  });
  return bounded(`{${parts.join(",")}}`);
}

/** Who asks from where, as JSON. */
export function who(subject: string, given: SessionContext): string {
  const entries = fields(given, "context", ["at", ...CONTEXT]);
  const at = entries.find(([key]) => key === "at")?.[1];
  const rest = entries.filter(([key]) => key !== "at");
  const context = `"context":${optionsText(rest, "context")}`;
  const parts = Object.entries({ subject, at }).flatMap(([key, value]) =>
    value === undefined ? [] : [`"${key}":${partText(value, key)}`],
  );
  return `{${[...parts, context].join(",")}}`;
}
