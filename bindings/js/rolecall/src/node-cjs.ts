/** Node, by `require`: started already. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
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

started(readFileSync(join(__dirname, "rolecall.wasm")));
