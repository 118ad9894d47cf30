/** The entry for Node by `require`. It is started already. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startFullSync } from "./full-module.js";

export * from "./self-started.js";

startFullSync(readFileSync(join(__dirname, "rolecall.wasm")));
