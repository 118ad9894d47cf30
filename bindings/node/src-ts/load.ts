/** Loads the native core of this platform. */

import { InternalError } from "../../javascript/src/errors.js";
import { type Native, type NativeEngine, type NativePolicy, setNative } from "../../javascript/src/native.js";

/** What the library has: objects reach it as JSON. */
interface Core extends Omit<Native, "NativePolicy" | "NativeEngine"> {
  NativePolicy: Pick<Native["NativePolicy"], "compile"> & { compilePlain(text: string): NativePolicy };
  NativeEngine: Omit<Native["NativeEngine"], "compileObject"> & { compilePlain(policy: NativePolicy, text: string): NativeEngine };
}

function plainly({ NativePolicy, NativeEngine, ...core }: Core): Native {
  return {
    ...core,
    NativePolicy: Object.assign(NativePolicy, { compileObject: (object: unknown) => NativePolicy.compilePlain(JSON.stringify(object)) }),
    NativeEngine: Object.assign(NativeEngine, {
      compileObject: (policy: NativePolicy, object: unknown) => NativeEngine.compilePlain(policy, JSON.stringify(object)),
    }),
  };
}

export function load(require: (path: string) => unknown): void {
  const file = `./rolecall.${process.platform}-${process.arch}.node`;
  try {
    setNative(plainly(require(file) as Core));
  } catch (cause) {
    const error = new InternalError({
      code: "internal.platform",
      message: `there is no native core for ${process.platform}-${process.arch}`,
      help: "use the package `rolecall`, which has the same API and runs everywhere",
    });
    error.cause = cause;
    throw error;
  }
}
