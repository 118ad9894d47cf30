// Tests errors and engines in worker threads.
import assert from "node:assert/strict";
import path from "node:path";
import { describe, it } from "node:test";
import { Worker } from "node:worker_threads";
import { EDIT, ask, example, sessions, whole } from "./example.mjs";
import { rolecall } from "./load.mjs";

const { ForbiddenError, Policy } = rolecall;

describe("errors that are sent to another thread", () => {
  it("keep their message, and their details as the cause", async () => {
    const thrown = (work) => {
      try {
        work();
      } catch (error) {
        return error;
      }
      return undefined;
    };
    const errors = [
      [
        thrown(() => whole.check(ask("segments:fly"))),
        (error, cause) => assert.equal(cause.error.code, "permission.unknown"),
      ],
      [
        thrown(() => sessions[0].require(EDIT, { labels: ["pii"] })),
        (error, cause) => assert.deepEqual(cause.decision, error.decision),
      ],
      [thrown(() => Policy.fromJson("{}")), (error, cause) => assert.deepEqual(cause.issues, error.issues)],
    ];
    const worker = new Worker(
      "const { parentPort } = require('node:worker_threads'); parentPort.on('message', (error) => parentPort.postMessage([error.message, error.cause, error]));",
      { eval: true },
    );
    try {
      for (const [error, holds] of errors) {
        const copy = structuredClone(error);
        assert.ok(copy instanceof Error);
        assert.equal(copy.message, error.message);
        holds(error, copy.cause);
        worker.postMessage(error);
        const [message, cause, back] = await new Promise((done) => worker.once("message", done));
        assert.equal(message, error.message);
        holds(error, cause);
        holds(error, back.cause);
      }
    } finally {
      await worker.terminate();
    }
    assert.ok(errors[1][0] instanceof ForbiddenError);
  });

  it("come from workers that load the package themselves", async () => {
    const code = `
      const { parentPort, workerData } = require("node:worker_threads");
      const { createRequire } = require("node:module");
      const { Engine } = createRequire(workerData.from)(workerData.name);
      const engine = Engine.fromJson(workerData.policy, workerData.directory);
      parentPort.postMessage([engine.can(workerData.good), engine.checkMany([workerData.bad])[0]]);`;
    const workerData = {
      from: path.join(process.cwd(), "package.json"),
      ...example,
      name: process.env.ROLECALL_PACKAGE,
      good: ask(EDIT),
      bad: ask("x:y"),
    };
    const worker = new Worker(code, { eval: true, workerData: JSON.parse(JSON.stringify(workerData)) });
    const [may, error] = await new Promise((done, fail) => worker.once("message", done).once("error", fail));
    await worker.terminate();
    assert.equal(may, true);
    assert.equal(error.cause.error.code, "permission.unknown");
  });
});
