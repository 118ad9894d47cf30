// Runs a probe by `import`: `node run.mjs FILE`.
import { pathToFileURL } from "node:url";

const probe = (await import(pathToFileURL(process.argv[2]))).default;
const answer = await probe();
console.log(answer === true ? "yes" : `answer: ${answer}`);
process.exit();
