// Answers one world with a JavaScript package, in Node or in a browser.

import { answerQuestion, engines, opensWith } from "../../bindings/js/test/vector.mjs";

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
  return ['{"issues":[]}', ...world.questions.map((question) => answerQuestion(engineFor, question))];
}
