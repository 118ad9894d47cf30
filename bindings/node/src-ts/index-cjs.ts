/** Node, by `require`. */

import { load } from "./load.js";

export * from "../../javascript/src/api.js";

load(require);
