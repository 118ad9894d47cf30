// Type-checked, never run: tests of a user of `rolecall/testing`.
import { createRoles } from "@rolecall/express";
import { Engine } from "rolecall";
import { asUser, assertAllows, Clock, fake, fakeEngine, type FakeSession, matchers } from "rolecall/testing";

const clock = new Clock("2026-01-01T00:00:00Z");
const session: FakeSession = fake({ can: ["a:view"], names: ["a:view"], menus: { main: { items: [] } } });
assertAllows(session, "a:view");
// @ts-expect-error an option that does not exist
fake({ may: ["a:view"] });
// @ts-expect-error a unit that does not exist
clock.advance({ weeks: 1 });
export const passes: boolean = matchers.toAllow(session, "a:view").pass;

// The packages for web servers take the fake engine, the clock, and sessions of either kind.
export const roles = createRoles(fakeEngine({ "user:ada": ["a:view"] }), {
  subject: () => "user:ada",
  at: "acme",
  now: clock.now,
});

export function real(engine: Engine): boolean {
  const user = asUser(engine, "user:ada", { at: "acme", time: clock.now() });
  assertAllows(user, "a:view");
  return clock.advanceToEndOf(user.check("a:view"));
}
