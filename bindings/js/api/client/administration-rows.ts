/** What the addresses of administration answer. The keys are those of the JSON. */

import type { Diff } from "../types.js";

/** A kind of holders. */
export type HolderKind = "users" | "applications" | "support" | "groups";
/** The status of a subject. */
export type SubjectStatus = "active" | "invited" | "suspended" | "removed";
/** Whether an assignment is in effect. */
export type AssignmentState = "active" | "not-yet" | "expired";
/** Whether the policy or a scope defines a role. */
export type RoleSource = "policy" | "custom";
/** The values of a subject in a boundary; `"*"` for all. */
export type BoundaryValues = "*" | string[];

/** The version of the state that answered, for `ifMatch`. */
export interface Versioned {
  version: number;
}

/** A page of a list. */
export interface Page<Row> {
  rows: Row[];
  /** The number of rows of all pages. */
  total: number;
  /** The cursor of the next page, for `after`; absent on the last page. */
  next?: string;
}

/** A group of an identity provider. */
export interface ProviderGroup {
  provider: string;
  group: string;
}

/** A role assignment in a list. */
export interface ListedAssignment {
  role: string;
  title?: string;
  description?: string;
  at: string;
  /** `false` if the role holds at the scope only. */
  below?: false;
  boundaries?: Record<string, string[]>;
  from?: string;
  until?: string;
  /** The mapped group that gives the role, if the subject does not hold it directly. */
  group?: string;
  mapped?: ProviderGroup;
  state: AssignmentState;
}

/** A subject or group, with its roles at a scope and below. */
export interface HolderRow {
  subject: string;
  /** The display name of a group. */
  title?: string;
  /** The name of a person, for readers who may see it. */
  name?: string;
  email?: string;
  /** The fields with personal data that the reader may not see. */
  hidden?: string[];
  /** Absent for a group. */
  status?: SubjectStatus;
  invited_until?: string;
  /** The identity domain. That of another tenant is `Other`. */
  native?: string;
  external?: true;
  boundaries?: Record<string, BoundaryValues>;
  /** At most 100 members of a group. */
  members?: string[];
  member_count?: number;
  mapped?: ProviderGroup;
  roles: ListedAssignment[];
}

/** An invitation that is not accepted. */
export interface InvitationRow {
  subject: string;
  at: string;
  until?: string;
  by: string;
  email?: string;
}

/** One subject with everything that the reader may know. */
export interface UserDetails extends HolderRow {
  groups: { group: string; title?: string }[];
  invitations: InvitationRow[];
  last_login?: string;
}

/** A role, as it is at a scope. */
export interface RoleRow {
  role: string;
  title?: string;
  description?: string;
  origin: RoleSource;
  /** The scope that defines a custom role. */
  at?: string;
  /** The role of the policy of which a custom role is a copy. */
  copy_of?: string;
  /** The scope whose overlays change the role. */
  overlay?: string;
  /** The replacement of a deprecated role. */
  deprecated?: string;
  standalone: boolean;
  assignable: string[];
  instance_types?: string[];
  available: boolean;
  reads: string[];
  inherits: string[];
  /** The permissions that the role grants itself. */
  grants: string[];
  /** The permissions that it inherits, by the role that it inherits directly. */
  inherited: Record<string, string[]>;
  /** Absent if the reader may not see the holders of roles. */
  members?: number;
}

/** Someone who holds a role. */
export interface MemberRow {
  subject: string;
  kind: HolderKind;
  status?: SubjectStatus;
  member_count?: number;
  /** The group that holds the role; absent for a direct assignment. */
  through?: string;
  at: string;
  below?: false;
  boundaries?: Record<string, string[]>;
  from?: string;
  until?: string;
  state: AssignmentState;
}

/** The definition of a custom role. */
export interface RoleDefinition {
  title?: string;
  description?: string;
  inherits?: string[];
  grants?: string[];
  except?: string[];
}

/** A role and a page of its members. */
export interface RoleDetails {
  role: RoleRow;
  /** The definition of a custom role, as it was written. */
  definition?: RoleDefinition;
  /** Absent if the reader may not see the holders of roles. */
  members?: Page<MemberRow>;
}

