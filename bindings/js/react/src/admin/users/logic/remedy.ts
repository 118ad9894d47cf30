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

/** What an administrator does for a change. */
export type Step =
  | { kind: "give"; subject: string; role: string; at: string }
  | { kind: "command"; command: Record<string, object> }
  /** The person does it, such as logging in with a second factor. */
  | { kind: "person" };

/** Returns the step for a change. */
export function step(change: Change): Step {
  const { subject, role, at, boundary, values } = change;
  switch (change.change) {
    case "assign":
    case "extend":
    case "begin":
      // The form states the end, and shows the effect before anything is given.
      return { kind: "give", subject: subject ?? "", role: role ?? "", at: at ?? "" };
    case "make-active":
      return { kind: "command", command: { "resume-subject": { subject } } };
    case "add-values":
      return { kind: "command", command: { "set-boundary": { subject, boundary, values } } };
    case "open-support":
      return { kind: "command", command: { "set-support": { at, access: change.support_access } } };
    default:
      return { kind: "person" };
  }
}

/** Returns the only step for a set of changes, or undefined if it takes several. */
export function onlyStep(changes: readonly Change[]): Step | undefined {
  const [first, ...others] = changes;
  return first === undefined || others.length > 0 ? undefined : step(first);
}
