/** Portable sessions as sources of a store. */

import type { Opener, Timed } from "./asks.js";

/**
 * Opens the bytes of a portable session, or a pass, as the source of a store. The signature of a pass is not verified: a
 * page gets it from its own server. Throws `RequestError` for bytes that cannot be read.
 */
export function opened(kind: Opener, given: Uint8Array | string): Timed {
  return kind.fromBytes(typeof given === "string" ? sessionOf(given) : given, { time: new Date() });
}

function sessionOf(pass: string): Uint8Array {
  const bytes = (text = ""): Uint8Array =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  const claims = JSON.parse(new TextDecoder().decode(bytes(pass.split(".")[1]))) as { rolecall?: string };
  return bytes(claims.rolecall);
}
