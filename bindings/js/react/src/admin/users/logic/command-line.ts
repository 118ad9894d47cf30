/** The command line that does the same as a command of the console. */

/** A command of administration: one name, and its fields. */
export type Command = Readonly<Record<string, object>>;

interface Limits {
  below?: boolean;
  boundaries?: Readonly<Record<string, readonly string[]>>;
  from?: string;
  until?: string;
}

interface Role extends Limits {
  role: string;
  at: string;
}

interface Fields extends Limits {
  subject: string;
  role: string;
  at: string;
  roles: readonly Role[];
  name?: string;
  email?: string;
  native?: string;
  external?: boolean;
  confirm?: boolean;
  reason: string;
  request: string;
}

type Words = readonly string[];

/** Quotes a word for a POSIX shell, if it needs quotes. */
export function quote(word: string): string {
  return /^[\w@%+=:,./#-]+$/.test(word) && !word.startsWith("#") ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

const option = (name: string, value: string | undefined): Words => (value === undefined ? [] : [`--${name}`, value]);

const flag = (name: string, set: boolean | undefined): Words => (set === true ? [`--${name}`] : []);

const limits = ({ below, boundaries = {}, from, until }: Limits): Words => [
  ...flag("here", below === false),
  ...Object.entries(boundaries).flatMap(([name, values]) => ["--only", `${name}=${values.join(",")}`]),
  ...option("from", from),
  ...option("until", until),
];

/** The limits of all roles, or undefined if they differ: the options count for every role. */
function sameLimits(roles: readonly Role[]): Words | undefined {
  const [first, ...others] = roles.map((role) => limits(role));
  if (first === undefined) return [];
  return others.every((other) => other.join("\n") === first.join("\n")) ? first : undefined;
}

function newcomer(name: string): (fields: Fields) => Words | undefined {
  return ({ subject, roles, name: called, email, native, external, confirm }) => {
    const shared = sameLimits(roles);
    return (
      shared && [
        name,
        subject,
        ...roles.flatMap(({ role, at }) => ["--role", `${role}@${at}`]),
        ...shared,
        ...option("name", called),
        ...option("email", email),
        ...option("native", native),
        ...flag("external", external),
        ...flag("confirm", confirm),
      ]
    );
  };
}

const held = (name: string) => (fields: Fields) => [name, fields.subject, fields.role, fields.at, ...limits(fields)];

const about = (name: string) => (fields: Fields) => [name, fields.subject];

const numbered = (name: string) => (fields: Fields) => [name, fields.request];

function setRoles({ subject, at, roles }: Fields): Words | undefined {
  const written = roles.map(({ role, below, boundaries, from, until }) =>
    boundaries === undefined
      ? [role, ...(below === false ? ["here"] : []), ...pair("from", from), ...pair("until", until)].join(",")
      : undefined,
  );
  if (written.includes(undefined)) return undefined;
  return ["set-roles", subject, at, ...written.flatMap((role) => ["--role", role as string])];
}

const pair = (name: string, value: string | undefined): Words => (value === undefined ? [] : [`${name}=${value}`]);

const LINES: Readonly<Record<string, (fields: Fields) => Words | undefined>> = {
  invite: newcomer("invite"),
  "add-user": newcomer("add"),
  "resend-invitation": about("resend"),
  "suspend-subject": about("suspend"),
  "resume-subject": about("resume"),
  "remove-subject": ({ subject, at }) => ["remove", subject, "--at", at],
  "mark-external": ({ subject, confirm }) => ["mark-external", subject, ...flag("confirm", confirm)],
  "unmark-external": about("unmark-external"),
  "reset-password": about("reset-password"),
  "set-person": ({ subject, at, name, email }) => [
    "set-person",
    subject,
    "--at",
    at,
    ...option("name", name),
    ...option("email", email),
  ],
  "erase-person": ({ subject, at }) => ["erase-person", subject, "--at", at],
  assign: held("assign"),
  withdraw: held("withdraw"),
  "set-roles": setRoles,
  "request-access": (fields) => [
    "request",
    fields.role,
    fields.at,
    ...limits(fields),
    ...option("reason", fields.reason),
  ],
  "approve-access": numbered("approve"),
  "deny-access": numbered("deny"),
  "withdraw-request": numbered("withdraw-request"),
  "end-access": numbered("end-access"),
};

/** Returns the line for one command. Commands without words of their own are written as JSON. */
export function commandLine(command: Command): string {
  const [name = "", fields = {}] = Object.entries(command)[0] ?? [];
  const words = LINES[name]?.(fields as Fields) ?? ["do", JSON.stringify(command)];
  return ["rolecall", "admin", ...words].map(quote).join(" ");
}

/** Returns the lines for several commands. */
export function commandLines(commands: readonly Command[]): string {
  return commands.map(commandLine).join("\n");
}
