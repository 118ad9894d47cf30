/** The shapes of requests and answers: those of the canonical JSON, key by key. */

/**
 * The names that a policy has. It is empty, and names are texts; what `rolecall names` writes fills it in, and then a name that the
 * policy lacks does not compile.
 */
export interface PolicyNames {}

type Named<K extends string> = PolicyNames extends { [kind in K]: infer N extends string } ? N : string;

/** `resource:action`, such as `segments:edit`. */
export type PermissionName = Named<"permission">;
/** A role of the policy; a directory has others as well. */
export type RoleName = Named<"role"> | (string & {});
export type LabelName = Named<"label">;
export type BoundaryName = Named<"boundary">;
export type MenuName = Named<"menu">;

/** Something for some boundaries, by name. */
export type ByBoundary<V> = string extends BoundaryName
  ? Readonly<Record<string, V>>
  : { readonly [name in BoundaryName]?: V };

/** An instant: RFC 3339 with a zone, or a `Date`. */
export type Timestamp = string | Date;

/** When someone asks, and what is known of the connection. */
export interface Context {
  time: Timestamp;
  /** IPv4 or IPv6. */
  ip?: string;
  /** Without it the session counts as new. */
  last_activity?: Timestamp;
  /** How the subject logged in, such as `sso`. */
  login?: string;
  /** Lets only these assigned roles count. */
  active_roles?: readonly RoleName[];
}

/** A context with the path of its scope, such as `main/acme/shop`. */
export interface SessionContext extends Context {
  at: string;
}

/**
 * The item that a question is about; an item without values in a boundary is open to all. A plain object: what JSON has no
 * value for, such as `undefined` or a `Map`, is refused.
 */
export interface Resource {
  labels?: readonly LabelName[];
  boundaries?: ByBoundary<readonly string[]>;
}

/** A question: may this subject do this, here and now? */
export interface Request {
  subject: string;
  permission: PermissionName;
  at: string;
  resource?: Resource;
  context: Context;
}

/** One way in which a permission is held. */
export interface Grant {
  /** The role whose own grants hold the permission. */
  role: string;
  /** The inheritance path from the assigned role to that role, both ends included. */
  via: string[];
  /** Who holds the assigned role: the subject, or one of its groups. */
  subject: string;
  /** The scope of the assignment. */
  at: string;
}

/** Whether someone may do something, why, and until when the answer holds. An object is always true: ask `.allow`. */
export interface Decision {
  allow: boolean;
  /** Every objection, in the order of the guards; on allow `granted`. */
  reasons: string[];
  granted_by: Grant[];
  /** The labels that the subject may not read, sorted. */
  withheld: string[];
  /** Without an item: the subject's values in each boundary that limits the action. */
  narrowed: Record<string, string[]>;
  /** The first later instant at which any of this may differ. */
  valid_until?: string;
}

/** An item of a menu. */
export interface MenuItem {
  id: string;
  title: string;
  href?: string;
  items?: MenuItem[];
  disabled?: true;
}

/** The part of a menu that someone sees. */
export interface Menu {
  items: MenuItem[];
  /** The first visible link. */
  landing?: string;
  valid_until?: string;
}

/** Everything that someone may do at a scope. */
export interface Permissions {
  /** Sorted. */
  permissions: string[];
  valid_until?: string;
}

/** Everyone who may do something at a scope, as far as the directory alone can tell. */
export interface WhoCan {
  /** The listed subjects, sorted. */
  subjects: string[];
  /** Whether support staff may who are not listed. */
  support: boolean;
  valid_until?: string;
}

/** Every scope where someone may do something, as far as the directory alone can tell. */
export interface WhereCan {
  /** Sorted. */
  scopes: string[];
  valid_until?: string;
}

/** A role that holds a permission. */
export interface GrantingRole {
  role: string;
  /** The scope at which a custom role is defined. */
  at?: string;
  /** Whether its own grants hold the permission, rather than those of a role that it inherits. */
  own: boolean;
}

/** What the active roles of someone give together, and which role gives what, whatever a guard says. */
export interface Effective {
  permissions: { permission: string; granted_by: Grant[] }[];
  /** The labels that are read, sorted. */
  reads: string[];
  valid_until?: string;
}

/** What one guard says. */
export interface GuardReport {
  guard: string;
  reasons: string[];
  because: string;
}

/** What one assignment contributes. */
export interface AssignmentReport {
  at: string;
  role: string;
  subject: string;
  from?: string;
  until?: string;
  state: "active" | "ended" | "not-begun" | "elsewhere" | "not-activated";
  /** The inheritance paths to each role whose own grants hold the permission. */
  grants: string[][];
}

/** A decision with everything that was looked at. */
export interface Explanation {
  subject: string;
  permission: string;
  at: string;
  time: string;
  decision: Decision;
  guards: GuardReport[];
  assignments: AssignmentReport[];
  /**
   * For a denial, the smallest changes that would turn it: at most five sets of changes, what gives least first. Each
   * set was tried, and none of its changes can be left out.
   */
  would_allow: Change[][];
}

