/** Makes the worker with the engine. */
export const engineWorker = (): Worker =>
  new Worker(new URL("./engine.worker.ts", import.meta.url), { type: "module" });
