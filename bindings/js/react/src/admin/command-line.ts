/** The command line that does the same as a change of the page. */

import type { CommandName, Command as Typed } from "rolecall/client";
import { shellWord } from "./shell-word.js";

/** A command of administration: a map with its name. */
type Command = Readonly<Record<string, object>>;

/** The commands that no part sends. */
type Unsent =
  | "accept-invitation"
  | "add-scope"
  | "set-instance-type"
  | "set-native"
  | "set-owner"
  | "set-password-rules"
  | "update-policy";

type Sent = Exclude<CommandName, Unsent>;
type Fields<N extends CommandName> = Extract<Typed, Record<N, unknown>>[N];
type Words = readonly string[];

interface Limits {
  below?: boolean;
  boundaries?: Readonly<Record<string, readonly string[]>>;
  from?: string;
  until?: string;
}

// A value with a dash in front would be read as an option.
const option = (name: string, value: string | undefined): Words =>
  value === undefined ? [] : value.startsWith("-") ? [`--${name}=${value}`] : [`--${name}`, value];

/** Writes an option for each value. With `none`, that is the option of an empty list. */
const each = (name: string, values: readonly string[] = [], none?: Words): Words =>
  values.length === 0 && none !== undefined ? none : values.flatMap((value) => option(name, value));

const flag = (name: string, isSet: boolean | undefined): Words => (isSet === true ? [`--${name}`] : []);

/** Writes values and options. A value with a dash in front comes after all options. */
const valued = (values: Words, ...options: string[]): Words =>
  values.some((value) => value.startsWith("-")) ? [...options, "--", ...values] : [...values, ...options];

const limits = ({ below, boundaries = {}, from, until }: Limits): Words => [
  ...flag("here", below === false),
  ...Object.entries(boundaries).flatMap(([name, values]) => option("only", `${name}=${values.join(",")}`)),
  ...option("from", from),
  ...option("until", until),
];

const texts = ({ title, description }: { title?: string; description?: string }): Words => [
  ...option("title", title),
  ...option("description", description),
];

/** Writes a new subject. The options of limits count for every role, so there is no line if the roles differ in them. */
function newcomer(name: string): (fields: Fields<"invite">) => Words | undefined {
  return ({ subject, roles, name: called, email, native, external, confirm }) => {
    const [first = [], ...others] = roles.map((role) => limits(role as Limits));
    if (others.some((other) => other.join("\n") !== first.join("\n"))) return undefined;
    return [
      ...[name, subject, ...roles.flatMap(({ role, at }) => ["--role", `${role}@${at}`]), ...first],
      ...[...option("name", called), ...option("email", email), ...option("native", native)],
      ...[...flag("external", external), ...flag("confirm", confirm)],
    ];
  };
}

const held =
  (name: string) =>
  (fields: Fields<"assign">): Words => [name, fields.subject, fields.role, fields.at, ...limits(fields as Limits)];

const about =
  (...names: string[]) =>
  ({ subject }: { subject: string }): Words => [...names, subject];

const numbered =
  (name: string) =>
  ({ request }: { request: string }): Words => [name, request];

const part = (name: string, value: unknown): Words => (value === undefined ? [] : [`${name}=${String(value)}`]);

function setRoles({ subject, at, roles }: Fields<"set-roles">): Words | undefined {
  if (roles.some(({ boundaries }) => boundaries !== undefined)) return undefined;
  const written = roles.map(({ role, below, from, until }) =>
    [role, ...(below === false ? ["here"] : []), ...part("from", from), ...part("until", until)].join(","),
  );
  return ["set-roles", subject, at, ...each("role", written)];
}

const mapped = ({ role, at, below, boundaries = {} }: Fields<"set-role-mapping">["roles"][number]): string => {
  const values = Object.entries(boundaries).flatMap(([name, all]) => all.map((value) => `${name}=${value}`));
  return [`${role}@${at}`, ...(below === false ? ["here"] : []), ...values].join(",");
};

