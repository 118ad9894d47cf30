/** The permissions of a subject at a scope, by resource and action. */

/** One way in which a subject holds a permission. */
export interface Grant {
  role: string;
  via: string[];
  subject: string;
  at: string;
}

/** A permission of a policy, and the grants that a subject has. */
export interface Holding {
  permission: string;
  granted_by: Grant[];
}

/** A resource with its actions. */
export interface ResourceRow {
  resource: string;
  /** By action: the grants, an empty list if the subject lacks it. Actions that the resource lacks are absent. */
  actions: Record<string, Grant[]>;
  /** The assigned roles that give something here. */
  roles: Grant[];
  held: number;
}

const split = (permission: string): [resource: string, action: string] => {
  const at = permission.lastIndexOf(":");
  return [permission.slice(0, at), permission.slice(at + 1)];
};

/** Returns a row for each resource of the policy, in the order of the policy. */
export function byResource(all: readonly string[], held: readonly Holding[]): ResourceRow[] {
  const grants = new Map(held.map(({ permission, granted_by }) => [permission, granted_by]));
  const rows = new Map<string, ResourceRow>();
  for (const permission of all) {
    const [resource, action] = split(permission);
    const row = rows.get(resource) ?? { resource, actions: {}, roles: [], held: 0 };
    const found = grants.get(permission);
    row.actions[action] = found ?? [];
    if (found !== undefined) row.held += 1;
    row.roles = distinct([...row.roles, ...(found ?? [])]);
    rows.set(resource, row);
  }
  return [...rows.values()];
}

/** Returns the grants of different assignments. */
function distinct(grants: readonly Grant[]): Grant[] {
  const found = new Map(grants.map((grant) => [[grant.via[0], grant.subject, grant.at].join("\n"), grant]));
  return [...found.values()];
}

/** The order of actions that most resources have. */
const USUAL = ["view", "use", "edit", "create", "delete", "publish", "export"];

/** Returns the actions of the most resources as columns, and whether there are others. */
export function columns(rows: readonly ResourceRow[], most = 6): { actions: string[]; others: boolean } {
  const counts = new Map<string, number>();
  for (const { actions } of rows)
    for (const action of Object.keys(actions)) counts.set(action, (counts.get(action) ?? 0) + 1);
  const rank = (action: string): number => (USUAL.includes(action) ? USUAL.indexOf(action) : USUAL.length);
  const common = [...counts].sort(([, one], [, other]) => other - one).map(([action]) => action);
  const chosen = common.slice(0, most).sort((one, other) => rank(one) - rank(other) || one.localeCompare(other));
  return { actions: chosen, others: common.length > most };
}