/** A role that the actor may assign. */
export interface AssignableRow {
  role: string;
  title?: string;
  description?: string;
  origin: RoleSource;
  at?: string;
  deprecated?: string;
  held: boolean;
}

/** A secret of an application, without the secret itself. */
export interface SecretRow {
  id: string;
  created: string;
  until?: string;
  expired?: true;
  note?: string;
  last_use?: { time: string; ip?: string };
}

/** An application, with its settings and secrets. */
export interface ApplicationRow {
  subject: string;
  client_id: string;
  title?: string;
  description?: string;
  status: SubjectStatus;
  roles: ListedAssignment[];
  token_lifetime?: string;
  networks?: string[];
  secrets: SecretRow[];
}

/** Something that ends soon. */
export interface EndingRow {
  what: "role" | "support-access" | "temporary-access" | "invitation" | "secret";
  subject: string;
  kind: HolderKind;
  name?: string;
  hidden?: string[];
  role?: string;
  title?: string;
  description?: string;
  secret?: string;
  at?: string;
  until: string;
}

/** A holder of a role that reads labels. */
export interface LabelReaderRow extends MemberRow {
  role: string;
  title?: string;
  description?: string;
  labels: string[];
}

/** An account that was not used for a while. */
export interface InactiveRow extends HolderRow {
  /** Absent if there was none. */
  last_login?: string;
}

/** A request for temporary access. */
export interface RequestRow {
  id: string;
  subject: string;
  role: string;
  title?: string;
  description?: string;
  at: string;
  below?: false;
  boundaries?: Record<string, string[]>;
  until: string;
  reason: string;
  asked: string;
  state: "pending" | "approved" | "denied" | "withdrawn" | "ended";
  since?: string;
  decided_by?: string;
}

/** The name of a row or a column of a matrix. */
export interface MatrixHeading {
  id: string;
  title?: string;
  description?: string;
}

/** A cell of a matrix. */
export type MatrixCell = "none" | "expired" | "not-yet" | "indirect" | "direct";

/** What a matrix shows. */
export type MatrixKind = "roles-permissions" | "people-roles" | "people-permissions";

/** A page of a matrix. */
export interface Matrix extends Page<MatrixHeading & { cells: MatrixCell[] }> {
  of: MatrixKind;
  at: string;
  columns: MatrixHeading[];
}

/** The password rules of an identity domain. */
export interface PasswordRules {
  min_length?: number;
  character_kinds?: number;
  history?: number;
  max_age_days?: number;
}

/** The settings of a scope. Parts that the reader may not see are absent. */
export interface Settings {
  support_access?: "none" | "named" | "all";
  support_reads?: string[];
  ip_allow?: string[];
  idle_timeout?: string;
  login?: { methods: string[] };
  second_factor?: "required" | "optional";
  passwords?: PasswordRules;
}

/** An identity provider that a scope sets. */
export interface SignOnRow {
  at: string;
  /** The id of the provider, as logins and role mappings name it. */
  id: string;
  title?: string;
  issuer: string;
  client_id: string;
  /** `set` if there is one. Nobody reads it back. */
  client_secret?: "set";
  method: string;
  claim: string;
  group_claim: string;
  request_scopes?: string[];
}

/** A role that a group of an identity provider gives. */
export interface MappedRole {
  role: string;
  at: string;
  /** `false` if the role holds at the scope only. */
  below?: false;
  boundaries?: Record<string, string[]>;
}

/** The roles that a group of an identity provider gives. */
export interface RoleMappingRow {
  at: string;
  provider: string;
  group: string;
  mapped_group: string;
  members: number;
  roles: MappedRole[];
  /** Present if the server no longer has the provider. */
  provider_missing?: true;
}

/** A role of the policy that a scope edits. */
export interface OverlayRow {
  role: string;
  at: string;
  policy_title?: string;
  grants_added: string[];
  grants_removed: string[];
  reads_added: string[];
  reads_removed: string[];
  overlay: {
    title?: string;
    description?: string;
    grants?: string[];
    except?: string[];
    reads?: string[];
  };
}

