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
  const unused = new FinalizationRegistry((session: number) => module.portable_close(session));

  /** Puts bytes and texts in place, one behind the other, and returns how many bytes each of them has. */
  const put = (...parts: (Uint8Array | string)[]): number[] => {
    const all = parts.reduce((sum, part) => sum + 3 * part.length, 0);
    // Asked for first: it may move the memory.
    const start = module.portable_room(all);
    let place = new Uint8Array(module.memory.buffer, start, all);
    return parts.map((part) => {
      if (typeof part !== "string") place.set(part);
      const length = typeof part === "string" ? encoder.encodeInto(part, place).written : part.length;
      place = place.subarray(length);
      return length;
    });
  };
  const bytes = (length: number): Uint8Array => new Uint8Array(module.memory.buffer, module.portable_room(0), length);
  const text = (length: number): string => new TextDecoder().decode(bytes(length));

  const session = (number: number): NativePortableSession => {
    const calls: NativePortableSession = {
      at: (scope, time) => session(module.portable_at(number, ...(put(scope, time) as [number, number]))),
      bits: () => bytes(module.portable_bits(number)).slice(),
      tell: (what, name) => text(module.portable_tell(number, what, ...(put(name) as [number]))),
      add: (what, name, value) => text(module.portable_add(number, what, ...(put(name, value) as [number, number]))),
      ask: (what, place, index, key) => module.portable_ask(number, what, place, index, ...(put(key) as [number])),
    };
    unused.register(calls, number);
    return calls;
  };
  return { open: (bytes, time) => session(module.portable_open(...(put(bytes, time) as [number, number]))) };
}
