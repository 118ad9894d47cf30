/** Loads the native core of this platform, or WebAssembly if there is none. */

import type { Native } from "../../api/native.js";

interface Loaded {
  core: "native" | "webassembly";
  native: Native;
}

/** The packages with a native core, by platform. Where there are two, the second is for systems with musl. */
const PACKAGES: { readonly [platform: string]: readonly string[] | undefined } = {
  "darwin-arm64": ["@rolecall/node-darwin-arm64"],
  "darwin-x64": ["@rolecall/node-darwin-x64"],
  "linux-arm64": ["@rolecall/node-linux-arm64-gnu", "@rolecall/node-linux-arm64-musl"],
  "linux-x64": ["@rolecall/node-linux-x64-gnu", "@rolecall/node-linux-x64-musl"],
  "win32-x64": ["@rolecall/node-win32-x64-msvc"],
};

/**
 * Loads a package. Every name is a literal within `try`: tools that copy the files of a server find literals, and
 * bundlers accept that a package within `try` is not installed.
 */
function loadPackage(name: string): Native | Error {
  try {
    switch (name) {
      case "@rolecall/node-darwin-arm64":
        return require("@rolecall/node-darwin-arm64") as Native;
      case "@rolecall/node-darwin-x64":
        return require("@rolecall/node-darwin-x64") as Native;
      case "@rolecall/node-linux-arm64-gnu":
        return require("@rolecall/node-linux-arm64-gnu") as Native;
      case "@rolecall/node-linux-arm64-musl":
        return require("@rolecall/node-linux-arm64-musl") as Native;
      case "@rolecall/node-linux-x64-gnu":
        return require("@rolecall/node-linux-x64-gnu") as Native;
      case "@rolecall/node-linux-x64-musl":
        return require("@rolecall/node-linux-x64-musl") as Native;
      default:
        return require("@rolecall/node-win32-x64-msvc") as Native;
    }
  } catch (cause) {
    return cause instanceof Error ? cause : new Error(String(cause));
  }
}

function load(): Loaded {
  const platform = `${process.platform}-${process.arch}`;
  const packages = PACKAGES[platform];
  const failures = new Map<string, Error>();
  for (const name of packages ?? []) {
    const loaded = loadPackage(name);
    if (!(loaded instanceof Error)) return { core: "native", native: { ...loaded, takesText: true } };
    failures.set(name, loaded);
  }
  const reason =
    packages === undefined ? `there is no native core for ${platform}` : reasonOf(packages as string[], failures);
  process.emitWarning(`\`@rolecall/node\` runs on WebAssembly: ${reason}`, "RolecallWarning");
  return { core: "webassembly", native: (require("./wasm.cjs") as { native: Native }).native };
}

/** Returns why no package was loaded: a file that cannot be loaded, or else a package that is not installed. */
function reasonOf(packages: string[], failures: Map<string, Error>): string {
  for (const [name, failure] of failures) {
    if (!isMissing(name, failure)) return `the native core of \`${name}\` cannot be loaded: ${line(failure)}`;
  }
  const name = packages.length > 1 && hasMusl() ? packages[1] : packages[0];
  return `the package \`${name}\` is not installed; install it with its optional dependencies, on this platform`;
}

function isMissing(name: string, { message }: Error): boolean {
  return message.startsWith(`Cannot find module '${name}'`) || message.startsWith(`Cannot find package '${name}'`);
}

function line({ message }: Error): string {
  return message.split("\n", 1)[0] ?? "";
}

/** Whether the system has musl in place of glibc. */
function hasMusl(): boolean {
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined;
  return report?.header !== undefined && report.header.glibcVersionRuntime === undefined;
}

export const { core, native } = load();
