// Answers one world with a JavaScript package, in Node or in a browser.

import { ANSWERS as SHARED, engines, opensWith } from "../../bindings/js/test/vector.mjs";

const ANSWERS = {
  ...SHARED,
  effective: (engine, who) => {
    const { subject, at, context } = JSON.parse(who);
    const told = engine.effective(subject, { at, ...context });
    if (JSON.stringify(told) !== JSON.stringify(sessionOf(engine, who).effective()))
      throw new Error("effective differs");
    return JSON.stringify(told);
  },
  bits: (engine, who) => {
    const session = sessionOf(engine, who);
    const bits = session.permissionBits();
    engine.policy.permissions.forEach((name, number) => {
      const expected = ((bits[number >> 3] >> (number & 7)) & 1) === 1;
      if (session.can(name) !== expected || session.can(number) !== expected) throw new Error(`can(${name}) differs`);
    });
    return JSON.stringify(Array.from(bits, (byte) => byte.toString(16).padStart(2, "0")).join(""));
  },
  session: (engine, who, permission, item) =>
    JSON.stringify(sessionOf(engine, who).check(permission, item === null ? undefined : JSON.parse(item))),
};

function sessionOf(engine, text) {
  const { subject, at, context } = JSON.parse(text);
  return engine.session(subject, { at, ...context });
}

export function answerWorld(rolecall, world, portable = rolecall.PortableSession, SnapshotEngine = undefined) {
  opensWith(portable);
  let engine;
  try {
    engine = rolecall.Engine.fromJson(world.policy, world.directory);
  } catch (error) {
    if (!(error instanceof rolecall.CompileError)) throw error;
    return [JSON.stringify({ issues: error.issues })];
  }
  const engineFor = engines(engine, SnapshotEngine);
  const answers = world.asks.map(([kind, ...words]) => {
    try {
      return ANSWERS[kind](engineFor(kind), ...words);
    } catch (error) {
      if (error.fault === undefined) throw error;
      return JSON.stringify({ error: error.fault });
    }
  });
  return ['{"issues":[]}', ...answers];
}
