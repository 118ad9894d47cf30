// Builds one probe with Rollup, for the platform in PLATFORM.
import commonjs from "@rollup/plugin-commonjs";
import resolve from "@rollup/plugin-node-resolve";

const node = process.env.PLATFORM === "node";

export default {
  plugins: [
    resolve({ browser: !node, preferBuiltins: node, exportConditions: node ? ["node"] : ["browser"] }),
    commonjs({ ignoreTryCatch: true }),
  ],
  output: { format: "es" },
};