/** An item that is locked or owned. */
export interface LockRow {
  item: string;
  at: string;
  owner?: string;
  groups: string[];
}

/** An object before and after an event. */
export interface ObjectChange {
  kind: string;
  id: string;
  before?: unknown;
  after?: unknown;
}

/** What happened to the session of a user or an application. */
export interface SessionRecord {
  subject?: string;
  login?: string;
  provider?: string;
  domain?: string;
  reason?: string;
  secret?: string;
  count?: number;
}

/** An event of administration. */
export interface AdministrationEvent {
  seq: number;
  time: string;
  actor: string;
  ip?: string;
  peer?: string;
  application?: string;
  id?: string;
  operation: string;
  object_type: string;
  /** The command, by its name. */
  command?: Record<string, unknown>;
  changes: ObjectChange[];
  session?: SessionRecord;
  mapped?: { subject: string; provider: string; domain: string; omitted?: { group: string; reason: string }[] };
}

/** An entry of the audit log. */
export interface AuditEntry {
  date: string;
  username: string;
  objectType: string;
  objects: { id: string; name: string }[];
  operation: string;
  ipAddress?: string;
  peerAddress?: string;
  application?: string;
  event: AdministrationEvent;
  /** Absent if the reader sees a part of the event only. */
  hash?: string;
}

/** What the actor should consider about a command that is accepted. */
export interface CommandHint {
  code: string;
  message: string;
  help: string;
}

/** The answer to a command. */
export interface CommandResult {
  /** The event; `null` if nothing changes. Absent for a retry. */
  event?: AdministrationEvent | null;
  /** The event of the first attempt, for a retry. */
  before?: AdministrationEvent;
  /** How the permissions of subjects would change; in a dry run only. */
  diff?: Diff;
  hints?: CommandHint[];
  /** The credentials of an application with a new secret. They are shown once. */
  client?: ClientCredentials;
  time_stands_still_at?: string;
}

/** The credentials of an application. */
export interface ClientCredentials {
  client_id: string;
  client_secret: string;
}

/** The answer to several commands. */
export interface TransactionResult {
  /** One for each command. In a dry run, a refused command has `error`. */
  results: (CommandResult & { error?: Refused })[];
  /** The number of refused commands; in a dry run only. */
  refused?: number;
}

/** A refused command, or a refused row of an import. */
export interface Refused {
  code: string;
  message: string;
  help?: string;
}

/** What a row of an import does, or why it is refused. */
export interface ImportRow {
  /** The line of the table, from 1. */
  line: number;
  subject?: string;
  action?: "added" | "changed" | "unchanged";
  refused?: Refused;
}

/** The answer to an import. */
export interface ImportResult {
  rows: ImportRow[];
  added: number;
  changed: number;
  unchanged: number;
  refused: number;
}

/** Whether an actor may give a command, or see a view, at a scope. */
export interface Right {
  allowed: boolean;
  /** The permissions that the policy maps the name to at this scope; one of them is enough. */
  requires: string[];
}

/** The commands and views of a policy, as an actor may use them at a scope. */
export interface Rights {
  at: string;
  /** Every name that the policy maps, for any kind of scope. */
  commands: Record<string, Right>;
}

/** The documents of an engine that answers at a scope and below. */
export interface Documents {
  at: string;
  /** Whether the directory has the people, applications and groups. */
  people: boolean;
  policy: object;
  directory: object;
}

/** What a check of the chain of hashes found. */
export interface ChainCheck {
  intact: boolean;
  /** The number of events whose hash was checked; absent if the reader does not see every event. */
  checked?: number;
  /** The number of the first event that does not fit; absent if the reader does not see every event. */
  broken_at?: number;
  /** How many of the events concern the scope. */
  at_scope: number;
  last?: string;
  /** Whether the reader sees every event with its hash, and can repeat the check. */
  whole: boolean;
  /** The last hash; absent if the reader does not see every event. */
  head?: string;
}