/** One change that, alone or with others, would turn a denial: to the directory, or to how the question is asked. */
export type Change =
  | { change: "activate" | "deactivate"; role: string }
  | { change: "use-login"; login: string }
  | { change: "log-in-anew" }
  | { change: "use-address"; ip: string }
  | { change: "allow-address"; at: string; ip: string }
  | { change: "add-subject" | "make-active"; subject: string }
  | { change: "open-support"; at: string; support_access: "named" | "all" }
  | { change: "add-values"; subject: string; boundary: string; values: string[] }
  | { change: "begin"; subject: string; role: string; at: string; from: string }
  | { change: "extend"; subject: string; role: string; at: string; until: string }
  | { change: "assign"; subject: string; role: string; at: string };

/** An explanation for the person who asks: codes only, nothing of roles, of other people, of networks or settings. */
export interface RedactedExplanation {
  subject: string;
  permission: string;
  at: string;
  time: string;
  allow: boolean;
  reasons: string[];
  /** The guards that object, in their order. */
  guards: string[];
  valid_until?: string;
}

/** Which fields of a record carry which labels, by path: `address.street`, `orders[*].note`, `**.phone`. */
export type FieldLabels = Readonly<Record<string, LabelName | readonly LabelName[]>>;

/** A record without what may not be read; what is left of it is for the caller to know. */
export interface Redacted<R = unknown> {
  record: R;
  /** The labels among those of the fields that may not be read, whether the record has such fields or not. */
  withheld: string[];
  valid_until?: string;
}

/** What a portable session covers beside the scope of the session that it is made of. */
export interface Coverage {
  scopes?: readonly string[];
  /** Menus that come along. */
  menus?: readonly MenuName[];
  /** The first instant that is no longer covered; without it there is no end. */
  until?: Timestamp;
}

/** Who asks where and when in a portable session, and what it covers. */
export interface PortableCoverage {
  subject: string;
  at: string;
  time: string;
  /** Whether both are covered; else everything is denied. */
  is_covered: boolean;
  scopes: string[];
  menus: string[];
  /** The first instant that is covered, 30 seconds before that of the session: clocks may be behind. */
  from: string;
  until?: string;
}

/** What someone gains or loses at a scope. */
export interface Access {
  /** Absent for support staff who are not listed. */
  subject?: string;
  at: string;
  permissions: string[];
  /** The labels that may be read. */
  reads: string[];
}

/** What would change for whom, from one policy and directory to another. */
export interface Diff {
  gained: Access[];
  lost: Access[];
  valid_until?: string;
}

/** What a directory holds against the policy's rules for administration. */
export interface Violations {
  /** Subjects that hold more roles of a constraint together than it lets be assigned. */
  separation: { constraint: string; subject: string; at: string; roles: string[]; at_most: number }[];
  /** Scopes with more of something than a limit of the policy allows. */
  limits: { limit: "users_per_project"; at: string; count: number; at_most: number }[];
  valid_until?: string;
}

/** A role that is assigned, as the directory has it. */
export interface Assignment {
  subject: string;
  role: RoleName;
  at: string;
  from?: Timestamp;
  until?: Timestamp;
}

/** A member of a group. */
export interface Membership {
  group: string;
  member: string;
}

/** A subject, as the directory lists it, with its id. */
export interface ListedSubject {
  subject: string;
  status?: "active" | "invited" | "suspended" | "removed";
  invited_until?: Timestamp;
  /** The scope whose login settings apply. */
  native?: string;
  /** Logs in by password or Google only. */
  external?: boolean;
  /** The values in each boundary; everything by `"*"`. */
  boundaries?: ByBoundary<"*" | readonly string[]>;
}

/** A custom role, as the directory has it, with its scope and name. */
export interface CustomRole {
  at: string;
  role: string;
  title?: string;
  description?: string;
  inherits?: readonly RoleName[];
  grants?: readonly string[];
}

/** What is set at a scope, as the directory has it, with the scope; nothing is set where there is no more. */
export interface ScopeSettings {
  at: string;
  support_access?: "none" | "named" | "all";
  /** Labels that support staff read beside those of their roles. */
  support_reads?: readonly LabelName[];
  ip_allow?: readonly string[];
  /** Such as `45m`. */
  idle_timeout?: string;
  login?: { methods: readonly string[] };
}

/** One change to a directory. */
export type DirectoryChange =
  | { assign: Assignment }
  | { withdraw: Assignment }
  | { join: Membership }
  | { leave: Membership }
  | { set_subject: ListedSubject }
  | { set_role: CustomRole }
  | { remove_role: { at: string; role: string } }
  | { set_settings: ScopeSettings }
  | { add_group: string }
  | { remove_group: string }
  | { add_scope: string };

/** One thing that is wrong with a document. */
export interface Issue {
  code: string;
  document: "policy" | "directory";
  /** The place in the document, such as `roles.editor.grants[0]`; empty for the whole. */
  path: string;
  line?: number;
  column?: number;
  message: string;
  help?: string;
}

/** What is wrong with a malformed question. */
export interface Fault {
  code: string;
  message: string;
  path?: string;
  help?: string;
}
