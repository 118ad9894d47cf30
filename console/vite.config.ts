import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const source = (path: string): string => fileURLToPath(new URL(`../bindings/js/${path}`, import.meta.url));

// The sources of the packages, for work on them. Without them, the packed packages in `node_modules` are used.
const SOURCES = [
  { find: /^@rolecall\/react\/admin\/german$/, replacement: source("react/src/admin/german.ts") },
  { find: "@rolecall/react/admin/answers.worker.js", replacement: source("react/src/admin/users/answers.worker.ts") },
  { find: "@rolecall/react/admin/impact.worker.js", replacement: source("react/src/admin/roles/impact.worker.ts") },
  { find: /^@rolecall\/react\/admin\/(\w+)$/, replacement: source("react/src/admin/$1/index.ts") },
  { find: /^@rolecall\/react\/admin\.css$/, replacement: source("react/src/admin/css/index.css") },
  { find: /^@rolecall\/react\/admin$/, replacement: source("react/src/admin/index.ts") },
  { find: /^@rolecall\/react$/, replacement: source("react/src/index.ts") },
  { find: /^rolecall\/(client|store)$/, replacement: source("api/$1/index.ts") },
  { find: /^rolecall\/portable$/, replacement: source("rolecall/dist/portable.js") },
  { find: /^rolecall$/, replacement: source("rolecall/dist/index.js") },
];

// Preact in place of React in the console itself: 50 KB less to load and to compile. The parts are those of the packages, and
// use nothing that React lacks.
const PREACT = [
  { find: /^react\/jsx-runtime$/, replacement: "preact/jsx-runtime" },
  { find: /^react-dom\/client$/, replacement: "preact/compat/client" },
  { find: /^react(-dom)?$/, replacement: "preact/compat" },
];

const server = process.env.ROLECALL_SERVER ?? "http://127.0.0.1:8080";

export default defineConfig({
  // Addresses begin at the `base` of the page, so the server can be below another path.
  base: process.env.ROLECALL_SOURCES && !process.argv.includes("build") ? "/console/" : "./",
  resolve: {
    alias: [...(process.env.ROLECALL_SOURCES ? SOURCES : []), ...(process.env.ROLECALL_REACT ? [] : PREACT)],
    dedupe: ["preact", "react", "react-dom", "@tanstack/react-query"],
  },
  build: {
    outDir: process.env.ROLECALL_CONSOLE_OUT ?? "dist",
    emptyOutDir: true,
    target: "es2022",
    cssTarget: ["chrome123", "firefox128", "safari17.5"],
    // Everything is a file of its own: the policy of the page forbids what is inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      // `"use client"` of packages says nothing to a page without a server.
      onwarn: (warning, warn) => warning.code === "MODULE_LEVEL_DIRECTIVE" || warn(warning),
    },
  },
  worker: { format: "es" },
  server: { proxy: { "/v1": server, "/openapi.json": server }, fs: { allow: [".."] } },
});
