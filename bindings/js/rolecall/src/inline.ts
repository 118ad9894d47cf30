/** Anywhere, with the module inside the script: started already. */

import bytes from "../glue/rolecall.wasm";
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

started(bytes);
