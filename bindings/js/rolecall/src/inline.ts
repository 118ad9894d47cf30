/** The entry that includes the module and runs anywhere. It is started already. */

import bytes from "../glue/rolecall.wasm";
import { startFullSync } from "./full-module.js";

export * from "./self-started.js";

startFullSync(bytes);
