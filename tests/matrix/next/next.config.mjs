import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");

/** The packages are installed in the folder above. */
export default {
  output: process.env.MATRIX_OUTPUT,
  // Next by webpack cannot trace the files of edge routes, so only the other build has them.
  pageExtensions: process.env.MATRIX_OUTPUT === undefined ? ["js", "jsx"] : ["edge.js", "js", "jsx"],
  outputFileTracingRoot: root,
  turbopack: { root },
  serverExternalPackages: ["@rolecall/node"],
};
