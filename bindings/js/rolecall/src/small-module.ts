/** Starts a module without imports. */

import { notLoaded } from "./not-loaded.js";
import type { ModuleSource, Source } from "./source.js";

type Started = (exports: WebAssembly.Exports) => void;

let isStarted = false;

/**
 * Starts a module from its bytes or its address. If calls overlap, the first module that is ready is used. Kinds of
 * sources are known by their members: test environments lack some classes, and edge runtimes have several of each.
 */
export async function start(source: Source, started: Started): Promise<void> {
  if (isStarted) return;
  try {
    let from = (await source) as string | URL | Request | Response | BufferSource | WebAssembly.Module;
    if (typeof from === "string" || "href" in from || "method" in from) from = await fetch(from);
    if ("ok" in from) {
      if (!from.ok) throw `${from.url}: ${from.status} ${from.statusText}`;
      from = await from.arrayBuffer();
    }
    const module = "byteLength" in from ? await WebAssembly.compile(from) : from;
    use(await WebAssembly.instantiate(module), started);
  } catch (cause) {
    throw notLoaded(cause);
  }
}

/** Starts a module synchronously. */
export function startSync(source: ModuleSource, started: Started): void {
  try {
    const module = "byteLength" in source ? new WebAssembly.Module(source as BufferSource) : source;
    use(new WebAssembly.Instance(module), started);
  } catch (cause) {
    throw notLoaded(cause);
  }
}

function use({ exports }: WebAssembly.Instance, started: Started): void {
  if (isStarted) return;
  isStarted = true;
  started(exports);
}
