/** The questions of the page of a person to the engine, and the answers of the worker. */

import type { Grant, Holding } from "./effective.js";
import type { Change } from "./remedy.js";

/** A question about one person at a scope and a time. */
export interface About {
  subject: string;
  at: string;
  time: string;
}

/** The permissions of a person. */
export interface Effective {
  permissions: Holding[];
  reads: string[];
}

/** A visible entry of a menu. */
export interface VisibleItem {
  id: string;
  title?: string;
  items?: VisibleItem[];
}

/** A decision with its reasons. */
export interface Explained {
  decision: { allow: boolean; reasons: string[]; granted_by: Grant[] };
  guards: { guard: string; reasons: string[]; because: string }[];
  assignments: {
    at: string;
    role: string;
    subject: string;
    from?: string;
    until?: string;
    state: string;
    grants: string[][];
  }[];
  would_allow: Change[][];
}

/** Where the directory violates the rules of administration. */
export interface Violations {
  separation: { constraint: string; subject: string; at: string; roles: string[]; at_most: number }[];
  limits: { limit: string; at: string; count: number; at_most: number }[];
}

/** The questions, with the answer of each. */
export interface Questions {
  person: { ask: About; answer: { effective: Effective; menus: Record<string, VisibleItem[]> } };
  why: { ask: About & { permission: string }; answer: Explained };
  violations: { ask: { time: string }; answer: Violations };
}

/** The documents of an engine, which come before the questions about them. */
export interface Documents {
  kind: "documents";
  policy: object;
  directory: object;
}

/** A message to the worker. */
export type Message =
  Documents | { [K in keyof Questions]: { kind: K; id: number; ask: Questions[K]["ask"] } }[keyof Questions];

/** A message of the worker. */
export type Reply = { id: number } & (
  { answer: unknown } | { error: { code: string; message: string; help?: string } }
);
