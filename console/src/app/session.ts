/** The login session, the scopes that it opens, and the live pass at a scope. */

import type { Abilities, ScopeEntry } from "@rolecall/react/admin";
import { useCallback, useEffect, useState } from "react";
import { Administration, ClientError, connect, type Live, LoginSession } from "rolecall/client";
import { init, PortableSession } from "rolecall/portable";
import { SERVER } from "./routes";

/** The loaded value, or the error. */
export type Loaded<T> = { state: "loading" } | { state: "error"; error: unknown } | { state: "ready"; value: T };

/** Loads something again whenever `key` changes, and drops answers that come too late. */
export function useLoaded<T>(load: () => Promise<T>, key: string, drop?: (value: T) => void): [Loaded<T>, () => void] {
  const [result, set] = useState<Loaded<T>>({ state: "loading" });
  const [round, again] = useState(0);
  useEffect(() => {
    let isCurrent = true;
    set((before) => (before.state === "ready" && round > 0 ? before : { state: "loading" }));
    load().then(
      (value) => (isCurrent ? set({ state: "ready", value }) : drop?.(value)),
      (error: unknown) => isCurrent && set({ state: "error", error }),
    );
    return () => {
      isCurrent = false;
    };
    // The key says what is loaded.
  }, [key, round]);
  return [result, useCallback(() => again((count) => count + 1), [])];
}

/** The user, and where they may go. */
export interface Entrance {
  /** Counts the entrances: nothing of a session that has ended stays in the next. */
  count: number;
  session: LoginSession;
  product: string;
  scopes: readonly ScopeEntry[];
}

let count = 0;

/** Returns the session and its scopes, or nothing if nobody is logged in. */
export async function enter(): Promise<Entrance | undefined> {
  count += 1;
  const [session, places] = await Promise.all([LoginSession.current(SERVER), placesOf()]);
  return session && places && { count, session, ...places };
}

type Places = Pick<Entrance, "product" | "scopes">;

/** Returns the product and the scopes of the user, or nothing if nobody is logged in. */
export async function placesOf(): Promise<Places | undefined> {
  const headers = { "rolecall-background": "1" };
  const response = await fetch(`${SERVER}/v1/session/scopes`, { credentials: "include", headers }).catch(() => {
    throw new ClientError("client.unreachable", "the server cannot be reached");
  });
  if (response.status === 401) return undefined;
  if (!response.ok) throw new ClientError("client.response", `the server answered with ${response.status}`);
  const { product, scopes } = (await response.json()) as Places;
  return { product, scopes };
}

/** A scope that is open: the live pass of the user, and what the policy maps there. */
export interface Opened {
  client: Administration;
  live: Live<PortableSession>;
  abilities: Abilities;
  /** The name of the user, if they may see it. */
  name: string;
}

const close = (live: Live<PortableSession>): void => live.close();

/** Closes a scope that was opened too late. */
export const shut = ({ live }: Opened): void => close(live);

/** Opens a scope. */
export async function open(session: LoginSession, at: string): Promise<Opened> {
  const client = new Administration(session);
  const opening = init().then(() => connect(PortableSession, SERVER, { pass: () => session.pass({ at }) }));
  const name = nameOf(client, session.state.subject, at);
  const all = Promise.all([opening, client.rights(at, { background: true }), name]);
  const [live, rights, shown] = await all.catch((error: unknown) => {
    // A connection that nobody uses would keep its stream.
    void opening.then(close, () => undefined);
    throw error;
  });
  return { client, live, abilities: abilitiesOf(rights), name: shown };
}

/** The mapping of the policy at a scope, which the server returns. */
export type Rights = Awaited<ReturnType<Administration["rights"]>>;

/** Returns the permissions that allow each command and view. */
export function abilitiesOf({ commands }: Rights): Abilities {
  return Object.fromEntries(Object.entries(commands).map(([name, { requires }]) => [name, requires]));
}

/** Returns what was known before, unless something differs: what depends on it stays. */
export function newer<T>(before: T, now: T): T {
  return JSON.stringify(before) === JSON.stringify(now) ? before : now;
}

async function nameOf(client: Administration, subject: string, at: string): Promise<string> {
  try {
    const { name, email } = await client.show("user", { at, subject }, { background: true });
    if (name ?? email) return (name ?? email) as string;
  } catch {
    // Those who may not see people see their own id.
  }
  return subject.replace(/^\w+:/, "");
}

/** Returns the way to log in, with the way back to the present page. */
export function loginHref(provider: { href: string }): string {
  const back = new URL(location.href);
  back.searchParams.delete("login_error");
  return LoginSession.href(provider as never, back.href);
}
