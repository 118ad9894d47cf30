/** Portable sessions over the exports of a module, which are numbers alone. */

import type { Native, NativePortableSession } from "../../api/native.js";
import { texts } from "./memory.js";

/** What a module exports for them: the functions of `wasm/abi`. */
export interface PortableExports {
  readonly memory: WebAssembly.Memory;
  portable_room(bytes: number): number;
  portable_open(bytes: number, time: number): number;
  portable_at(session: number, scope: number, time: number): number;
  portable_close(session: number): void;
  portable_bits(session: number): number;
  portable_tell(session: number, what: number, name: number): number;
  portable_add(session: number, what: number, name: number, value: number): number;
  portable_ask(session: number, what: number, number: number, index: number, key: number): number;
}

/** The calls of portable sessions in a module that was started. */
export function portableSessions(module: PortableExports): Native["NativePortableSession"] {
  const { put, bytes, text } = texts({ memory: module.memory, room: module.portable_room });
  const unused = new FinalizationRegistry((session: number) => module.portable_close(session));

  const session = (number: number): NativePortableSession => {
    const calls: NativePortableSession = {
      at: (scope, time) => session(module.portable_at(number, ...put(scope, time))),
      bits: () => bytes(module.portable_bits(number)).slice(),
      tell: (what, name) => text(module.portable_tell(number, what, ...put(name))),
      add: (what, name, value) => text(module.portable_add(number, what, ...put(name, value))),
      ask: (what, place, index, key) => module.portable_ask(number, what, place, index, ...put(key)),
    };
    unused.register(calls, number);
    return calls;
  };
  return { open: (made, time) => session(module.portable_open(...put(made, time))) };
}
