/** Words of a command line. */

/** Writes a value so that a shell reads it as one word. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-][\w@%+=:,./#-]*$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
