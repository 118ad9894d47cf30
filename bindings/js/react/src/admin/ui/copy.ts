/** Copies texts. */

import { useText } from "../messages/index.js";
import { useToast } from "./toast.js";

/** Copies the text of an element. Returns whether that worked; if not, the text is selected. */
export async function copyText(text: string, shown: Element | null): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Browsers have no clipboard for pages without encryption, and may refuse it. A selection can still be copied.
    if (shown === null) return false;
    getSelection()?.selectAllChildren(shown);
    return document.execCommand("copy");
  }
}

/** Returns the function that copies the text of an element, and reports whether that worked. */
export function useCopy(): (text: string, shown: Element | null) => void {
  const t = useText();
  const toast = useToast();
  return (text, shown) =>
    void copyText(text, shown).then((done) => toast({ text: t(done ? "common.copied" : "common.copy.failed") }));
}
