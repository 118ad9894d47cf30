/** The types of requests and answers, which match the canonical JSON key by key. */

declare global {
  /**
   * The names of a policy, for every package of Rolecall. It is empty, so names are any texts. The output of `rolecall
   * names` extends it; then a name that the policy lacks does not compile.
   */
  interface RolecallNames {}
}

type Named<K extends string> = RolecallNames extends { [kind in K]: infer N extends string } ? N : string;

/** `resource:action`, such as `segments:edit`. */
export type PermissionName = Named<"permission">;
/** A role of the policy. A directory can define others. */
export type RoleName = Named<"role"> | (string & {});
export type LabelName = Named<"label">;
export type BoundaryName = Named<"boundary">;
export type MenuName = Named<"menu">;

/** Values by the names of boundaries. */
export type ByBoundary<V> = string extends BoundaryName
  ? Readonly<Record<string, V>>
  : { readonly [name in BoundaryName]?: V };

/** A timestamp: RFC 3339 with a zone, or a `Date`. */
export type Timestamp = string | Date;

/** The timestamp of a request, and details of its connection. */
export interface Context {
  time: Timestamp;
  /** IPv4 or IPv6. */
  ip?: string;
  /** If absent, the session is new. */
  last_activity?: Timestamp;
  /** How the subject logged in, such as `sso`. */
  login?: string;
  /** Whether the login had a second factor. */
  second_factor?: boolean;
  /** If present, only these assigned roles are active. */
  active_roles?: readonly RoleName[];
  /**
   * Groups that the login of the subject stated, such as `group:marketing`: their roles count for this question. Pass only groups
   * that your server has verified.
   */
  groups?: readonly string[];
}

/** A context with the path of its scope, such as `main/acme/shop`. */
export interface SessionContext extends Context {
  at: string;
}

/**
 * The item that a request is about. An item without values in a boundary is open to all; where the boundary reads locks,
 * only with an `id`. It must be a plain object: a value that JSON cannot represent, such as `undefined` or a `Map`, is rejected.
 */
export interface Resource {
  /** The id by which the directory locks the item. */
  id?: string;
  labels?: readonly LabelName[];
  boundaries?: ByBoundary<readonly string[]>;
}

/** A request: may this subject do this, at this scope and time? */
export interface Request {
  subject: string;
  permission: PermissionName;
  at: string;
  resource?: Resource;
  context: Context;
}

/** One way in which a subject holds a permission. */
export interface Grant {
  /** The role whose own grants hold the permission. */
  role: string;
  /** The inheritance path from the assigned role to that role, both ends included. */
  via: string[];
  /** The holder of the assigned role: the subject, or one of its groups. */
  subject: string;
  /** The scope of the assignment. */
  at: string;
}

