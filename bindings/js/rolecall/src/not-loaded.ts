import { InternalError, RolecallError } from "../../api/errors.js";

/** Returns the error for a module that cannot be fetched, compiled or started. */
export function notLoaded(cause: unknown): RolecallError {
  if (cause instanceof RolecallError) return cause;
  const error = new InternalError({
    code: "internal.not-loaded",
    message: `the WebAssembly module cannot be loaded: ${cause}`,
    help: "check that its file is next to the script, or import `/inline`; the content security policy must allow `wasm-unsafe-eval`",
  });
  error.cause = cause;
  return error;
}
