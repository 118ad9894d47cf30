/** Anywhere, with the module inside the script: started already. */

import bytes from "../glue/rolecall.wasm";
import { startFullSync } from "./full-module.js";

export * from "./self-started.js";

startFullSync(bytes);
