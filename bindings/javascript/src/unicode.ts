/** Texts that hold half a character would silently be changed on their way to the core. */

import { RequestError } from "./errors.js";

export function isUnicode(text: string): boolean {
  return !/[\ud800-\udfff]/u.test(text);
}

/** Refuses what is no Unicode. */
export function wellFormed(text: string): string {
  if (isUnicode(text)) return text;
  throw new RequestError({ code: "request.json", message: "the text holds half a character" });
}

/** A text that should be JSON: what is no Unicode becomes what no JSON is. */
export function json(text: string): string {
  return isUnicode(text) ? text : "\ufffd";
}
