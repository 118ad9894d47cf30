/** Texts, as the core can take them. Those that hold half a character would silently be changed on their way. */

import { CompileError, RequestError } from "./errors.js";
import { kind, needed } from "./shape.js";
import type { Issue } from "./types.js";

/** The most bytes of a request, and of a record: the limits of the core, held before anything is copied to it. */
export const REQUEST = 1 << 20;
export const RECORD = 1 << 26;

export function isUnicode(text: string): boolean {
  return !/[\ud800-\udfff]/u.test(text);
}

/** The fault of more bytes than there may be. */
export function tooLarge(what: "request" | "record", most = REQUEST): RequestError {
  const path = what === "record" ? { path: what } : {};
  return new RequestError({ code: "request.too-large", message: `the ${what} has more than ${most} bytes`, ...path });
}

/** Tells whether a text has more bytes than a request may have. */
function isLarge(text: string): boolean {
  return text.length * 3 > REQUEST && (text.length > REQUEST || new TextEncoder().encode(text).length > REQUEST);
}

/** A text. Refuses anything else, and what is not Unicode. */
export function wellFormed(text: unknown, path?: string): string {
  if (typeof text !== "string") throw needed("a text", text, path);
  if (isLarge(text)) throw tooLarge("request");
  if (isUnicode(text)) return text;
  const at = path === undefined ? {} : { path };
  throw new RequestError({ code: "request.json", message: "the text holds half a character", ...at });
}

const DECODE = "decode bytes first: `new TextDecoder().decode(bytes)`";

/** A text that should be JSON: text that is not Unicode becomes text that is not JSON. */
function json(text: string): string {
  return isUnicode(text) ? text : "\ufffd";
}

/** A document as JSON. Throws `CompileError` where it is not a text. */
export function documentJson(text: string, document: Issue["document"]): string {
  if (typeof text === "string") return json(text);
  const message = `a JSON text is needed here, not ${kind(text)}`;
  throw new CompileError([
    { code: "document.json", document, path: "", message, help: `${DECODE}; \`from\` compiles objects` },
  ]);
}

/** Answers a request that is JSON; one that is too large gets its error as every other malformed one does. */
export function answered(request: string, work: (request: string) => string): string {
  if (typeof request !== "string") throw needed("a JSON text", request, "request", DECODE);
  return isLarge(request) ? JSON.stringify({ error: tooLarge("request").fault }) : work(json(request));
}

/** Refuses a request that is too large. */
export function bounded(request: string): string {
  if (isLarge(request)) throw tooLarge("request");
  return request;
}

/** Bytes, of any realm. */
export function bytesOf(bytes: unknown): Uint8Array {
  if (ArrayBuffer.isView(bytes) && (bytes as Partial<Uint8Array>)[Symbol.toStringTag] === "Uint8Array")
    return bytes as Uint8Array;
  throw needed("a `Uint8Array`", bytes, "bytes", "`new Uint8Array(buffer)` makes one of an `ArrayBuffer`");
}

/** The mask of a field, where there is one. */
export function maskOf(mask: unknown): string | undefined {
  return mask === undefined ? undefined : wellFormed(mask, "mask");
}
