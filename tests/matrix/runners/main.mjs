// What bundlers bundle: it runs the probe and reports the answer, from a page, a worker or a process.
import probe from "PROBE";

const report = typeof WorkerGlobalScope === "undefined" ? console.log : postMessage;

probe().then(
  (answer) => report(answer === true ? "yes" : `answer: ${answer}`),
  (error) => report(`${error}`),
);
