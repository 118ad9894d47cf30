/** Texts and bytes in the memory of a module that takes and returns numbers alone, as `wasm/abi` keeps them. */

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
  let all = new Uint8Array();
  /** The memory, which may have moved when it grew. */
  const view = (): Uint8Array => (all.buffer === memory.buffer ? all : (all = new Uint8Array(memory.buffer)));
  const bytes = (length: number): Uint8Array => {
    const start = room(0);
    return view().subarray(start, start + length);
  };

  /** Puts a word at a place, and returns how many bytes it has. Most texts are ASCII, which is faster by hand. */
  const putWord = (word: Uint8Array | string, place: number, within: Uint8Array): number => {
    if (typeof word !== "string") {
      within.set(word, place);
      return word.length;
    }
    for (let index = 0; index < word.length; index++) {
      const letter = word.charCodeAt(index);
      if (letter > 127) return index + encoder.encodeInto(word.slice(index), within.subarray(place + index)).written;
      within[place + index] = letter;
    }
    return word.length;
  };
  return {
    put: <W extends (Uint8Array | string | undefined)[]>(...words: W) => {
      let most = 0;
      for (let index = 0; index < words.length; index++) {
        let word = words[index];
        if (typeof word === "string" && word.length > LONG) words[index] = word = encoder.encode(word);
        if (word !== undefined) most += typeof word === "string" ? 3 * word.length : word.length;
      }
      let place = room(most);
      const within = view();
      const lengths: number[] = [];
      for (const word of words) {
        const length = word === undefined ? -1 : putWord(word, place, within);
        if (length > 0) place += length;
        lengths.push(length);
      }
      return lengths as { [K in keyof W]: number };
    },
    bytes,
    text: (length) => (length === 0 ? "" : decoder.decode(bytes(length))),
  };
}
