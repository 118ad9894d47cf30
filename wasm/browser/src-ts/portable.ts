/** Portable sessions over the exports of a module, which are numbers alone. */

import type { Native, NativePortableSession } from "../../../bindings/javascript/src/native.js";

/** What a module exports for them: the functions of `wasm/portable`. */
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
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  const unused = new FinalizationRegistry((session: number) => module.portable_close(session));

  /** Puts bytes or a text in place, and a text behind it, and returns how many bytes each of them has. */
  const put = (first: Uint8Array | string, second = ""): [number, number] => {
    const room = 3 * (first.length + second.length);
    if (room === 0) return [0, 0];
    // Asked for first: it may move the memory.
    const start = module.portable_room(room);
    const place = new Uint8Array(module.memory.buffer, start, room);
    if (typeof first !== "string") place.set(first);
    const length = typeof first === "string" ? encoder.encodeInto(first, place).written : first.length;
    return [length, second === "" ? 0 : encoder.encodeInto(second, place.subarray(length)).written];
  };
  const bytes = (length: number): Uint8Array => {
    const start = module.portable_room(0);
    return new Uint8Array(module.memory.buffer, start, length);
  };
  const text = (length: number): string => (length === 0 ? "" : decoder.decode(bytes(length)));

  const session = (number: number): NativePortableSession => {
    const calls: NativePortableSession = {
      at: (scope, time) => session(module.portable_at(number, ...put(scope, time))),
      bits: () => bytes(module.portable_bits(number)).slice(),
      tell: (what, name) => text(module.portable_tell(number, what, put(name)[0])),
      add: (what, name, value) => text(module.portable_add(number, what, ...put(name, value))),
      ask: (what, place, index, key) => module.portable_ask(number, what, place, index, put(key)[0]),
    };
    unused.register(calls, number);
    return calls;
  };
  return { open: (made, time) => session(module.portable_open(...put(made, time))) };
}
