/** The configuration of Next for Rolecall. */

/** The parts of the configuration of Next that change. */
interface Parts {
  serverExternalPackages?: string[];
  outputFileTracingIncludes?: Record<string, string[]>;
}

const PACKAGES = ["rolecall", "@rolecall/node"];
const FILES = ["node_modules/rolecall/dist/*.wasm", "node_modules/@rolecall/node/dist/*.node"];

/**
 * Returns the configuration with what Rolecall needs: servers load the packages from their own files, and a standalone
 * output contains those.
 */
export function withRolecall<C extends object>(config?: C): C & Required<Parts> {
  const { serverExternalPackages = [], outputFileTracingIncludes = {} } = (config ?? {}) as Parts;
  const everywhere = outputFileTracingIncludes["/**"] ?? [];
  return {
    ...(config as C),
    serverExternalPackages: [...new Set([...serverExternalPackages, ...PACKAGES])],
    outputFileTracingIncludes: { ...outputFileTracingIncludes, "/**": [...new Set([...everywhere, ...FILES])] },
  };
}
