/** The texts of a policy that the page of a person shows. */

interface ActionText {
  title?: string;
}

interface ResourceText {
  title?: string;
  actions?: readonly string[] | Readonly<Record<string, ActionText | null>>;
  resources?: Readonly<Record<string, ResourceText>>;
}

/** An entry of a menu, with everything that anybody may see. */
export interface MenuText {
  id: string;
  title?: string;
  items?: readonly MenuText[];
}

interface RoleText {
  title?: string;
  reads?: readonly string[];
}

/** The parts of a policy document that are read. */
export interface PolicyText {
  actions?: Readonly<Record<string, ActionText | null>>;
  resources?: Readonly<Record<string, ResourceText>>;
  roles?: Readonly<Record<string, RoleText>>;
  menus?: Readonly<Record<string, readonly MenuText[]>>;
  labels?: readonly string[] | Readonly<Record<string, { title?: string } | null>>;
}

/** A permission with its words. */
export interface PermissionText {
  permission: string;
  /** The titles of its resources, from the outermost one on. */
  resource: string;
  action: string;
}

/** Everything that can be allowed, in the order of the policy. */
export interface Catalogue {
  permissions: readonly PermissionText[];
  texts: ReadonlyMap<string, PermissionText>;
  menus: Readonly<Record<string, readonly MenuText[]>>;
  roleTitle: (role: string) => string;
  labelTitle: (label: string) => string;
}

/** Reads a policy document. Actions without a title of the policy get that of a function. */
export function catalogueOf(policy: PolicyText, actionTitle: (action: string) => string): Catalogue {
  const permissions: PermissionText[] = [];
  const read = (resources: PolicyText["resources"], path: string, titles: string): void => {
    for (const [name, own] of Object.entries(resources ?? {})) {
      const here = path === "" ? name : `${path}/${name}`;
      const title = own.title ?? name;
      // A title that repeats the one above it says enough.
      const resource = titles === "" || title.startsWith(titles) ? title : `${titles} › ${title}`;
      for (const [action, text] of actionsOf(own))
        permissions.push({
          permission: `${here}:${action}`,
          resource,
          action: text.title ?? policy.actions?.[action]?.title ?? actionTitle(action),
        });
      read(own.resources, here, resource);
    }
  };
  read(policy.resources, "", "");
  const texts = new Map(permissions.map((text) => [text.permission, text]));
  return {
    permissions,
    texts,
    menus: policy.menus ?? {},
    roleTitle: (role) => policy.roles?.[role]?.title ?? words(role),
    labelTitle: (label) => labelTitle(policy.labels, label),
  };
}

function actionsOf({ actions = [] }: ResourceText): [string, ActionText][] {
  if (Array.isArray(actions)) return (actions as readonly string[]).map((action) => [action, {}]);
  return Object.entries(actions as Readonly<Record<string, ActionText | null>>).map(([action, text]) => [
    action,
    text ?? {},
  ]);
}

function words(name: string): string {
  const text = name.replaceAll("-", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function labelTitle(labels: PolicyText["labels"], label: string): string {
  const own =
    labels === undefined || Array.isArray(labels)
      ? undefined
      : (labels as Record<string, { title?: string } | null>)[label];
  return own?.title ?? label.toUpperCase();
}

/** An entry of a menu, and whether somebody sees it. */
export interface SeenItem {
  id: string;
  title: string;
  seen: boolean;
  items: SeenItem[];
}

interface VisibleItem {
  id: string;
  title?: string;
  items?: readonly VisibleItem[];
}

/** Marks the entries of a menu that are visible. */
export function markSeen(all: readonly MenuText[], visible: readonly VisibleItem[]): SeenItem[] {
  const found = new Map(visible.map((item) => [item.id, item]));
  return all.map(({ id, title, items = [] }) => ({
    id,
    title: title ?? words(id),
    seen: found.has(id),
    items: markSeen(items, found.get(id)?.items ?? []),
  }));
}
