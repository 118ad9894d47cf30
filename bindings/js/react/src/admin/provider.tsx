/** The context of every part of a page of administration. */

import { type Answers, useRoles } from "@rolecall/react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from "react";
import type { Administration } from "rolecall/client";
import { AwayProvider, createReach } from "./away.js";
import { inBackground } from "./background.js";
import { English, type Language, LanguageProvider } from "./messages/index.js";
import { type Navigation, NavigationProvider } from "./navigation.js";
import { keepFocus } from "./ui/focus.js";
import { ToastProvider } from "./ui/toast.js";

/** The permissions that allow each command and view at a scope; one of them is enough. Absent if the product has none. */
export type Abilities = Readonly<Record<string, readonly string[]>>;

/** A scope that the user may open. */
export interface ScopeEntry {
  id: string;
  title: string;
  /** The kind of scope, such as `account`. */
  kind: string;
}

/** The scope that the parts administer, and the user. */
export interface Admin {
  client: Administration;
  /** The scope. */
  at: string;
  /** The logged-in subject. */
  subject: string;
  abilities: Abilities;
  /** The scopes that the user may open, outermost first. */
  scopes: readonly ScopeEntry[];
  /** The title of the product, as the policy names it. */
  product: string;
}

export interface AdminProviderProps extends Omit<Admin, "scopes" | "product"> {
  scopes?: readonly ScopeEntry[];
  product?: string;
  language?: Language | undefined;
  /** The router of the application. Without one, links load their pages. */
  navigation?: Navigation | undefined;
  /** The cache of lists, if the application has one of its own. */
  queries?: QueryClient | undefined;
  children?: ReactNode;
}

const Context = createContext<Admin | undefined>(undefined);

/** Returns a cache that is made for administration: a refusal is an answer, and is not tried again. */
export function createQueries(): QueryClient {
  const retry = (count: number, error: unknown): boolean =>
    count < 2 && (error as { code?: string }).code === "client.unreachable";
  return new QueryClient({ defaultOptions: { queries: { retry, staleTime: 30_000, refetchOnWindowFocus: false } } });
}

/**
 * Provides the parts with the server, the scope and the language. Put it below a `RolecallProvider` whose source is the
 * pass of the logged-in user: buttons and tabs follow it, and the server checks every request. What the parts load does
 * not extend the session of the user; `session.followActivity()` reports what the user does.
 */
export function AdminProvider(props: AdminProviderProps): ReactNode {
  const { client, at, subject, abilities, scopes, product, language = English, navigation, children } = props;
  const [own] = useState(() => props.queries ?? createQueries());
  const [reach] = useState(createReach);
  useEffect(keepFocus, []);
  const admin = useMemo(
    () => ({
      client: inBackground(client, reach.note),
      at,
      subject,
      abilities,
      scopes: scopes ?? [],
      product: product ?? "",
    }),
    [client, reach, at, subject, abilities, scopes, product],
  );
  const inside = (
    <LanguageProvider value={language}>
      <QueryClientProvider client={props.queries ?? own}>
        <Context.Provider value={admin}>
          <AwayProvider reach={reach}>
            <ToastProvider>{children}</ToastProvider>
          </AwayProvider>
        </Context.Provider>
      </QueryClientProvider>
    </LanguageProvider>
  );
  return navigation === undefined ? inside : <NavigationProvider value={navigation}>{inside}</NavigationProvider>;
}

/** Returns what the parts administer. */
export function useAdmin(): Admin {
  const admin = useContext(Context);
  if (admin === undefined) throw new Error("there is no `AdminProvider` above this component");
  return admin;
}

/** Returns whether the logged-in user may run a command or see a view, such as `assign` or `view-roles`. */
export type May = (name: string) => boolean;

/**
 * Returns the function that says what the user may do. Components render again when that changes. Without the server, the
 * pass runs out in time; forms stay until the server is there again, because it checks every request.
 */
export function useMay(): May {
  const { abilities } = useAdmin();
  const answers = useRoles();
  const last = useRef<ReadonlySet<string>>(NOTHING);
  return useMemo(() => {
    const allowed = allowedBy(answers, abilities);
    const hasRunOut = allowed.size === 0 && !answers.connected && answers.error === undefined;
    if (!hasRunOut) last.current = allowed;
    const held = last.current;
    return (name) => held.has(name);
  }, [abilities, answers]);
}

const NOTHING: ReadonlySet<string> = new Set();

// Many components ask for the same answers.
const known = new WeakMap<Answers, { abilities: Abilities; allowed: ReadonlySet<string> }>();

/** Returns the names of the commands and views that answers allow. */
function allowedBy(answers: Answers, abilities: Abilities): ReadonlySet<string> {
  const found = known.get(answers);
  if (found?.abilities === abilities) return found.allowed;
  const can = answers.can as (permission: string) => boolean;
  const allowed = new Set(
    Object.keys(abilities).filter((name) => abilities[name]?.some((permission) => can(permission))),
  );
  known.set(answers, { abilities, allowed });
  return allowed;
}

/** Returns the title of a scope, or its id. */
export function useScopeTitle(): (id: string) => string {
  const { scopes } = useAdmin();
  return useMemo(() => {
    const titles = new Map(scopes.map(({ id, title }) => [id, title]));
    return (id) => titles.get(id) ?? id;
  }, [scopes]);
}
