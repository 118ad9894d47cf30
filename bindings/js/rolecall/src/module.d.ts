/** A module, as bundlers and edge runtimes import it. */
declare const module: WebAssembly.Module;
export default module;
