/** The names of people, groups, applications and roles, for readers who may see them. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { useList } from "./data.js";
import { failureOf } from "./failure.js";
import { shortId } from "./ids.js";
import { keepOf } from "./keep.js";
import { useAdmin, useMay } from "./provider.js";

/** The most people, groups or applications that one request names. */
const LIST = 200;

/** The most other people that are read one by one, and how many at once. */
const MOST = 100;
const AT_ONCE = 4;

/** How long a name that was read alone is shown before it is read again, in milliseconds. */
const FRESH = 300_000;

/** Names subjects and groups. */
export interface Names {
  (id: string): string;
  /** The names are not there yet. */
  loading: boolean;
}

/** Returns the function that names subjects and groups: by the name or title, or by the id without its kind. */
export function useNames(ids: readonly string[]): Names {
  const may = useMay();
  const seesHolders = may("view-access");
  const has = (kind: string): boolean => ids.some((id) => id.startsWith(`${kind}:`));
  const enabled = seesHolders && may("view-people") && has("user");
  const people = useList("access", { kind: "users", limit: LIST }, { enabled });
  const groups = useList("access", { kind: "groups", limit: LIST }, { enabled: seesHolders && has("group") });
  const apps = useList("applications", { limit: LIST }, { enabled: may("view-applications") && has("app") });
  const known = useMemo(() => {
    const named = people.rows.map(({ subject, name, email }) => [subject, name ?? email] as const);
    const titled = [...groups.rows, ...apps.rows].map(({ subject, title }) => [subject, title] as const);
    return new Map([...named, ...titled]);
  }, [people.rows, groups.rows, apps.rows]);
  const rest = people.hasMore ? ids.filter((id) => id.startsWith("user:") && !known.has(id)).slice(0, MOST) : [];
  const others = useOthers(rest);
  const loading = people.loading || groups.loading || apps.loading;
  return useMemo(() => {
    const name = (id: string): string => known.get(id) ?? others?.get(id) ?? shortId(id);
    return Object.assign(name, { loading });
  }, [known, others, loading]);
}

/** Reads the names of people whom the list leaves out. */
function useOthers(ids: readonly string[]): ReadonlyMap<string, string> | undefined {
  const { client, at } = useAdmin();
  const queries = useQueryClient();
  const read = (subject: string): Promise<string> =>
    queries.fetchQuery({
      queryKey: ["rolecall-name", at, subject],
      queryFn: async () => {
        try {
          const { name, email } = await client.show("user", { at, subject }, { background: true });
          return name ?? email ?? shortId(subject);
        } catch (error) {
          // Someone who is not listed any more has no name.
          if (failureOf(error).unreachable) throw error;
          return shortId(subject);
        }
      },
      staleTime: FRESH,
    });
  const { data } = useQuery({
    queryKey: ["rolecall-names", at, ids.join(" ")],
    queryFn: async () => {
      const names = new Map<string, string>();
      for (let from = 0; from < ids.length; from += AT_ONCE) {
        const some = ids.slice(from, from + AT_ONCE);
        (await Promise.all(some.map(read))).forEach((name, index) => names.set(some[index] ?? "", name));
      }
      return names;
    },
    enabled: ids.length > 0,
    placeholderData: keepOf(at),
  });
  return data;
}

/** Returns the function that names roles: by the title, or by the id. */
export function useRoleTitles(): (role: string) => string {
  const roles = useList("roles", { limit: 1_000 }, { enabled: useMay()("view-roles") });
  return useMemo(() => {
    const titles = new Map(roles.rows.map(({ role, title }) => [role, title]));
    return (role) => titles.get(role) ?? role;
  }, [roles.rows]);
}
