/**
 * The entry for edge runtimes, which compile modules when an application is deployed and refuse to compile bytes. It is
 * started already. The build writes a second file, for runtimes that import modules without `?module`.
 */

import module from "./rolecall.wasm?module";
import { startFullSync } from "./full-module.js";

export * from "./self-started.js";

startFullSync(module);
