/** The commands that undo what a command changed, where the model can. */

type Command = Readonly<Record<string, object>>;

/** The change of an object by an event: its values before and after. */
export interface Changed {
  kind: string;
  id: string;
  before?: unknown;
  after?: unknown;
}

/** A command with its place among those that undo an event, such as a role before what assigns it. */
type Step = readonly [rank: number, command: Command];

interface GroupObject {
  at?: string;
  title?: string;
  members: readonly string[];
  mapped?: object;
}

/** Splits an id of a scope and a name. */
function placed(id: string): { at: string; name: string } {
  const split = id.indexOf("#");
  return { at: id.slice(0, split), name: id.slice(split + 1) };
}

function groupSteps(
  group: string,
  before: GroupObject | undefined,
  after: GroupObject | undefined,
): Step[] | undefined {
  // A provider states the members of a mapped group.
  if ((before ?? after)?.mapped !== undefined) return undefined;
  if (before === undefined) return [[5, { "delete-group": { group } }]];
  const left = before.members.filter((member) => after?.members.includes(member) !== true);
  const steps: Step[] = left.map((member) => [2, { "join-group": { group, member } }]);
  if (after !== undefined) {
    const joined = after.members.filter((member) => !before.members.includes(member));
    return [...steps, ...joined.map((member): Step => [4, { "leave-group": { group, member } }])];
  }
  // No command states a title, or that every outermost scope administers a group.
  if (before.title !== undefined || before.at === undefined) return undefined;
  return [[0, { "add-group": { group, at: before.at } }], ...steps];
}

/** Returns what undoes the change of one object, or undefined if nothing does. */
function stepsOf({ kind, id, before, after }: Changed): Step[] | undefined {
  const { at, name } = placed(id);
  const isNew = before === undefined;
  switch (kind) {
    case "assignment":
    case "pending":
      // New assignments come first, so that nobody is without an administrator in between.
      return [isNew ? [4, { withdraw: after as object }] : [3, { assign: before as object }]];
    case "role":
      if (isNew) return [[5, { "delete-role": { at, role: name } }]];
      // Roles that inherit from a deleted role come after it.
      return [[after === undefined ? 1 : 2, { "set-role": { at, role: name, ...(before as object) } }]];
    case "copy":
      return isNew ? [] : [[0, { "copy-role": { ...(before as object), at, role: name } }]];
    case "overlay":
      return [
        [
          1,
          isNew
            ? { "reset-overlay": { at, role: name } }
            : { "set-overlay": { at, role: name, ...(before as object) } },
        ],
      ];
    case "group":
      return groupSteps(id, before as GroupObject | undefined, after as GroupObject | undefined);
    case "lock": {
      const { groups = [] } = (before ?? {}) as { groups?: readonly string[] };
      return [[3, { lock: { items: [name], at, groups } }]];
    }
    default:
      return undefined;
  }
}

const OPPOSITES: Readonly<Record<string, string>> = {
  "suspend-subject": "resume-subject",
  "resume-subject": "suspend-subject",
};

/** Returns the command that names a support account again, which has nothing but its roles. */
function namedAgain(subject: string, changes: readonly Changed[]): Command[] | undefined {
  const isGone = changes.some(
    ({ kind, after }) => kind === "subject" && (after as { status?: string } | undefined)?.status === "removed",
  );
  const held = changes.filter(({ kind }) => kind === "assignment");
  if (!subject.startsWith("support:") || !isGone || held.length === 0) return undefined;
  if (held.length + 1 !== changes.length) return undefined;
  const roles = held.map(({ before }) => {
    const { subject: _, ...role } = before as { subject: string };
    return role;
  });
  return [{ "add-support": { subject, roles } }];
}

/**
 * Returns the commands that undo a command, in their order, or undefined if it cannot be undone. Nothing is undone in
 * part: a removal can also end an invitation and erase a name.
 */
function undoOne(command: Command, changes: readonly Changed[]): Command[] | undefined {
  const [name = "", fields = {}] = Object.entries(command)[0] ?? [];
  const opposite = OPPOSITES[name];
  if (opposite !== undefined) return [{ [opposite]: fields }];
  if (name === "remove-subject" && changes.some(({ kind }) => kind === "subject"))
    return namedAgain((fields as { subject: string }).subject, changes);
  const steps: Step[] = [];
  for (const change of changes) {
    const own = stepsOf(change);
    if (own === undefined) return undefined;
    steps.push(...own);
  }
  return steps.sort(([one], [other]) => one - other).map(([, back]) => back);
}

/** Returns the commands that undo several commands, with the changes of each; undefined if one cannot be undone. */
export function undo(commands: readonly Command[], changes: readonly (readonly Changed[])[]): Command[] | undefined {
  const backs = commands.map((command, index) => undoOne(command, changes[index] ?? []));
  if (backs.includes(undefined)) return undefined;
  const all = backs.reverse().flatMap((back) => back ?? []);
  return all.length === 0 ? undefined : all;
}

/** An object as it is compared. A removed subject is added again as a new one. */
const textOf = (object: unknown): string | undefined =>
  (object as { status?: string } | undefined)?.status === "removed" ? undefined : JSON.stringify(object);

/** Whether the changes of an undo begin with the objects as the changes to undo left them: nobody changed these since. */
export function isUntouched(changes: readonly Changed[], backs: readonly Changed[]): boolean {
  const left = new Map<string, string | undefined>();
  const leave = ({ kind, id, after }: Changed): unknown => left.set(`${kind} ${id}`, textOf(after));
  changes.forEach(leave);
  return backs.every((back) => {
    const isSame = left.get(`${back.kind} ${back.id}`) === textOf(back.before);
    leave(back);
    return isSame;
  });
}
