/**
 * Arguments as JSON. Each part is read once, so the core checks exactly the values that are used. A label or a boundary
 * that was lost on the way would leave an item open.
 */

import { CompileError, RequestError } from "./errors.js";
import { dateText, millisOf } from "./timestamp.js";
import { native } from "./native.js";
import { fields, isPlain, kind, ownFields, PLAIN_OBJECT_HELP } from "./shape.js";
import type { ErrorDetails, FilterRequest, Issue, Request, Resource, SessionContext } from "./types.js";
import { bounded, isUnicode, MAX_REQUEST, tooLarge } from "./unicode.js";

/** The limit of levels, which no valid document or request reaches. */
const DEPTH = 100;

/** Returns a replacement for a value that JSON cannot represent, or throws. */
type Reject<T> = (details: Omit<ErrorDetails, "path">, path: string) => T;

type Scalar = string | number | boolean | null;

/** A way to build a copy. */
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

/** Objects without a prototype, with the fields that were read and no others. */
const VALUE: Form<unknown> = {
  scalar: (value) => value,
  list: (parts) => parts,
  map: (entries) => {
    const copy: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    for (const [key, part] of entries) copy[key] = part;
    return copy;
  },
};

function copied<T>(form: Form<T>, whole: unknown, path: string, reject: Reject<T>, maxBytes = Infinity): T {
  const keys: (string | number)[] = [];
  let bytes = 0;
  /** Rejects texts that are too large before they are copied. */
  const counted = (part: string): string => {
    bytes += part.length;
    if (bytes > maxBytes) throw tooLarge("request");
    return part;
  };
  const rejected = (message: string, help = PLAIN_OBJECT_HELP, code = "request.shape"): T => {
    const below = keys.map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`)).join("");
    return reject({ code, message, help }, path === "" ? below.replace(/^\./, "") : path + below);
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
        : rejected("the text contains an unpaired surrogate", undefined, "request.json");
    }
    if (typeof value === "boolean" || value === null) return form.scalar(value);
    if (typeof value === "number" && Math.abs(value) <= Number.MAX_SAFE_INTEGER) return form.scalar(value);
    if (typeof value === "number")
      return rejected(`JSON has no value for \`${value}\``, "check the value that it was computed from");
    if (typeof value !== "object") return rejected(`JSON has no value for ${kind(value)}`, "leave it out");
    if (keys.length >= DEPTH) return rejected(`it is nested deeper than ${DEPTH} levels`);
    if (Array.isArray(value)) {
      const { length } = value;
      if (Reflect.ownKeys(value).some((key) => key !== "length" && (typeof key === "symbol" || !/^\d+$/.test(key)))) {
        return rejected("the list has fields as well", "pass a list without them: `[...list]`");
      }
      return form.list(Array.from({ length }, (_, index) => under(index, value[index])));
    }
    if (isPlain(value)) {
      const entries = ownFields(value);
      if (typeof entries === "string") return rejected(entries);
      const parts = entries.map(([key, part]): [string, T] => [counted(key), under(key, part)]);
      if (!entries.every(([key]) => isUnicode(key)))
        return rejected("a key contains an unpaired surrogate", undefined, "request.json");
      return form.map(parts);
    }
    const millis = millisOf(value);
    if (millis === undefined) return rejected(`${kind(value)} is not plain data`);
    const timestamp = dateText(millis);
    return typeof timestamp === "string"
      ? form.scalar(timestamp)
      : rejected(timestamp.message, timestamp.help, timestamp.code);
  };
  return one(whole);
}

function text(whole: unknown, path: string): string {
  return copied(TEXT, whole, path, thrown, MAX_REQUEST);
}

function thrown(details: Omit<ErrorDetails, "path">, path: string): never {
  throw new RequestError({ ...details, ...(path === "" ? {} : { path }) });
}

/**
 * Copies a document or a change. A part that JSON cannot represent becomes `null`, which the core reports at its place,
 * together with every other issue.
 */
function documentAs<T>(form: Form<T>, value: unknown, document: Issue["document"]): T {
  return copied(form, value, "", ({ code, ...rest }, path) => {
    // A timestamp made from seconds would be a valid text.
    if (code === "time.malformed") throw new CompileError([{ code: "instant.malformed", document, path, ...rest }]);
    return form.scalar(null);
  });
}

/** Returns a document or a change as JSON. */
export function documentText(value: unknown, document: Issue["document"]): string {
  return documentAs(TEXT, value, document);
}

/** Returns a document in the form that the core takes: a plain copy, or JSON. */
export function documentCopy(value: unknown, document: Issue["document"]): unknown {
  return native().takesText === true ? documentAs(TEXT, value, document) : documentAs(VALUE, value, document);
}

/** Returns a part of a request as JSON. Throws `RequestError` if JSON cannot represent it. */
export function partText(part: unknown, path: string): string {
  return bounded(text(part, path));
}

/** Returns an item as JSON, if there is one. */
export function itemText(resource: Resource | undefined, path = "resource"): string | undefined {
  if (resource === undefined) return undefined;
  return mapText(fields(resource, path, ["id", "labels", "boundaries"]), path);
}

/** Returns fields as a JSON map, without undefined ones. */
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

const CONTEXT = ["time", "ip", "last_activity", "login", "second_factor", "active_roles", "groups"] as const;

/** Returns a request as JSON. */
export function question(request: Request): string {
  return requestText(request, ["subject", "permission", "at", "resource", "context"]);
}

/** Returns a question about assignments as JSON. */
export function holdersQuestion(asked: object): string {
  return optionsText(Object.entries(asked));
}

/** Returns the question for a filter as JSON. */
export function filterQuestion(request: FilterRequest): string {
  return requestText(request, ["subject", "permission", "at", "list_scopes", "context"]);
}

function requestText(request: object, keys: readonly string[]): string {
  const parts = fields(request, "", keys).flatMap(([key, value]) => {
    if (value === undefined) return [];
    if (key === "resource") return [`"resource":${itemText(value as Resource)}`];
    if (key === "context") return [`"context":${optionsText(fields(value, key, CONTEXT), key)}`];
    return [`"${key}":${text(value, key)}`];
  });
  return bounded(`{${parts.join(",")}}`);
}

/** Returns subject, scope and context as JSON. */
export function who(subject: string, session: SessionContext): string {
  const entries = fields(session, "context", ["at", ...CONTEXT]);
  const at = entries.find(([key]) => key === "at")?.[1];
  const rest = entries.filter(([key]) => key !== "at");
  const context = `"context":${optionsText(rest, "context")}`;
  const parts = Object.entries({ subject, at }).flatMap(([key, value]) =>
    value === undefined ? [] : [`"${key}":${partText(value, key)}`],
  );
  return `{${[...parts, context].join(",")}}`;
}
