// Builds one probe with webpack, without a loader: `--env target=TARGET --env id=PROBE --env out=FOLDER`.
const path = require("node:path");

module.exports = ({ target, id, out }) => ({
  mode: "production",
  target,
  entry: `./main/${id}.mjs`,
  output: { path: path.resolve(out), filename: "main.js", publicPath: "auto" },
});
