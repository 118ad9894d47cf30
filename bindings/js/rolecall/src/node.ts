/** Node, by `import`: started already. */

import { readFileSync } from "node:fs";
import { started } from "./started.js";

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
} from "./started.js";

started(readFileSync(new URL("./rolecall.wasm", import.meta.url)));
