import type { Address, CompiledModule, FetchResponse, ModuleBytes } from "../../api/platform.js";

/** The bytes of a module, or a compiled module. */
export type ModuleSource = ModuleBytes | CompiledModule;

/** The source of a module: an address, a response, bytes, or a compiled module. */
export type Source = string | Address | Promise<FetchResponse> | ModuleSource;
