/** The words for actions. */

import { en } from "./messages/en/index.js";
import type { MessageKey, Writer } from "./messages/index.js";

/** Returns the title of an action: that of the policy, of a standard action, or the words of its name. */
export function actionText(t: Writer, action: string, title?: string): string {
  if (title !== undefined) return title;
  const key = `roles.action.${action}`;
  if (key in en) return t(key as MessageKey);
  const words = action.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
