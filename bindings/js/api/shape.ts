/** Arguments of another kind than those that are needed: refused with words of JavaScript. */

import { RequestError } from "./errors.js";

/** A fault of the shape of a question. */
export function shape(message: string, path?: string, help?: string): RequestError {
  return new RequestError({
    code: "request.shape",
    message,
    ...(path === undefined || path === "" ? {} : { path }),
    ...(help === undefined ? {} : { help }),
  });
}

/** The kind of a value, for messages. */
export function kind(value: unknown): string {
  if (value === null || value === undefined) return `${value}`;
  if (typeof value === "object" || typeof value === "function") {
    const [, name = ""] = /^\[object (.*)\]$/.exec(Object.prototype.toString.call(value)) ?? [];
    if (name === "Object" && !isPlain(value)) return "an object of a class";
    return { Array: "a list", Object: "a map" }[name] ?? `an object \`${name}\``;
  }
  return typeof value === "string" ? "a text" : `a ${typeof value}`;
}

/** The fault of a value that is of another kind. */
export function needed(what: string, value: unknown, path?: string, help?: string): RequestError {
  return shape(`${what} is needed here, not ${kind(value)}`, path, help);
}

/** Refuses arguments that nothing would read: they could be a part of the question. */
export function atMost(most: number, given: number): void {
  if (given > most) throw shape(`${given} arguments are given; ${most} are read`);
}

/** Tells whether a value is a map whose entries are its own. What a class adds is not. */
export function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const above: unknown = Object.getPrototypeOf(value);
  // `Object.prototype`, also that of another realm.
  return above === null || (Object.getPrototypeOf(above) === null && Object.hasOwn(above as object, "isPrototypeOf"));
}

/**
 * The fields of a plain object, each read once. Getters, hidden and inherited fields and symbols are refused, and so are
 * names that are not `known`, where those are given.
 */
export function fields(value: unknown, path = "", known?: readonly string[]): [string, unknown][] {
  if (!isPlain(value)) throw needed("a plain object", value, path);
  const entries = ownFields(value);
  if (typeof entries === "string") throw shape(entries, path, PLAINLY);
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
      throw shape(`\`${key}\` is not a field of the object itself`, path, PLAINLY);
    }
  }
  return entries;
}

/** A way out of objects that are more than their fields. */
export const PLAINLY = "give a plain object, such as `{ ...object }`";

/** The fields of a plain object, each read once, or why they are not all of it. */
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

/** Options, read once. A name that none has is refused: it would be ignored. */
export function options<T extends object>(given: T | undefined, known: readonly (keyof T & string)[], path = ""): T {
  return Object.fromEntries(given === undefined ? [] : fields(given, path, known)) as T;
}
