/** Node, by `import`. */

import { createRequire } from "node:module";
import { load } from "./load.js";

export * from "../../javascript/src/api.js";

load(createRequire(import.meta.url));
