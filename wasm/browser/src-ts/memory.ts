/** Texts and bytes in the memory of a module that takes and returns numbers alone, as `wasm/objects` keeps them. */

/** What a module exports for it. */
export interface Room {
  readonly memory: WebAssembly.Memory;
  /** Where the texts lie, with room for so many bytes at least. */
  room(bytes: number): number;
}

export interface Texts {
  /** Puts bytes and texts in place, one behind the other, and returns how many bytes each of them has: -1 for none. */
  put<W extends (Uint8Array | string | undefined)[]>(...words: W): { [K in keyof W]: number };
  /** So many of the bytes that are told, where they lie. */
  bytes(length: number): Uint8Array;
  /** The same as a text. */
  text(length: number): string;
}

/** Longer texts are encoded before there is room for them, rather than given as much as they might need. */
const LONG = 4096;

export function texts({ memory, room }: Room): Texts {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  // Room is asked for first: that may move the memory.
  const place = (start: number, length: number): Uint8Array => new Uint8Array(memory.buffer, start, length);
  const bytes = (length: number): Uint8Array => place(room(0), length);
  return {
    put: <W extends (Uint8Array | string | undefined)[]>(...words: W) => {
      const given = words.map((word) => (typeof word === "string" && word.length > LONG ? encoder.encode(word) : word));
      const most = given.reduce((sum, word) => sum + (typeof word === "string" ? 3 : 1) * (word?.length ?? 0), 0);
      let rest = most === 0 ? new Uint8Array() : place(room(most), most);
      return given.map((word) => {
        if (word === undefined) return -1;
        if (typeof word !== "string") rest.set(word);
        const length = typeof word === "string" ? encoder.encodeInto(word, rest).written : word.length;
        rest = rest.subarray(length);
        return length;
      }) as { [K in keyof W]: number };
    },
    bytes,
    text: (length) => (length === 0 ? "" : decoder.decode(bytes(length))),
  };
}
