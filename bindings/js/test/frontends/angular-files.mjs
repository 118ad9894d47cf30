// Builds an application of Angular from its TypeScript files. As in a release, the application is compiled ahead of time
// and `@rolecall/angular` is linked. The packages of Angular are linked in the page, because that is faster here.

import { execFileSync } from "node:child_process";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createEs2015LinkerPlugin } from "@angular/compiler-cli/linker/babel";
import { ConsoleLogger, LogLevel, NodeJSFileSystem } from "@angular/compiler-cli";
import babel from "@babel/core";
import { build } from "esbuild";

/** Builds `main.ts` of a folder into `dist/main.js`, next to the page. */
export async function built(folder) {
  const config = {
    compilerOptions: {
      target: "ES2022",
      module: "ES2022",
      moduleResolution: "bundler",
      lib: ["ES2022", "DOM"],
      types: [],
      strict: true,
      skipLibCheck: true,
      outDir: "out",
    },
    angularCompilerOptions: { strictTemplates: true },
    files: ["main.ts"],
  };
  writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify(config));
  execFileSync(process.execPath, [path.resolve("node_modules/@angular/compiler-cli/bundles/src/bin/ngc.js")], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit"],
  });
  await build({
    stdin: { contents: 'import "@angular/compiler";\nimport "./out/main.js";', resolveDir: folder },
    bundle: true,
    format: "esm",
    target: "es2022",
    define: { ngDevMode: "false" },
    plugins: [linked],
    outfile: path.join(folder, "dist/main.js"),
    logLevel: "warning",
  });
  copyFileSync(path.join(folder, "index.html"), path.join(folder, "dist/index.html"));
}

/** Links the package, which is compiled in part. */
const linked = {
  name: "linked",
  setup({ onLoad }) {
    const fileSystem = new NodeJSFileSystem();
    const linker = createEs2015LinkerPlugin({
      fileSystem,
      logger: new ConsoleLogger(LogLevel.error),
      linkerJitMode: false,
    });
    onLoad({ filter: /\/node_modules\/@rolecall\/.*\.js$/ }, ({ path: filename }) => {
      const text = readFileSync(filename, "utf8");
      if (!text.includes("ɵɵngDeclare")) return { contents: text };
      const options = { filename, plugins: [linker], compact: false, configFile: false, babelrc: false };
      return { contents: babel.transformSync(text, options).code };
    });
  },
};
