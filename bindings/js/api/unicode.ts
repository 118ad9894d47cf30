/** Checks of texts for the core. Unpaired surrogates would silently be replaced when a text is encoded. */

import { CompileError, RequestError } from "./errors.js";
import { kind, needed } from "./shape.js";
import type { Issue } from "./types.js";

/**
 * The largest numbers of bytes of a request and of a record. The core has the same limits; here they apply before
 * anything is copied to it.
 */
export const MAX_REQUEST = 1 << 20;
export const MAX_RECORD = 1 << 26;

export function isUnicode(text: string): boolean {
  return !/[\ud800-\udfff]/u.test(text);
}

/** Returns the error for too many bytes. */
export function tooLarge(what: "request" | "record", most = MAX_REQUEST): RequestError {
  const path = what === "record" ? { path: what } : {};
  return new RequestError({ code: "request.too-large", message: `the ${what} has more than ${most} bytes`, ...path });
}

/** Returns whether a text has more bytes than a request may have. */
function isLarge(text: string): boolean {
  return (
    text.length * 3 > MAX_REQUEST && (text.length > MAX_REQUEST || new TextEncoder().encode(text).length > MAX_REQUEST)
  );
}

/** Returns a text. Rejects other values, and texts that are not valid Unicode. */
export function wellFormed(text: unknown, path?: string): string {
  if (typeof text !== "string") throw needed("a text", text, path);
  if (isLarge(text)) throw tooLarge("request");
  if (isUnicode(text)) return text;
  const at = path === undefined ? {} : { path };
  throw new RequestError({ code: "request.json", message: "the text contains an unpaired surrogate", ...at });
}

const DECODE_HELP = "decode bytes first: `new TextDecoder().decode(bytes)`";

/** Returns a text that should be JSON. A text that is not valid Unicode becomes one that is not valid JSON. */
function json(text: string): string {
  return isUnicode(text) ? text : "\ufffd";
}

/** Returns a document as JSON. Throws `CompileError` if it is not a text. */
export function documentJson(text: string, document: Issue["document"]): string {
  if (typeof text === "string") return json(text);
  const message = `a JSON text is needed here, not ${kind(text)}`;
  throw new CompileError([
    { code: "document.json", document, path: "", message, help: `${DECODE_HELP}; \`from\` compiles objects` },
  ]);
}

/** Answers a JSON request. A request that is too large returns an error as JSON, like every malformed one. */
export function answered(request: string, work: (request: string) => string): string {
  if (typeof request !== "string") throw needed("a JSON text", request, "request", DECODE_HELP);
  return isLarge(request) ? JSON.stringify({ error: tooLarge("request").details }) : work(json(request));
}

/** Returns a request. Rejects one that is too large. */
export function bounded(request: string): string {
  if (isLarge(request)) throw tooLarge("request");
  return request;
}

/** Returns bytes of any realm. */
export function bytesOf(bytes: unknown): Uint8Array {
  if (ArrayBuffer.isView(bytes) && (bytes as Partial<Uint8Array>)[Symbol.toStringTag] === "Uint8Array")
    return bytes as Uint8Array;
  throw needed("a `Uint8Array`", bytes, "bytes", "`new Uint8Array(buffer)` makes one of an `ArrayBuffer`");
}

/** Returns the mask of a field, if there is one. */
export function maskOf(mask: unknown): string | undefined {
  return mask === undefined ? undefined : wellFormed(mask, "mask");
}
