/** The entry for Node, by `import` and by `require`. */

import { setNative } from "../../api/native.js";
import * as loaded from "./core.cjs";

export * from "../../api/api.js";

/** The core that answers: `native`, or `webassembly` where there is no native file. A warning then says why. */
export const core: "native" | "webassembly" = loaded.core;

setNative(loaded.native);