const LINES: { readonly [N in Sent]: (fields: Fields<N>) => Words | undefined } = {
  invite: newcomer("invite"),
  "add-user": newcomer("add"),
  "add-app": newcomer("add"),
  "add-support": newcomer("add"),
  "resend-invitation": about("resend"),
  "suspend-subject": about("suspend"),
  "resume-subject": about("resume"),
  "remove-subject": ({ subject, at }) => ["remove", subject, "--at", at],
  "mark-external": ({ subject, confirm }) => ["mark-external", subject, ...flag("confirm", confirm)],
  "unmark-external": about("unmark-external"),
  "reset-password": about("reset-password"),
  "set-person": ({ subject, at, name, email }) => [
    ...["set-person", subject, "--at", at],
    ...[...option("name", name), ...option("email", email)],
  ],
  "erase-person": ({ subject, at }) => ["erase-person", subject, "--at", at],
  "set-boundary": ({ subject, boundary, values }) => [
    "set-boundary",
    ...(values === undefined || values === "*"
      ? [subject, boundary, values === undefined ? "--default" : "--all"]
      : valued([subject, boundary, ...values])),
  ],
  assign: held("assign"),
  withdraw: held("withdraw"),
  "set-roles": setRoles,
  "set-role": ({ role, at, inherits, grants, except, ...shown }) => [
    ...["role", "set", role, "--at", at, ...texts(shown)],
    ...[...each("inherit", inherits), ...each("grant", grants), ...each("except", except)],
  ],
  "delete-role": ({ role, at, cascade }) => ["role", "delete", role, "--at", at, ...flag("cascade", cascade)],
  "copy-role": ({ of, role, at }) => ["role", "copy", of, role, "--at", at],
  "reset-role": ({ role, at }) => ["role", "reset", role, "--at", at],
  "set-overlay": ({ role, at, grants, except, reads, ...shown }) => [
    ...["overlay", "set", role, "--at", at, ...texts(shown)],
    ...(grants === undefined ? [] : each("grant", grants, ["--grants-nothing"])),
    ...(except === undefined ? [] : each("except", except, ["--excepts-nothing"])),
    ...(reads === undefined ? [] : each("reads", reads, ["--reads-nothing"])),
  ],
  "reset-overlay": ({ role, at }) => ["overlay", "reset", role, "--at", at],
  "add-group": ({ group, at }) => ["group", "add", group, "--at", at],
  "delete-group": ({ group, cascade }) => ["group", "delete", group, ...flag("cascade", cascade)],
  "join-group": ({ group, member }) => ["group", "join", group, member],
  "leave-group": ({ group, member }) => ["group", "leave", group, member],
  "set-role-mapping": ({ at, provider, group, roles }) => [
    ...["role-mapping", "set"],
    ...valued([provider, group], "--at", at, ...each("role", roles.map(mapped))),
  ],
  "remove-role-mapping": ({ at, provider, group }) => [
    "role-mapping",
    "remove",
    ...valued([provider, group], "--at", at),
  ],
  lock: ({ items, at, groups }) => ["lock", ...valued(items, "--at", at, ...each("group", groups))],
  "set-app": ({ subject, token_lifetime, networks, ...shown }) => [
    ...["app", "set", subject, ...texts(shown)],
    ...[...option("token-lifetime", token_lifetime), ...each("network", networks)],
  ],
  "add-secret": ({ subject, until, note }) => [
    ...["app", "add-secret", subject],
    ...[...option("until", until), ...option("note", note)],
  ],
  "remove-secret": ({ subject, secret }) => ["app", "remove-secret", subject, secret],
  "request-access": (fields) => [
    ...["request", fields.role, fields.at, ...limits(fields as Limits)],
    ...option("reason", fields.reason),
  ],
  "approve-access": numbered("approve"),
  "deny-access": numbered("deny"),
  "withdraw-request": numbered("withdraw-request"),
  "end-access": numbered("end-access"),
  "set-support": ({ at, access, reads }) => [
    ...["settings", "support", at, access],
    ...(reads === undefined ? [] : each("reads", reads, ["--reads-nothing"])),
  ],
  "set-networks": ({ at, ranges, force }) => ["settings", "networks", at, ...ranges, ...flag("force", force)],
  "set-timeout": ({ at, timeout }) => ["settings", "timeout", at, ...(timeout === undefined ? [] : [timeout])],
  "set-login": ({ at, methods, force }) => ["settings", "login", at, ...methods, ...flag("force", force)],
  "set-second-factor": ({ at, required, force }) => [
    ...["settings", "second-factor", at, required ? "required" : "optional"],
    ...flag("force", force),
  ],
  "set-sign-on": ({ at, title, issuer, client_id, client_secret, method, claim, group_claim, request_scopes }) => [
    ...["sign-on", "set", at, ...option("title", title), "--issuer", issuer],
    ...option("client-id", client_id),
    // A secret does not belong into the history of a shell.
    ...option("client-secret-file", client_secret === undefined ? undefined : "FILE"),
    ...[...option("method", method), ...option("claim", claim), ...option("group-claim", group_claim)],
    ...each("request-scope", request_scopes),
  ],
  "remove-sign-on": ({ at, force }) => ["sign-on", "remove", at, ...flag("force", force)],
};

/** Returns the line of one command. What the options cannot say is written as JSON. */
function lineOf(command: Command): string {
  const [name = "", fields = {}] = Object.entries(command)[0] ?? [];
  const words = (LINES as Readonly<Record<string, (fields: object) => Words | undefined>>)[name]?.(fields);
  return ["rolecall", "admin", ...(words ?? ["do", JSON.stringify(command)])].map(shellWord).join(" ");
}

/** Returns the command line of commands. A shell runs the next one only if the one before succeeded. */
export function commandLine(commands: Command | readonly Command[]): string {
  return (Array.isArray(commands) ? (commands as readonly Command[]) : [commands as Command]).map(lineOf).join(" && ");
}
