/** The messages between the page and the worker of impacts. */

import type { DirectoryText, PolicyText } from "./documents.js";
import type { Command } from "./draft.js";
import type { Impact } from "./impact-types.js";

/** The input of the computation of an impact. */
export interface ImpactState {
  policy: PolicyText;
  directory: DirectoryText;
}

/**
 * A state to compute with, or commands whose effect is wanted. The state is JSON: to write it takes less time than to
 * copy it for the worker.
 */
export type ImpactRequest =
  { kind: "state"; json: string } | { kind: "impact"; id: number; commands: readonly Command[] };

/** The effect, or why there is none. */
export type ImpactAnswer =
  | { kind: "impact"; id: number; impact: Impact }
  | { kind: "impact"; id: number; error: { code: string; message: string; help?: string } };
