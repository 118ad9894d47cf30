/** Starts WebAssembly modules. Returns what `start` returned, and the memory of each module. */
export async function withMemories(start) {
  const memories = [];
  const { Instance } = WebAssembly;
  WebAssembly.Instance = class extends Instance {
    constructor(...of) {
      super(...of);
      memories.push(this.exports.memory);
    }
  };
  try {
    return [await start(), memories];
  } finally {
    WebAssembly.Instance = Instance;
  }
}
