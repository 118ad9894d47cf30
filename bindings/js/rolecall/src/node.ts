/** Node, by `import`: started already. */

import { readFileSync } from "node:fs";
import { started } from "./self-started.js";

export {
  CompileError,
  Engine,
  ForbiddenError,
  init,
  initSync,
  InternalError,
  Policy,
  PortableSession,
  RequestError,
  RolecallError,
} from "./self-started.js";

started(readFileSync(new URL("./rolecall.wasm", import.meta.url)));
