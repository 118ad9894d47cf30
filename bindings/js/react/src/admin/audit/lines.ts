/** An object before and after a change, line by line. */

/** A line: out, in, or as before. */
export interface Line {
  kind: "+" | "-" | " ";
  text: string;
}

/** Writes a value as lines, as YAML would. Keys are in order, so equal values have equal lines. */
export function linesOf(value: unknown, depth = 0): string[] {
  const indent = "  ".repeat(depth);
  if (Array.isArray(value)) {
    return value.flatMap((item) => {
      const [first = "", ...rest] = linesOf(item, depth + 1);
      return [`${indent}- ${first.trimStart()}`, ...rest];
    });
  }
  if (typeof value === "object" && value !== null) {
    return Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .flatMap(([key, part]) => {
        if (isFlat(part)) return [`${indent}${key}: ${scalar(part)}`];
        return [`${indent}${key}:`, ...linesOf(part, depth + 1)];
      });
  }
  return [indent + scalar(value)];
}

function isFlat(value: unknown): boolean {
  return typeof value !== "object" || value === null || Object.keys(value).length === 0;
}

function scalar(value: unknown): string {
  if (typeof value === "string" && value !== "" && !value.includes("\n")) return value;
  return JSON.stringify(value) ?? "";
}

/** The most lines that are compared line by line. */
const MOST = 1_000;

/** Returns the lines of two values, with what is out and what is in. */
export function compared(before: unknown, after: unknown): Line[] {
  const old = before === undefined ? [] : linesOf(before);
  const now = after === undefined ? [] : linesOf(after);
  const all = (lines: readonly string[], kind: Line["kind"]): Line[] => lines.map((text) => ({ kind, text }));
  if (old.length > MOST || now.length > MOST) return [...all(old, "-"), ...all(now, "+")];
  // The length of the longest common part of what follows each pair of lines.
  const width = now.length + 1;
  const common = new Uint16Array((old.length + 1) * width);
  const at = (row: number, column: number): number => common[row * width + column] ?? 0;
  for (let row = old.length - 1; row >= 0; row--)
    for (let column = now.length - 1; column >= 0; column--)
      common[row * width + column] =
        old[row] === now[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
  const lines: Line[] = [];
  let [row, column] = [0, 0];
  while (row < old.length || column < now.length) {
    const [out, added] = [old[row], now[column]];
    if (out !== undefined && out === added) {
      lines.push({ kind: " ", text: out });
      row++;
      column++;
    } else if (out !== undefined && (added === undefined || at(row + 1, column) >= at(row, column + 1))) {
      lines.push({ kind: "-", text: out });
      row++;
    } else {
      lines.push({ kind: "+", text: added ?? "" });
      column++;
    }
  }
  return lines;
}
