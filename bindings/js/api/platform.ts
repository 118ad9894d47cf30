/**
 * Types of the platform as declarations name them: those of `lib: dom` or of `@types/node`, and simple ones in projects
 * that have neither.
 */

type Global<Name extends string, Otherwise> = typeof globalThis extends { [name in Name]: { prototype: infer Type } }
  ? Type
  : Otherwise;

/** The function `fetch`. */
export type Fetch = typeof globalThis extends { fetch: infer Function }
  ? Function
  : (url: string, init?: object) => Promise<FetchResponse>;
/** The options of a request. */
export type FetchOptions = Fetch extends (url: never, init?: infer Options) => unknown ? NonNullable<Options> : object;
/** A response. */
export type FetchResponse = Global<"Response", object>;
/** A source of events. */
export type Events = Global<"EventTarget", object>;
/** An address, a request or a response, where the platform has them. */
export type Address = Global<"URL", never> | Global<"Request", never> | Global<"Response", never>;
/** The bytes of a WebAssembly module. */
export type ModuleBytes = ArrayBuffer | ArrayBufferView;
/** A compiled WebAssembly module. */
export type CompiledModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer Module } } }
  ? Module
  : object;
