import type { CompiledModule } from "../../api/platform.js";

/** A module, as bundlers and edge runtimes import it. */
declare const module: CompiledModule;
export default module;
