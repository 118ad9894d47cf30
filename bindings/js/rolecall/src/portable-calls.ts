/** Portable sessions over the exports of a module, which take and return only numbers. */

import type { Native, NativePortableSession } from "../../api/native.js";
import { texts } from "./memory.js";

/** The exports of a module with portable sessions: the functions of `wasm/abi`. */
export interface PortableExports {
  readonly memory: WebAssembly.Memory;
  portable_reserve(bytes: number): number;
  portable_open(bytes: number, time: number): number;
  portable_at(session: number, scope: number, time: number): number;
  portable_close(session: number): void;
  portable_bits(session: number): number;
  portable_report(session: number, opcode: number, name: number): number;
  portable_add(session: number, opcode: number, name: number, value: number): number;
  portable_query(session: number, opcode: number, number: number, index: number, key: number): number;
}

/** Returns the portable sessions of a started module. */
export function portableSessions(module: PortableExports): Native["NativePortableSession"] {
  const { put, bytes, text } = texts({ memory: module.memory, reserve: module.portable_reserve });
  const unused = new FinalizationRegistry((session: number) => module.portable_close(session));

  const session = (number: number): NativePortableSession => {
    const calls: NativePortableSession = {
      at: (scope, time) => session(module.portable_at(number, ...put(scope, time))),
      bits: () => bytes(module.portable_bits(number)).slice(),
      report: (opcode, name) => text(module.portable_report(number, opcode, ...put(name))),
      add: (opcode, name, value) => text(module.portable_add(number, opcode, ...put(name, value))),
      query: (opcode, place, index, key) => module.portable_query(number, opcode, place, index, ...put(key)),
    };
    unused.register(calls, number);
    return calls;
  };
  return { open: (made, time) => session(module.portable_open(...put(made, time))) };
}
