/** An engine over the exports of a module, which take and return only numbers. */

import type { NativeAnswers, NativeSnapshotSession } from "../../api/native.js";
import { SnapshotQuery } from "../../api/opcodes.js";
import { texts } from "./memory.js";

/** The exports of the module `wasm/snapshot`. A negative number is the negated length of an error. */
export interface SnapshotExports {
  readonly memory: WebAssembly.Memory;
  snapshot_reserve(bytes: number): number;
  snapshot_open(bytes: number): number;
  snapshot_session(engine: number, who: number): number;
  snapshot_close(object: number): void;
  snapshot_can_by_numbers(engine: number, subject: number, permission: number, at: number, millis: number): number;
  snapshot_query(object: number, opcode: number, first: number, second: number, third: number, millis: number): number;
}

/** Returns the engines of a started module. */
export function engines(module: SnapshotExports): { fromSnapshot(bytes: Uint8Array): NativeAnswers } {
  const { put, bytes, text } = texts({ memory: module.memory, reserve: module.snapshot_reserve });
  const unused = new FinalizationRegistry((object: number) => module.snapshot_close(object));

  /** Returns a number from the module. Throws the error if it is negative. */
  const good = (number: number): number => {
    if (number < 0) throw text(-number);
    return number;
  };
  const query = (
    object: number,
    opcode: SnapshotQuery,
    first?: string,
    second?: string,
    third?: string,
    millis = 0,
  ): number => module.snapshot_query(object, opcode, ...put(first, second, third), millis);
  type Words = [first?: string, second?: string, third?: string];
  /** Makes a call that returns an answer or throws the error. */
  const answer =
    (object: number, opcode: SnapshotQuery) =>
    (...words: Words): string =>
      text(good(query(object, opcode, ...words)));
  /** Makes a call that returns an answer or the envelope of an error. */
  const envelope =
    (object: number, opcode: SnapshotQuery) =>
    (...words: Words): string =>
      text(Math.abs(query(object, opcode, ...words)));

  const session = (number: number): NativeSnapshotSession => {
    const calls: NativeSnapshotSession = {
      permissionBits: () => bytes(good(query(number, SnapshotQuery.bits))).slice(),
      check: answer(number, SnapshotQuery.sessionCheck),
      explainRedacted: answer(number, SnapshotQuery.sessionExplainRedacted),
      redact: answer(number, SnapshotQuery.redact),
      menu: answer(number, SnapshotQuery.menu),
      permissions: answer(number, SnapshotQuery.permissions),
      effective: answer(number, SnapshotQuery.effective),
      toView: answer(number, SnapshotQuery.toView),
      validUntil: () => Number(answer(number, SnapshotQuery.validUntil)() || Infinity),
      toBytes: (coverage) => bytes(good(query(number, SnapshotQuery.toBytes, coverage))).slice(),
    };
    unused.register(calls, number);
    return calls;
  };

  const engine = (number: number): NativeAnswers => {
    const resolved = (who: string): number => module.snapshot_session(number, ...put(who));
    /** Sends one query to a session that is dropped afterwards. */
    const once = (who: string, opcode: SnapshotQuery, name?: string): string => {
      const made = resolved(who);
      if (made < 0) return text(-made);
      try {
        return envelope(made, opcode)(name);
      } finally {
        module.snapshot_close(made);
      }
    };
    const calls: NativeAnswers = {
      canByNames: (subject, permission, at, millis) =>
        text(good(query(number, SnapshotQuery.canByNames, subject, permission, at, millis))) === "true",
      nameNumber: (name) => (JSON.parse(answer(number, SnapshotQuery.name)(name)) as number[])[0],
      canByNumbers: (subject, permission, at, millis) =>
        module.snapshot_can_by_numbers(number, subject, permission, at, millis),
      policy: () => {
        const policy = {
          // Prevents the engine from being dropped while its policy is used.
          engine: calls,
          permission: (name: string) => Number(answer(number, SnapshotQuery.permission)(name)),
          permissionNames: answer(number, SnapshotQuery.permissionNames),
          roleNames: answer(number, SnapshotQuery.roleNames),
          menuNames: answer(number, SnapshotQuery.menuNames),
        };
        return policy;
      },
      session: (who) => session(good(resolved(who))),
      check: envelope(number, SnapshotQuery.check),
      explainRedacted: envelope(number, SnapshotQuery.explainRedacted),
      menu: (name, who) => once(who, SnapshotQuery.menu, name),
      permissions: (who) => once(who, SnapshotQuery.permissions),
      effective: (who) => once(who, SnapshotQuery.effective),
      whoCan: envelope(number, SnapshotQuery.whoCan),
      whereCan: envelope(number, SnapshotQuery.whereCan),
      grantingRoles: envelope(number, SnapshotQuery.grantingRoles),
    };
    unused.register(calls, number);
    return calls;
  };
  return { fromSnapshot: (snapshot) => engine(good(module.snapshot_open(...put(snapshot)))) };
}
