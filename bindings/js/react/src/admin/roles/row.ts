/** The rows of the list of roles. */

import type { Lists } from "rolecall/client";

/** A role, as the list shows it. */
export type RoleRow = Lists["roles"]["row"];
