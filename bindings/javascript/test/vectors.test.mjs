// The shared vectors.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rolecall, vectors } from "./load.mjs";
import { answerCase, checkCase, checkIssues, opensWith } from "./vector.mjs";

opensWith(rolecall.PortableSession);

for (const vector of vectors) {
  describe(vector.name, () => {
    if (vector.issues !== null) {
      it("has its issues", () => {
        const compile = () =>
          rolecall.Engine.fromJson(vector.policy, vector.directory ?? '{"rolecall":1,"scopes":[]}');
        assert.throws(compile, (error) => error instanceof rolecall.CompileError && checkIssues(vector, error.issues));
      });
      return;
    }
    const engine = rolecall.Engine.fromJson(vector.policy, vector.directory);
    for (const one of vector.cases) {
      it(one.name, () => checkCase(one, answerCase(engine, one)));
    }
  });
}
