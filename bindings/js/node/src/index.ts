/** The entry for Node by `import`. */

import { createRequire } from "node:module";
import { load } from "./load.js";

export * from "../../api/api.js";

load(createRequire(import.meta.url));
