/** Checks of arguments, with messages in terms of JavaScript. */

import { RequestError } from "./errors.js";

/** Returns the error for a request of the wrong shape. */
export function shape(message: string, path?: string, help?: string): RequestError {
  return new RequestError({
    code: "request.shape",
    message,
    ...(path === undefined || path === "" ? {} : { path }),
    ...(help === undefined ? {} : { help }),
  });
}

/** Returns the kind of a value, for messages. */
export function kind(value: unknown): string {
  if (value === null || value === undefined) return `${value}`;
  if (typeof value === "object" || typeof value === "function") {
    const [, name = ""] = /^\[object (.*)\]$/.exec(Object.prototype.toString.call(value)) ?? [];
    if (name === "Object" && !isPlain(value)) return "an object of a class";
    return { Array: "a list", Object: "a map" }[name] ?? `an object \`${name}\``;
  }
  return typeof value === "string" ? "a text" : `a ${typeof value}`;
}

/** Returns the error for a value of the wrong kind. */
export function needed(what: string, value: unknown, path?: string, help?: string): RequestError {
  return shape(`${what} is needed here, not ${kind(value)}`, path, help);
}

/** Rejects extra arguments, which could be a part of the request that would be ignored. */
export function atMost(most: number, given: number): void {
  if (given > most) throw shape(`${given} arguments are given; at most ${most} are allowed`);
}

/** Returns whether a value is a plain object: its fields are its own, and its class adds no others. */
export function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const above: unknown = Object.getPrototypeOf(value);
  // `Object.prototype` of any realm.
  return above === null || (Object.getPrototypeOf(above) === null && Object.hasOwn(above as object, "isPrototypeOf"));
}

/**
 * Returns the fields of a plain object, each read once. Rejects getters, hidden and inherited fields, symbols, and
 * names that are not among `known`, if that is given.
 */
export function fields(value: unknown, path = "", known?: readonly string[]): [string, unknown][] {
  if (!isPlain(value)) throw needed("a plain object", value, path);
  const entries = ownFields(value);
  if (typeof entries === "string") throw shape(entries, path, PLAIN_OBJECT_HELP);
  for (const [key] of entries) {
    if (known !== undefined && !known.includes(key)) {
      throw shape(
        `\`${key}\` is not a known key`,
        path === "" ? key : `${path}.${key}`,
        `known here: ${known.join(", ")}`,
      );
    }
  }
  for (const key of known ?? []) {
    if (!entries.some(([own]) => own === key) && (value as Record<string, unknown>)[key] !== undefined) {
      throw shape(`\`${key}\` is not a field of the object itself`, path, PLAIN_OBJECT_HELP);
    }
  }
  return entries;
}

/** Help for objects that are not plain. */
export const PLAIN_OBJECT_HELP = "pass a plain object, such as `{ ...object }`";

/** Returns the fields of a plain object, each read once, or the reason why the object is not plain. */
export function ownFields(value: object): [string, unknown][] | string {
  const entries: [string, unknown][] = [];
  for (const key of Reflect.ownKeys(value)) {
    if (typeof key === "symbol") return "a symbol is not a key";
    const field = Reflect.getOwnPropertyDescriptor(value, key);
    if (field === undefined || field.get !== undefined || field.set !== undefined)
      return `\`${key}\` is a getter, not a value`;
    if (!field.enumerable) return `\`${key}\` is a hidden field`;
    entries.push([key, (value as Record<string, unknown>)[key]]);
  }
  return entries;
}

/** Returns options, each read once. Rejects unknown names, which would be ignored. */
export function options<T extends object>(given: T | undefined, known: readonly (keyof T & string)[], path = ""): T {
  return Object.fromEntries(given === undefined ? [] : fields(given, path, known)) as T;
}
