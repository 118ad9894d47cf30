// Builds one probe with Vite, without a plugin. ROLECALL_PROBE names it.
const server = process.argv.includes("--ssr");

export default {
  logLevel: "error",
  base: "./",
  ssr: { noExternal: true },
  build: {
    emptyOutDir: true,
    target: "es2022",
    rollupOptions: {
      input: `main/${process.env.ROLECALL_PROBE}.mjs`,
      output: { entryFileNames: server ? "main.mjs" : "main.js" },
    },
  },
};
