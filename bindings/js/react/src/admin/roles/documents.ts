/** The parts of a policy and a directory that the pages of roles read. */

/** An action of a resource, with its own title. */
export interface ActionText {
  title?: string;
  description?: string;
  writes?: boolean;
}

/** A resource of the policy. */
export interface ResourceText {
  title?: string;
  description?: string;
  actions?: readonly string[] | Readonly<Record<string, ActionText>>;
  resources?: Readonly<Record<string, ResourceText>>;
}

/** A role as a document writes it: of the policy, of a scope, or the edits of an overlay. */
export interface RoleText {
  title?: string;
  description?: string;
  inherits?: readonly string[];
  grants?: readonly string[];
  except?: readonly string[];
  reads?: readonly string[];
  standalone?: boolean;
  deprecated?: string;
}

/** A label, by name or with its texts. */
export type LabelsText = readonly string[] | Readonly<Record<string, { title?: string; description?: string }>>;

/** An entry of a menu. */
export interface MenuText {
  id: string;
  title?: string;
  items?: readonly MenuText[];
}

/** A policy document. */
export interface PolicyText {
  title?: string;
  labels?: LabelsText;
  actions?: Readonly<Record<string, ActionText>>;
  resources: Readonly<Record<string, ResourceText>>;
  roles: Readonly<Record<string, RoleText>>;
  limits?: { custom_roles_from?: "grants" | "roles" | "both" };
  menus?: Readonly<Record<string, readonly MenuText[]>>;
}

/** An assignment of a directory. */
export interface AssignmentText {
  subject: string;
  role: string;
  at: string;
  from?: string;
  until?: string;
}

/** The settings of a scope. */
export type SettingsText = Readonly<Record<string, unknown>>;

/** A directory document. */
export interface DirectoryText {
  scopes?: readonly string[];
  roles?: Readonly<Record<string, Readonly<Record<string, RoleText>>>>;
  overlays?: Readonly<Record<string, Readonly<Record<string, RoleText>>>>;
  groups?: Readonly<Record<string, { title?: string; members?: readonly string[] }>>;
  subjects?: Readonly<Record<string, object | null>>;
  assignments?: readonly AssignmentText[];
  settings?: Readonly<Record<string, SettingsText>>;
  [key: string]: unknown;
}

/** The names of the labels of a policy. */
export function labelNames(policy: PolicyText): string[] {
  const { labels = [] } = policy;
  return Array.isArray(labels) ? [...(labels as readonly string[])] : Object.keys(labels);
}

/** A text that sorts and compares. */
export const byText = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
