/** Starting a module that imports nothing. */

import type { Source } from "./index.js";

let isStarted = false;

/** Starts a module from its bytes or its address. Of several that are started at once the first one is taken. */
export async function start(source: Source, started: (exports: WebAssembly.Exports) => void): Promise<void> {
  if (isStarted) return;
  let from = await source;
  if (typeof from === "string" || from instanceof URL || from instanceof Request) from = await fetch(from);
  if (from instanceof Response) {
    if (!from.ok) throw new Error(`${from.url}: ${from.status} ${from.statusText}`);
    from = await from.arrayBuffer();
  }
  put(
    await WebAssembly.instantiate(from instanceof WebAssembly.Module ? from : await WebAssembly.compile(from)),
    started,
  );
}

/** The same at once. */
export function startSync(
  source: BufferSource | WebAssembly.Module,
  started: (exports: WebAssembly.Exports) => void,
): void {
  put(
    new WebAssembly.Instance(source instanceof WebAssembly.Module ? source : new WebAssembly.Module(source)),
    started,
  );
}

function put({ exports }: WebAssembly.Instance, started: (exports: WebAssembly.Exports) => void): void {
  if (isStarted) return;
  isStarted = true;
  started(exports);
}
