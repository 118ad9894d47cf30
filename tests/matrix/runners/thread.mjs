// Runs a probe in a worker thread, while the main thread has loaded it as well: `node thread.mjs FILE`.
import { pathToFileURL } from "node:url";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

if (isMainThread) {
  const workerData = pathToFileURL(process.argv[2]).href;
  await import(workerData);
  const worker = new Worker(new URL(import.meta.url), { workerData });
  const answer = await new Promise((done, fail) => worker.once("message", done).once("error", fail));
  console.log(answer === true ? "yes" : `answer: ${answer}`);
  process.exit();
}
parentPort.postMessage(await (await import(workerData)).default());
