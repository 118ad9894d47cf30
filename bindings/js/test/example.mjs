// The policy, engines and sessions for the tests of arguments.
import { rolecall, SnapshotEngine, vectors } from "./load.mjs";

const { Engine, PortableSession } = rolecall;
export const example = vectors.find((vector) => vector.name === "design: the worked example");
export const context = { at: "main/acme/shop", time: "2026-11-21T10:00:00Z", ip: "203.0.113.9" };
export const { at, ...rest } = context;
export const whole = Engine.fromJson(example.policy, example.directory);
/** The whole engine, and the engine of a snapshot if it is under test. */
export const engines =
  SnapshotEngine === undefined ? [whole] : [whole, SnapshotEngine.fromSnapshot(whole.toSnapshot())];
export const ask = (permission, more = {}) => ({ subject: "user:ada", permission, at, context: rest, ...more });
export const sessions = engines.map((engine) => engine.session("user:ada", context));
export const portable = PortableSession.fromBytes(sessions[0].toBytes(), { time: context.time });
/** Every session, portable ones included. */
export const all = [...sessions, portable];
export const EDIT = "segments:edit";
