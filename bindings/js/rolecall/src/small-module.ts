/** Starts a module without imports. */

import { notLoaded } from "./not-loaded.js";
import type { Source } from "./source.js";

type Started = (exports: WebAssembly.Exports) => void;

let isStarted = false;

/** Starts a module from its bytes or its address. If calls overlap, the first module that is ready is used. */
export async function start(source: Source, started: Started): Promise<void> {
  if (isStarted) return;
  try {
    let from = await source;
    if (typeof from === "string" || from instanceof URL || from instanceof Request) from = await fetch(from);
    if (from instanceof Response) {
      if (!from.ok) throw `${from.url}: ${from.status} ${from.statusText}`;
      from = await from.arrayBuffer();
    }
    const module = from instanceof WebAssembly.Module ? from : await WebAssembly.compile(from);
    use(await WebAssembly.instantiate(module), started);
  } catch (cause) {
    throw notLoaded(cause);
  }
}

/** Starts a module synchronously. */
export function startSync(source: BufferSource | WebAssembly.Module, started: Started): void {
  try {
    const module = source instanceof WebAssembly.Module ? source : new WebAssembly.Module(source);
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
