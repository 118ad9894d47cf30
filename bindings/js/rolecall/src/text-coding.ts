/**
 * UTF-8 for the entries by `require`: test environments such as jsdom have no `TextEncoder` and `TextDecoder`. The build
 * puts these in place of the global names.
 */

class Encoder {
  encode(text = ""): Uint8Array {
    const bytes = new Uint8Array(3 * text.length);
    return bytes.slice(0, this.encodeInto(text, bytes).written);
  }

  encodeInto(text: string, bytes: Uint8Array): { read: number; written: number } {
    let [read, written] = [0, 0];
    for (const letter of text) {
      const point = letter.codePointAt(0) ?? 0;
      const code = encoded(point >= 0xd800 && point <= 0xdfff ? 0xfffd : point);
      if (written + code.length > bytes.length) break;
      bytes.set(code, written);
      written += code.length;
      read += letter.length;
    }
    return { read, written };
  }
}

function encoded(point: number): number[] {
  const rest = (shift: number): number => 0x80 | ((point >> shift) & 0x3f);
  if (point < 0x80) return [point];
  if (point < 0x800) return [0xc0 | (point >> 6), rest(0)];
  if (point < 0x10000) return [0xe0 | (point >> 12), rest(6), rest(0)];
  return [0xf0 | (point >> 18), rest(12), rest(6), rest(0)];
}

/** Decodes the texts of the core, which are well-formed. */
class Decoder {
  decode(bytes: Uint8Array = new Uint8Array()): string {
    let text = "";
    for (let place = 0; place < bytes.length;) {
      const first = bytes[place++] ?? 0;
      const more = first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
      let point = more === 0 ? first : first & (0x3f >> more);
      for (let count = 0; count < more; count++) point = (point << 6) | ((bytes[place++] ?? 0) & 0x3f);
      text += String.fromCodePoint(point);
    }
    return text;
  }
}

const globals = globalThis as { TextEncoder?: unknown; TextDecoder?: unknown };
const TextEncoder = globals.TextEncoder ?? Encoder;
const TextDecoder = globals.TextDecoder ?? Decoder;

export { TextDecoder, TextEncoder };
