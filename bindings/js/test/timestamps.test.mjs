// Tests timestamps as dates, milliseconds and texts, and numbers that are seconds.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runInNewContext } from "node:vm";
import { EDIT, ask, at, context, engines, portable, rest, sessions, whole } from "./example.mjs";
import { rolecall } from "./load.mjs";

const { CompileError, PortableSession, RequestError } = rolecall;

describe("timestamps", () => {
  const seconds = Math.floor(Date.parse(context.time) / 1000);
  it("that are seconds are rejected with help, everywhere", () => {
    for (const engine of engines) {
      for (const time of [
        seconds,
        0,
        -1,
        631_151_999_999,
        new Date(seconds),
        new Date(0),
        Date.parse(context.time) * 1000,
      ]) {
        for (let round = 0; round < 6; round++) {
          assert.throws(
            () => engine.canByNames("user:ada", EDIT, at, time),
            (error) => error.code === "time.malformed" && /seconds/.test(error.message) && error.help !== undefined,
            String(time),
          );
        }
      }
      const early = new Date(seconds);
      for (const work of [
        () => engine.session("user:ada", { ...context, time: early }),
        () => engine.session("user:ada", { ...context, last_activity: early }),
        () => engine.check({ ...ask(EDIT), context: { ...rest, time: early } }),
        () => engine.whoCan(EDIT, { at, time: early }),
        () => engine.whereCan("user:ada", EDIT, { time: early }),
        () => PortableSession.fromBytes(sessions[0].toBytes(), { time: early }),
        () => portable.at(at, early),
        () => sessions[0].toBytes({ until: early }),
      ]) {
        assert.throws(
          work,
          (error) =>
            error.code === "time.malformed" && /looks like seconds/.test(error.message) && /1000/.test(error.help),
          String(work),
        );
      }
    }
    for (const until of [new Date(seconds), new Date(NaN)]) {
      assert.throws(
        () => whole.apply({ assign: { subject: "user:ada", role: "editor", at: "main/acme", until } }),
        (error) =>
          error instanceof CompileError &&
          error.issues[0].code === "instant.malformed" &&
          error.issues[0].path === "assign.until",
      );
    }
  });

  it("as texts are parsed as written", () => {
    assert.equal(
      whole.session("user:ada", { ...context, time: "1970-01-01T00:00:00Z" }).check(EDIT).granted_by.length,
      1,
    );
  });

  it("of the wrong kind are rejected with help", () => {
    for (const time of [seconds, NaN, null, undefined, 5n, new Date(NaN)]) {
      for (const work of [
        () => whole.session("user:ada", { ...context, time }),
        () => whole.whoCan(EDIT, { at, time }),
        () => portable.at(at, time),
        () => whole.check({ ...ask(EDIT), context: { ...rest, time } }),
      ]) {
        assert.throws(
          work,
          (error) => error instanceof RequestError && (error.help !== undefined || time === undefined),
          `${work} ${String(time)}`,
        );
      }
    }
  });

  it("ignore overridden methods of dates", () => {
    const date = Object.assign(new Date(context.time), {
      toJSON: () => "2020-01-01T00:00:00Z",
      toISOString: () => "2020-01-01T00:00:00Z",
      getTime: () => 0,
    });
    assert.deepEqual(whole.session("user:ada", { ...context, time: date }).check(EDIT), sessions[0].check(EDIT));
    assert.equal(
      whole.canByNames("user:ada", "segments:view", at, date),
      whole.canByNames("user:ada", "segments:view", at, new Date(context.time)),
    );
    assert.equal(
      whole.session("user:ada", { ...context, time: runInNewContext(`new Date("${context.time}")`) }).can(EDIT),
      true,
    );
  });
});
