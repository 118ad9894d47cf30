declare module "*core.cjs" {
  export const core: "native" | "webassembly";
  export const native: import("../../api/native.js").Native;
}

declare module "*wasm.cjs" {
  export const native: import("../../api/native.js").Native;
}
