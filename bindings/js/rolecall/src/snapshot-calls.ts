/** An engine over the exports of a module, which are numbers alone. */

import type { NativeAnswers, NativeSnapshotSession } from "../../api/native.js";
import { texts } from "./memory.js";

/** What the module exports: the functions of `wasm/snapshot`. Below zero they tell what is wrong, in so many bytes. */
export interface EngineExports {
  readonly memory: WebAssembly.Memory;
  engine_room(bytes: number): number;
  engine_open(bytes: number): number;
  engine_session(engine: number, who: number): number;
  engine_close(object: number): void;
  engine_can_by_numbers(engine: number, subject: number, permission: number, at: number, millis: number): number;
  engine_ask(object: number, what: number, first: number, second: number, third: number, millis: number): number;
}

/** What is asked: `engine::ask` of the core's contract. */
const enum ASK {
  permissionNames = 0,
  roleNames = 1,
  menuNames = 2,
  permission = 3,
  check = 4,
  explainRedacted = 5,
  whoCan = 6,
  whereCan = 7,
  grantingRoles = 8,
  name = 9,
  canByNames = 10,
  bits = 11,
  sessionCheck = 12,
  sessionExplainRedacted = 13,
  menu = 14,
  permissions = 15,
  effective = 16,
  redact = 17,
  toBytes = 18,
}

/** The calls of engines in a module that was started. */
export function engines(module: EngineExports): { fromSnapshot(bytes: Uint8Array): NativeAnswers } {
  const { put, bytes, text } = texts({ memory: module.memory, room: module.engine_room });
  const unused = new FinalizationRegistry((object: number) => module.engine_close(object));

  /** A number that is told, or the fault. */
  const good = (told: number): number => {
    if (told < 0) throw text(-told);
    return told;
  };
  const ask = (object: number, what: number, first?: string, second?: string, third?: string, millis = 0): number =>
    module.engine_ask(object, what, ...put(first, second, third), millis);
  type Words = [first?: string, second?: string, third?: string];
  /** A call that hands over what is told, or else throws the fault. */
  const asked =
    (object: number, what: number) =>
    (...words: Words): string =>
      text(good(ask(object, what, ...words)));
  /** A call that hands over what is told, or the fault as it is told. */
  const told =
    (object: number, what: number) =>
    (...words: Words): string =>
      text(Math.abs(ask(object, what, ...words)));

  const session = (number: number): NativeSnapshotSession => {
    const calls: NativeSnapshotSession = {
      permissionBits: () => bytes(good(ask(number, ASK.bits))).slice(),
      check: asked(number, ASK.sessionCheck),
      explainRedacted: asked(number, ASK.sessionExplainRedacted),
      redact: asked(number, ASK.redact),
      menu: asked(number, ASK.menu),
      permissions: asked(number, ASK.permissions),
      effective: asked(number, ASK.effective),
      toBytes: (coverage) => bytes(good(ask(number, ASK.toBytes, coverage))).slice(),
    };
    unused.register(calls, number);
    return calls;
  };

  const engine = (number: number): NativeAnswers => {
    const resolved = (who: string): number => module.engine_session(number, ...put(who));
    /** Asks a session that is made for it alone. */
    const once = (who: string, what: number, name?: string): string => {
      const made = resolved(who);
      if (made < 0) return text(-made);
      try {
        return told(made, what)(name);
      } finally {
        module.engine_close(made);
      }
    };
    const calls: NativeAnswers = {
      canByNames: (subject, permission, at, millis) =>
        text(good(ask(number, ASK.canByNames, subject, permission, at, millis))) === "true",
      nameNumber: (name) => (JSON.parse(asked(number, ASK.name)(name)) as number[])[0],
      canByNumbers: (subject, permission, at, millis) =>
        module.engine_can_by_numbers(number, subject, permission, at, millis),
      policy: () => {
        const policy = {
          // Without which it would be let go of.
          engine: calls,
          permission: (name: string) => Number(asked(number, ASK.permission)(name)),
          permissionNames: asked(number, ASK.permissionNames),
          roleNames: asked(number, ASK.roleNames),
          menuNames: asked(number, ASK.menuNames),
        };
        return policy;
      },
      session: (who) => session(good(resolved(who))),
      check: told(number, ASK.check),
      explainRedacted: told(number, ASK.explainRedacted),
      menu: (name, who) => once(who, ASK.menu, name),
      permissions: (who) => once(who, ASK.permissions),
      effective: (who) => once(who, ASK.effective),
      whoCan: told(number, ASK.whoCan),
      whereCan: told(number, ASK.whereCan),
      grantingRoles: told(number, ASK.grantingRoles),
    };
    unused.register(calls, number);
    return calls;
  };
  return { fromSnapshot: (snapshot) => engine(good(module.engine_open(...put(snapshot)))) };
}
