// Runs a probe by `require`: `node run.cjs FILE`.
const path = require("node:path");

require(path.resolve(process.argv[2]))().then(
  (answer) => {
    console.log(answer === true ? "yes" : `answer: ${answer}`);
    process.exit();
  },
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