/** A decision, its reasons, and its validity. The object itself is always truthy: test `.allow`. */
export interface Decision {
  allow: boolean;
  /** The reason codes of all guards that deny, in the order of the guards; `granted` if allowed. */
  reasons: string[];
  granted_by: Grant[];
  /** The labels that the subject may not read, sorted. */
  withheld: string[];
  /** Without an item: the subject's values in each boundary that limits the action. */
  narrowed: Record<string, string[]>;
  /** The first later timestamp at which any of this may change. */
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

/** The visible part of a menu. */
export interface Menu {
  items: MenuItem[];
  /** The first visible link. */
  landing?: string;
  valid_until?: string;
}

/** All permissions of a subject at a scope. */
export interface Permissions {
  /** Sorted. */
  permissions: string[];
  valid_until?: string;
}

/** The subjects that may do something at a scope, as far as the directory alone determines. */
export interface WhoCan {
  /** The listed subjects, sorted. */
  subjects: string[];
  /** Whether support staff who are not listed may, too. */
  support: boolean;
  valid_until?: string;
}

/** The scopes where a subject may do something, as far as the directory alone determines. */
export interface WhereCan {
  /** Sorted. */
  scopes: string[];
  valid_until?: string;
}

/** The part of a long answer that is wanted. Without it, the whole answer. */
export interface PageOptions {
  /** The greatest number of entries. */
  limit?: number;
  /** The id after which the page begins: `next` of the page before. */
  after?: string;
}

/** A role that a subject or a group holds by an assignment. */
export interface HeldRole {
  role: string;
  /** The scope of the assignment. */
  at: string;
  /** The group that holds the assignment, unless it is one's own. */
  through?: string;
  /** `false` if the role holds at its scope only, not below it. */
  below?: false;
  /** The only values for which the role holds. */
  boundaries?: Record<string, string[]>;
  from?: string;
  until?: string;
}

/** The subjects that hold a role. Ignores the guards. */
export interface WhoHolds {
  /** The listed subjects, sorted by id, with their active assignments of the role. */
  holders: { subject: string; roles: HeldRole[] }[];
  /** Whether support staff who are not listed hold the role, too. */
  support: boolean;
  /** The id after which the next page begins. Absent on the last page. */
  next?: string;
  valid_until?: string;
}

/** The groups that give their members a permission at a scope. Ignores the guards. */
export interface WhichGroupsCan {
  /** Sorted by id, with the active assignments of each group and of those that contain it. */
  groups: { group: string; roles: HeldRole[] }[];
  /** The id after which the next page begins. Absent on the last page. */
  next?: string;
  valid_until?: string;
}

/** The assignments of a subject that have not ended: its own and those of its groups. */
export interface AssignmentsOf {
  assignments: HeldRole[];
  /** The first later timestamp at which an assignment ends. */
  valid_until?: string;
}

/** A question for a filter: which rows may this subject see? */
export interface FilterRequest {
  subject: string;
  permission: PermissionName;
  /** Limits the rows to a scope and those below it. */
  at?: string;
  /** Whether branches list the paths of their scopes, for tables with a column of paths. */
  list_scopes?: boolean;
  context: Context;
}

/** The values that rows need in a boundary. A row without values in the boundary needs none. */
export interface BoundaryFilter {
  /** Whether one value of a row has to be in `values`, or all of them. */
  match: "any" | "all";
  values: string[];
  /** Further values, of which a row needs one too. Only with `any`. */
  also?: string[];
}

/** Items that a subject may not see because of locks at a scope. */
export interface LockedItems {
  /** The scope of the locks. They hold there and below. */
  at: string;
  /** These scopes as numbers: the first and the last number. */
  ranges: [number, number][];
  /** The paths of those of them that are in the branch, if the question asked for them. */
  scopes?: string[];
  /** The ids, sorted. */
  items: string[];
}

/** Scopes at which the same rows are allowed. */
export interface Branch {
  /** Scopes that are in the branch with all scopes below them, except those of `without`. Parents first. */
  roots: string[];
  /**
   * Scopes that are not in the branch, with all scopes below them, except those of `roots`. Of the scopes on a path that
   * `roots` or `without` list, the innermost one decides.
   */
  without: string[];
  /** The same scopes as numbers: the first and the last number of each range. */
  ranges: [number, number][];
  /** The paths of the same scopes, if the question asked for them. */
  scopes?: string[];
  /** The values that rows need, by boundary. Other boundaries do not limit the rows. */
  boundaries: Record<string, BoundaryFilter>;
  /** The labels that rows may have, sorted. When it is absent, rows may have any. */
  labels?: string[];
  /** The items that are not allowed because of locks. Absent if locks do not decide; otherwise a row needs an id. */
  locked?: LockedItems[];
}

/** The rows that a subject may see. A row is allowed if one of the branches allows it. */
export interface Filter {
  /** Whether no row, some rows, or all rows with a listed scope at or below `at` are allowed. */
  rows: "never" | "some" | "always";
  at?: string;
  branches: Branch[];
  /** The version of the numbers in `ranges`. */
  numbering: string;
  valid_until?: string;
}

/** The numbers of the scopes. Adding, removing or renaming a scope changes them. */
export interface Numbering {
  /** The version: the count of scopes and a digest of their paths. */
  numbering: string;
  /** The index of a path is its number. Parents come first. */
  scopes: string[];
}

/** A role that holds a permission. */
export interface GrantingRole {
  role: string;
  /** The scope at which a custom role is defined. */
  at?: string;
  /** The scope from which on overlays change the role, for such a version of it. */
  overlay?: string;
  /** Whether its own grants hold the permission, instead of those of an inherited role. */
  own: boolean;
}

/** The permissions of a subject's active roles, and the roles that grant each. Ignores the guards. */
export interface Effective {
  permissions: { permission: string; granted_by: Grant[] }[];
  /** The labels that the subject may read, sorted. */
  reads: string[];
  valid_until?: string;
}

/** The result of one guard. */
export interface GuardReport {
  guard: string;
  reasons: string[];
  because: string;
}

/** The contribution of one role assignment. */
export interface AssignmentReport {
  at: string;
  role: string;
  subject: string;
  /** `false` if the role holds at its scope only, not below it. */
  below?: false;
  /** The only values for which the role holds. */
  boundaries?: Record<string, string[]>;
  from?: string;
  until?: string;
  state: "active" | "ended" | "not-begun" | "elsewhere" | "not-activated";
  /** The inheritance paths to each role whose own grants hold the permission. */
  grants: string[][];
}

/** A decision with the results of all guards and role assignments. */
export interface Explanation {
  subject: string;
  permission: string;
  at: string;
  time: string;
  decision: Decision;
  guards: GuardReport[];
  assignments: AssignmentReport[];
  /** Stated groups that do not count: the directory does not list them, or they are built in. Absent if all count. */
  ignored_groups?: string[];
  /**
   * For a denial, the smallest changes that would allow it: at most five sets, ordered by how little they grant. Each
   * set was tested, and every change in it is necessary.
   */
  would_allow: Change[][];
}

/** One change that, alone or with others, would turn a denial: to the directory, or to the context of the request. */
export type Change =
  | { change: "activate" | "deactivate"; role: string }
  | { change: "use-login"; login: string }
  | { change: "use-second-factor" | "log-in-anew" }
  | { change: "use-address"; ip: string }
  | { change: "allow-address"; at: string; ip: string }
  | { change: "add-subject" | "make-active"; subject: string }
  | { change: "open-support"; at: string; support_access: "named" | "all" }
  | { change: "add-values"; subject: string; boundary: string; values: string[] }
  | {
      change: "begin";
      subject: string;
      role: string;
      at: string;
      below?: false;
      boundaries?: Record<string, string[]>;
      from: string;
    }
  | {
      change: "extend";
      subject: string;
      role: string;
      at: string;
      below?: false;
      boundaries?: Record<string, string[]>;
      until: string;
    }
  | { change: "assign"; subject: string; role: string; at: string };

/** An explanation for the requesting person: codes only, without roles, other people, networks or settings. */
export interface RedactedExplanation {
  subject: string;
  permission: string;
  at: string;
  time: string;
  allow: boolean;
  reasons: string[];
  /** The guards that deny, in their order. */
  guards: string[];
  valid_until?: string;
}

/** The labels of the fields of a record, by path: `address.street`, `orders[*].note`, `**.phone`. */
export type FieldLabels = Readonly<Record<string, LabelName | readonly LabelName[]>>;

/** A record without the fields that may not be read. */
export interface Redacted<R = unknown> {
  record: R;
  /** Those of the given labels that may not be read, even if the record has no such fields. */
  withheld: string[];
  valid_until?: string;
}

/** The coverage of a portable session, in addition to the scope of the original session. */
export interface Coverage {
  scopes?: readonly string[];
  /** Menus to include. */
  menus?: readonly MenuName[];
  /** The first timestamp that is not covered. If absent, there is no end. */
  until?: Timestamp;
}

/** Subject, scope and timestamp of a portable session, and its coverage. */
export interface PortableCoverage {
  subject: string;
  at: string;
  time: string;
  /** Whether `at` and `time` are covered. If not, everything is denied. */
  is_covered: boolean;
  scopes: string[];
  menus: string[];
  /** The first covered timestamp, 30 seconds before that of the original session, because clocks may be slow. */
  from: string;
  until?: string;
}

/** What a view includes. */
export interface ViewCoverage {
  /** Menus to include. */
  menus?: readonly MenuName[];
  /** The permissions to include. If absent, all of them. */
  permissions?: readonly PermissionName[];
  /** Includes the parts after this one, up to here. If absent, the view ends at the next change. */
  until?: Timestamp;
}

/** Answers for one subject at one scope as data, which `rolecall/view` looks up without WebAssembly. */
export interface View {
  /** The version of this format. */
  rolecall_view: 1;
  subject: string;
  /** The path of the scope. */
  at: string;
  /** The permissions that the view answers, sorted. */
  covers: string[];
  /** The answers, one part after the other. Outside of them everything is denied. */
  parts: ViewPart[];
}

/** The answers of a view for some time. */
export interface ViewPart {
  /** The first timestamp of the part. The first part begins 30 seconds early, because clocks may be slow. */
  from: string;
  /** The first timestamp after the part. If absent, the part does not end. */
  valid_until?: string;
  /** The allowed permissions, for requests without an item, sorted. */
  permissions: string[];
  /** Those of them that boundaries or locks allow for some items only. A view denies them for every item. */
  by_item: string[];
  /** The visible parts of the menus. */
  menus: Record<string, ViewMenu>;
}

/** The visible part of a menu. */
export type ViewMenu = Omit<Menu, "valid_until">;

/** The permissions that a subject gains or loses at a scope. */
export interface Access {
  /** Absent for support staff who are not listed. */
  subject?: string;
  at: string;
  permissions: string[];
  /** The labels that may be read. */
  reads: string[];
}

/** The permissions that each subject gains or loses between two engines. */
export interface Diff {
  gained: Access[];
  lost: Access[];
  valid_until?: string;
}

/** Where a directory violates the policy's rules for administration. */
export interface Violations {
  /** Subjects with more roles of a constraint than it allows together. */
  separation: { constraint: string; subject: string; at: string; roles: string[]; at_most: number }[];
  /** Scopes that exceed a limit of the policy. */
  limits: { limit: "users_per_project"; at: string; count: number; at_most: number }[];
  valid_until?: string;
}

/** A role assignment, as in the directory. */
export interface Assignment {
  subject: string;
  role: RoleName;
  at: string;
  /** `false` lets the role hold at the scope only, not below it. */
  below?: boolean;
  /** The only values for which the role holds, by boundary. */
  boundaries?: ByBoundary<readonly string[]>;
  from?: Timestamp;
  until?: Timestamp;
}

/** A member of a group. */
export interface Membership {
  group: string;
  member: string;
}

/** A subject with its id, as in the directory. */
export interface ListedSubject {
  subject: string;
  status?: "active" | "invited" | "suspended" | "removed";
  invited_until?: Timestamp;
  /** The scope whose login settings apply. */
  native?: string;
  /** Logs in by password or Google only. */
  external?: boolean;
  /** The values in each boundary; `"*"` for all. */
  boundaries?: ByBoundary<"*" | readonly string[]>;
}

/** A custom role with its scope and name, as in the directory. */
export interface CustomRole {
  at: string;
  role: string;
  title?: string;
  description?: string;
  inherits?: readonly RoleName[];
  grants?: readonly string[];
  /** Patterns that are removed from `grants` of this role. */
  except?: readonly string[];
}

/** The edits of a role of the policy at a scope, as in the directory. An absent key keeps the value of the policy. */
export interface RoleOverlay {
  at: string;
  role: RoleName;
  title?: string;
  description?: string;
  grants?: readonly string[];
  except?: readonly string[];
  reads?: readonly LabelName[];
}

/** The settings of a scope, as in the directory. An absent key removes the setting. */
export interface ScopeSettings {
  at: string;
  support_access?: "none" | "named" | "all";
  /** Labels that support staff read in addition to those of their roles. */
  support_reads?: readonly LabelName[];
  ip_allow?: readonly string[];
  /** Such as `45m`. */
  idle_timeout?: string;
  login?: { methods: readonly string[] };
  /** Whether a second factor is necessary. */
  second_factor?: "required" | "optional";
}

/** The lock of an item, as in the directory. Without a group, the item is unlocked. */
export interface ItemLock {
  at: string;
  item: string;
  /** The groups whose members alone may act on the item. */
  groups?: readonly string[];
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
  | { set_overlay: RoleOverlay }
  | { remove_overlay: { at: string; role: string } }
  | { set_settings: ScopeSettings }
  | { set_lock: ItemLock }
  | { add_group: string }
  | { remove_group: string }
  | { add_scope: string }
  | { set_instance_type: { at: string; instance_type?: string } };

/** One error in a document. */
export interface Issue {
  /** The code, such as `role.cycle`; see `docs/codes/documents.md` in the repository. */
  code: string;
  document: "policy" | "directory";
  /** The place in the document, such as `roles.editor.grants[0]`; empty for the whole. */
  path: string;
  line?: number;
  column?: number;
  message: string;
  help?: string;
}

/** The details of an error. */
export interface ErrorDetails {
  /** The code, such as `permission.unknown`; see `docs/codes` in the repository. */
  code: string;
  message: string;
  path?: string;
  help?: string;
}
