/** The changes that would allow something, and what an administrator does for each. */

/** One change to the directory, or to the context of the request. */
export interface Change {
  change: string;
  subject?: string;
  role?: string;
  at?: string;
  below?: false;
  boundaries?: Record<string, string[]>;
  from?: string;
  until?: string;
  login?: string;
  ip?: string;
  boundary?: string;
  values?: string[];
  support_access?: string;
}

/** The step of an administrator for a change. */
export type Step =
  | { kind: "give"; subject: string; role: string; at: string }
  | { kind: "command"; command: Record<string, object>; undo?: object }
  /** The person does it, such as logging in with a second factor. */
  | { kind: "person" };

/** The values of a subject in each boundary; `"*"` for all. */
export type Boundaries = Readonly<Record<string, "*" | readonly string[]>>;

/** Returns the present values of a boundary with those that are added. A command states all values, not the new ones. */
export function allValues(present: Boundaries[string] | undefined, added: readonly string[]): "*" | string[] {
  return present === "*" ? "*" : [...new Set([...(present ?? []), ...added])];
}

/** Returns the command that gives a boundary the values that it has now. */
function valuesBack(subject: string | undefined, boundary: string, { [boundary]: values }: Boundaries): object {
  return { "set-boundary": { subject, boundary, ...(values !== undefined && { values }) } };
}

/** Returns the step for a change of a subject whose values in boundaries are known. */
export function step(change: Change, boundaries: Boundaries = {}): Step {
  const { subject, role, at, boundary = "", values = [] } = change;
  switch (change.change) {
    case "assign":
    case "extend":
    case "begin":
      // The form states the end, and shows the effect before anything is given.
      return { kind: "give", subject: subject ?? "", role: role ?? "", at: at ?? "" };
    case "make-active":
      return { kind: "command", command: { "resume-subject": { subject } } };
    case "add-values": {
      const all = allValues(boundaries[boundary], values);
      return {
        kind: "command",
        command: { "set-boundary": { subject, boundary, values: all } },
        undo: valuesBack(subject, boundary, boundaries),
      };
    }
    case "open-support":
      return { kind: "command", command: { "set-support": { at, access: change.support_access } } };
    default:
      return { kind: "person" };
  }
}

/** Returns the only step for a set of changes, or undefined if it takes several. */
export function onlyStep(changes: readonly Change[], boundaries?: Boundaries): Step | undefined {
  const [first, ...others] = changes;
  return first === undefined || others.length > 0 ? undefined : step(first, boundaries);
}
