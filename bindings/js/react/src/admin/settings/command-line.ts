/** Commands of administration as command lines. */

import { shellWord } from "../shell-word.js";

type Part = string | false | undefined | readonly (string | undefined)[];

/** Writes a command line from its words. Words that are not stated are left out. */
export function commandLine(...parts: readonly Part[]): string {
  const words = parts.flat().filter((part): part is string => typeof part === "string");
  return ["rolecall admin", ...words.map(shellWord)].join(" ");
}

/** Returns an option and its value, if there is one. */
export function option(name: string, value: string | undefined): readonly string[] {
  if (value === undefined || value === "") return [];
  // A value with a dash in front would be read as an option.
  return value.startsWith("-") ? [`--${name}=${value}`] : [`--${name}`, value];
}
