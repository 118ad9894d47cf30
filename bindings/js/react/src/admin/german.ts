/** The texts of the parts in German. */

import { de } from "./messages/de/index.js";
import type { Language } from "./messages/index.js";

export const German: Language = { locale: "de", messages: de };
