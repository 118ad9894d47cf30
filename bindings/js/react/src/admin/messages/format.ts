/** Messages in the ICU format: arguments, numbers, plurals and choices. */

/** The values of a message. */
export type Values = Readonly<Record<string, unknown>>;

type Part = string | Argument;
interface Argument {
  name: string;
  kind: "" | "number" | "plural" | "select";
  /** The messages of a plural or choice. */
  cases: Readonly<Record<string, readonly Part[]>>;
}

/** Reads a message. `#` in a plural is its number. */
export function parse(text: string): readonly Part[] {
  let at = 0;
  const skip = (): void => {
    while (/\s/.test(text[at] ?? "")) at++;
  };
  const word = (): string => {
    skip();
    const from = at;
    while (at < text.length && /[^\s,{}]/.test(text[at] as string)) at++;
    const found = text.slice(from, at);
    skip();
    return found;
  };
  const expect = (sign: string): void => {
    if (text[at++] !== sign) throw new Error(`\`${sign}\` is missing in the message \`${text}\``);
  };
  const argument = (): Argument => {
    const name = word();
    if (text[at] !== ",") return { name, kind: "", cases: {} };
    at++;
    const kind = word() as Argument["kind"];
    const cases: Record<string, readonly Part[]> = {};
    if (text[at] === ",") {
      at++;
      skip();
      while (text[at] !== "}") {
        const key = word();
        expect("{");
        cases[key] = parts(kind === "plural");
        expect("}");
        skip();
      }
    }
    return { name, kind, cases };
  };
  const parts = (counts: boolean): readonly Part[] => {
    const found: Part[] = [];
    let plain = "";
    const end = (): void => {
      if (plain) found.push(plain);
      plain = "";
    };
    while (at < text.length && text[at] !== "}") {
      if (text[at] === "{") {
        end();
        at++;
        found.push(argument());
        expect("}");
      } else if (counts && text[at] === "#") {
        end();
        at++;
        found.push({ name: "#", kind: "number", cases: {} });
      } else plain += text[at++];
    }
    end();
    return found;
  };
  return parts(false);
}

/** Returns the parts of a message with its values, which may be anything that is shown. */
export function format(locale: string, message: readonly Part[], values: Values, number?: number): unknown[] {
  return message.flatMap((part) => {
    if (typeof part === "string") return [part];
    const value = part.name === "#" ? number : values[part.name];
    switch (part.kind) {
      case "plural": {
        const exact = part.cases[`=${value}`];
        const chosen = exact ?? part.cases[plurals(locale).select(Number(value))] ?? part.cases.other ?? [];
        return format(locale, chosen, values, Number(value));
      }
      case "select":
        return format(locale, part.cases[String(value)] ?? part.cases.other ?? [], values, number);
      default:
        return [typeof value === "number" ? numbers(locale).format(value) : value];
    }
  });
}

const remembered = <T>(make: (locale: string) => T): ((locale: string) => T) => {
  const known = new Map<string, T>();
  return (locale) => {
    const found = known.get(locale) ?? make(locale);
    known.set(locale, found);
    return found;
  };
};
const plurals = remembered((locale) => new Intl.PluralRules(locale));
/** Returns the format of numbers of a language. */
export const numbers = remembered((locale) => new Intl.NumberFormat(locale));
