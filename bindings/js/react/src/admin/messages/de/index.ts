/** All texts in German. */

import { audit } from "./audit.js";
import { common } from "./common.js";
import { roles } from "./roles.js";
import { settings } from "./settings.js";
import { users } from "./users.js";

export const de = { ...common, ...roles, ...users, ...audit, ...settings };
