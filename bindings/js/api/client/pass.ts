/** Passes: portable sessions, each signed by a server for one subject. */

import { ClientError } from "../errors.js";
import { millisOf } from "../timestamp.js";
import { atMost, options } from "./options.js";

/** The class `PortableSession` of any package. */
export interface SessionClass<S> {
  fromBytes(bytes: Uint8Array, context: { at?: string | undefined; time: Date | string }): S;
}

/** A JSON Web Key Set, such as `/.well-known/jwks.json`. */
export interface KeySet {
  keys: readonly { kty: string; crv?: string; x?: string; kid?: string }[];
}

/** The expected issuer and audience of a pass. */
export interface Expected {
  /** The public keys of the issuer. */
  keys: KeySet;
  /** The public address of the server. */
  issuer: string;
  /** The audience. If absent, only passes without an audience are accepted. */
  audience?: string | undefined;
}

interface Claims {
  iss: string;
  sub: string;
  aud?: unknown;
  nbf: number;
  exp: number;
  rolecall: string;
}

const TYPE = "rolecall-pass+jwt";

type Bytes = Uint8Array<ArrayBuffer>;

function bytesOf(text: string | undefined): Bytes {
  // A single letter after the groups of four does not encode a byte.
  if (text === undefined || !/^[\w-]*$/.test(text) || text.length % 4 === 1) {
    throw new ClientError("pass.malformed", "a part of the pass is not base64url");
  }
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}

function part<T>(text: string | undefined): T {
  const bytes = bytesOf(text);
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (typeof value === "object" && value !== null) return value as T;
  } catch {
    // Reported below.
  }
  throw new ClientError("pass.malformed", "a part of the pass cannot be read");
}

/** Returns the claims of a pass and the bytes of its session, without verifying the signature. */
export function read(pass: string): { claims: Claims; bytes: Bytes; parts: string[] } {
  if (typeof pass !== "string") throw new ClientError("pass.malformed", "a pass must be a text");
  const parts = pass.split(".");
  if (parts.length !== 3 || pass.length > 96 * 1024)
    throw new ClientError("pass.malformed", "a pass is three parts with dots between them");
  const claims = part<Claims>(parts[1]);
  if (typeof claims.rolecall !== "string" || !Number.isSafeInteger(claims.exp) || !Number.isSafeInteger(claims.nbf)) {
    throw new ClientError("pass.malformed", "the claims of the pass cannot be read");
  }
  return { claims, bytes: bytesOf(claims.rolecall), parts };
}

/** The length of the kind, the version and the checksum of a portable session. */
const HEAD = 8;

/** Returns the bytes of a portable session after its checksum without the covered time. */
function answersIn(bytes: Uint8Array): [subject: Uint8Array, answers: Uint8Array] {
  let place = HEAD;
  const number = (): number => {
    let [value, scale, byte] = [0, 1, 0] as [number, number, number];
    do {
      byte = bytes[place++] ?? 0;
      value += (byte & 127) * scale;
      scale *= 128;
    } while (byte > 127);
    return value;
  };
  const length = number();
  place += length;
  const subject = bytes.subarray(HEAD, place);
  number();
  // The end of the covered time is optional.
  if (number()) number();
  return [subject, bytes.subarray(place)];
}

/** Returns whether the portable sessions of two passes have equal answers, each in the time that it covers. */
export function areAlike(one: string, other: string): boolean {
  const [mine, theirs] = [answersIn(read(one).bytes), answersIn(read(other).bytes)];
  return mine.every((part, at) => {
    const their = theirs[at];
    return part.length === their?.length && part.every((byte, index) => byte === their[index]);
  });
}

/** Verifies a signature. Throws `ClientError` if the key is invalid, or the platform cannot verify. */
async function verified(key: Bytes, signature: Bytes, signed: Bytes): Promise<boolean> {
  try {
    const usable = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", usable, signature, signed);
  } catch (cause) {
    const error = new ClientError("pass.key", `the key that signed the pass cannot be used here: ${cause}`);
    error.cause = cause;
    throw error;
  }
}

/**
 * Verifies a pass and opens its session. Servers must pass `expected`. Omit it only in a browser that got the pass from
 * its own server, and that only hides elements. An `expected` that is `undefined` is rejected. Throws `ClientError`,
 * and `RequestError` if the session is damaged.
 */
export async function openPass<S>(
  kind: SessionClass<S>,
  pass: string,
  given?: { expected?: Expected; at?: string | undefined; time?: Date },
): Promise<S> {
  atMost(3, arguments.length);
  // A misspelt name would skip the verification.
  const own = options(given, ["expected", "at", "time"]);
  const { at, time = new Date() } = own;
  const millis = millisOf(time);
  if (millis === undefined)
    throw new ClientError("client.options", "`time` is not a `Date`: `new Date(milliseconds)` makes one");
  const { claims, bytes, parts } = read(pass);
  if ("expected" in own) {
    // A missing setting must not skip the verification.
    if (own.expected === undefined)
      throw new ClientError("pass.expected", "`expected` is `undefined`: pass it, or leave it out in a browser");
    const expected = options(own.expected, ["keys", "issuer", "audience"], "expectations of a pass");
    if (!Array.isArray(expected.keys?.keys))
      throw new ClientError("pass.keys", "`expected.keys` is not a JSON Web Key Set: `{ keys: [...] }`");
    const header = part<{ alg?: unknown; typ?: unknown; kid?: unknown; crit?: unknown }>(parts[0]);
    if (header.alg !== "EdDSA" || header.typ !== TYPE || header.crit !== undefined) {
      throw new ClientError("pass.algorithm", `a pass must be signed with \`EdDSA\` and have the type \`${TYPE}\``);
    }
    const key = expected.keys.keys.find(
      ({ kty, crv, kid }) => kty === "OKP" && crv === "Ed25519" && kid === header.kid,
    );
    if (key === undefined) throw new ClientError("pass.key", "the key that signed the pass is not in `expected.keys`");
    const signed = new TextEncoder().encode(`${parts[0]}.${parts[1]}`);
    if (!(await verified(bytesOf(key.x), bytesOf(parts[2]), signed))) {
      throw new ClientError("pass.signature", "the signature of the pass is invalid");
    }
    if (claims.iss !== expected.issuer)
      throw new ClientError("pass.issuer", `\`${claims.iss}\` issued the pass, not \`${expected.issuer}\``);
    if (claims.aud !== expected.audience) throw new ClientError("pass.audience", "the pass is for another audience");
  }
  const seconds = Math.floor(millis / 1000);
  if (seconds >= claims.exp) throw new ClientError("pass.expired", "the pass has expired: get a new one");
  if (seconds < claims.nbf) {
    const behind = `the pass begins in ${claims.nbf - seconds} seconds by the clock of this machine, which is behind that of the issuer: set the clock`;
    throw new ClientError("pass.early", behind);
  }
  const session = kind.fromBytes(bytes, { at, time });
  const { coverage } = session as { coverage?: { subject?: unknown } };
  if (coverage?.subject !== claims.sub)
    throw new ClientError("pass.session", "the subjects of the pass and of its session differ");
  return session;
}
