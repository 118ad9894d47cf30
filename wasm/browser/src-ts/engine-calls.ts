/** An engine over the exports of a module, which are numbers alone. */

import type { NativeAnswers, NativeSnapshotSession } from "../../../bindings/javascript/src/native.js";
import { texts } from "./memory.js";

/** What the module exports: the functions of `wasm/engine`. Below zero they tell what is wrong, in so many bytes. */
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
  /** What is told, or else the fault is thrown. */
  const asked = (...question: Parameters<typeof ask>): string => text(good(ask(...question)));
  /** What is told, or the fault as it is told. */
  const told = (...question: Parameters<typeof ask>): string => text(Math.abs(ask(...question)));

  const session = (number: number): NativeSnapshotSession => {
    const calls: NativeSnapshotSession = {
      permissionBits: () => bytes(good(ask(number, ASK.bits))).slice(),
      check: (permission, item) => asked(number, ASK.sessionCheck, permission, item),
      explainRedacted: (permission, item) => asked(number, ASK.sessionExplainRedacted, permission, item),
      redact: (record, labels, mask) => asked(number, ASK.redact, record, labels, mask),
      menu: (name) => asked(number, ASK.menu, name),
      permissions: () => asked(number, ASK.permissions),
      effective: () => asked(number, ASK.effective),
      toBytes: (coverage) => bytes(good(ask(number, ASK.toBytes, coverage))).slice(),
    };
    unused.register(calls, number);
    return calls;
  };

  const engine = (number: number): NativeAnswers => {
    const resolved = (who: string): number => good(module.engine_session(number, ...put(who)));
    /** Asks a session that is made for it alone. */
    const once = (who: string, what: number, name?: string): string => {
      const made = module.engine_session(number, ...put(who));
      if (made < 0) return text(-made);
      try {
        return told(made, what, name);
      } finally {
        module.engine_close(made);
      }
    };
    const calls: NativeAnswers = {
      canByNames: (subject, permission, at, millis) =>
        asked(number, ASK.canByNames, subject, permission, at, millis) === "true",
      nameNumber: (name) => (JSON.parse(asked(number, ASK.name, name)) as number[])[0],
      canByNumbers: (subject, permission, at, millis) => module.engine_can_by_numbers(number, subject, permission, at, millis),
      policy: () => ({
        permission: (name) => Number(asked(number, ASK.permission, name)),
        permissionNames: () => asked(number, ASK.permissionNames),
        roleNames: () => asked(number, ASK.roleNames),
        menuNames: () => asked(number, ASK.menuNames),
      }),
      session: (who) => session(resolved(who)),
      check: (question) => told(number, ASK.check, question),
      explainRedacted: (question) => told(number, ASK.explainRedacted, question),
      menu: (name, who) => once(who, ASK.menu, name),
      permissions: (who) => once(who, ASK.permissions),
      effective: (who) => once(who, ASK.effective),
      whoCan: (permission, at, time) => told(number, ASK.whoCan, permission, at, time),
      whereCan: (subject, permission, time) => told(number, ASK.whereCan, subject, permission, time),
      grantingRoles: (permission) => told(number, ASK.grantingRoles, permission),
    };
    unused.register(calls, number);
    return calls;
  };
  return { fromSnapshot: (snapshot) => engine(good(module.engine_open(...put(snapshot)))) };
}
