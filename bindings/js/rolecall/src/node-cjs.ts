/** Node, by `require`: started already. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
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

started(readFileSync(join(__dirname, "rolecall.wasm")));
