/** Texts and bytes in the buffer of a module of `wasm/abi`, whose functions take and return only numbers. */

/** The exports of a module for its buffer. */
export interface BufferExports {
  readonly memory: WebAssembly.Memory;
  /** Returns the address of the buffer, with room for at least so many bytes. */
  reserve(bytes: number): number;
}

export interface Texts {
  /**
   * Writes bytes and texts into the buffer, one after the other. Returns the number of bytes of each, -1 for undefined.
   */
  put<W extends (Uint8Array | string | undefined)[]>(...words: W): { [K in keyof W]: number };
  /** Returns the first bytes of the buffer, as a view. */
  bytes(length: number): Uint8Array;
  /** Returns the first bytes of the buffer, as a text. */
  text(length: number): string;
}

/** Longer texts are encoded first, to reserve only as many bytes as they need. */
const LONG = 4096;

export function texts({ memory, reserve }: BufferExports): Texts {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  let all = new Uint8Array();
  /** Returns the memory, which moves when it grows. */
  const view = (): Uint8Array => (all.buffer === memory.buffer ? all : (all = new Uint8Array(memory.buffer)));
  const bytes = (length: number): Uint8Array => {
    const start = reserve(0);
    return view().subarray(start, start + length);
  };

  /** Writes a word at a place, and returns its number of bytes. Most texts are ASCII, for which this loop is faster. */
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
      let place = reserve(most);
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
