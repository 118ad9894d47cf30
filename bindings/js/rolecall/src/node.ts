/** The entry for Node by `import`. It is started already. */

import { readFileSync } from "node:fs";
import { startFullSync } from "./full-module.js";

export * from "./self-started.js";

startFullSync(readFileSync(new URL("./rolecall.wasm", import.meta.url)));
