/** The entry for Node by `require`. */

import { load } from "./load.js";

export * from "../../api/api.js";

load(require);
