/** Loads the native core of this platform. */

import { InternalError } from "../../api/errors.js";
import { type Native, setNative } from "../../api/native.js";

export function load(require: (path: string) => unknown): void {
  const file = `./rolecall.${process.platform}-${process.arch}.node`;
  try {
    setNative({ ...(require(file) as Native), takesText: true });
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
