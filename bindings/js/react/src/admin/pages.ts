/** Tables that the server gives page by page. */

/** A page of a table as CSV, and where the next one begins. */
export interface TablePage<After> {
  text: string;
  next: After | undefined;
}

/** Returns a table as a whole: the pages one after another, with one row of headings. */
export async function pagesOf<After>(load: (after?: After) => Promise<TablePage<After>>): Promise<string> {
  const texts: string[] = [];
  let after: After | undefined;
  do {
    const { text, next } = await load(after);
    texts.push(texts.length === 0 ? text : text.slice(text.indexOf("\n") + 1));
    after = next;
  } while (after !== undefined);
  return texts.join("");
}
