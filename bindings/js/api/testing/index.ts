/** Helpers for tests of applications that use Rolecall, without WebAssembly. */

import { RequestError } from "../errors.js";
import type { Decision } from "../types.js";

export { Clock, type Duration } from "./clock.js";
export { fake, type FakeEngine, fakeEngine, type FakeOptions, type FakeSession } from "./fake.js";
export { assertAllows, assertDenies, type Checks, type Matched, matchers, type RolecallMatchers } from "./matchers.js";

/** An engine that knows a directory. */
export interface RealEngine<S> {
  session(subject: string, context: { at: string; time: Date | string }): S;
}

/**
 * Returns the session of a user of a real directory. Throws a `RequestError` for a user that the directory does not list,
 * so that a misspelt id fails.
 */
export function asUser<S extends { checkMany(permissions: readonly number[]): readonly Pick<Decision, "reasons">[] }>(
  engine: RealEngine<S>,
  subject: string,
  context: { at: string; time: Date | string },
): S {
  const session = engine.session(subject, context);
  const [first] = session.checkMany([0]);
  if (!first?.reasons.includes("unknown-subject")) return session;
  const message = `the directory does not list \`${subject}\``;
  throw new RequestError({ code: "subject.unknown", path: "subject", message });
}
