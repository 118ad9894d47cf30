// Tests the shared vectors.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rolecall, SnapshotEngine, vectors } from "./load.mjs";
import { answerQuestion, checkCase, checkIssues, engines, opensWith } from "./vector.mjs";

opensWith(rolecall.PortableSession);

for (const vector of vectors) {
  describe(vector.name, () => {
    if (vector.issues !== null) {
      it("has its issues", () => {
        const compile = () => rolecall.Engine.fromJson(vector.policy, vector.directory ?? '{"rolecall":1,"scopes":[]}');
        assert.throws(compile, (error) => error instanceof rolecall.CompileError && checkIssues(vector, error.issues));
      });
      return;
    }
    const engineFor = engines(rolecall.Engine.fromJson(vector.policy, vector.directory), SnapshotEngine);
    for (const one of vector.cases) {
      it(one.name, () => checkCase(one, answerQuestion(engineFor, one.question)));
    }
  });
}
