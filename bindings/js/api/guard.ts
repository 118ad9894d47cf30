/** What the packages for web servers share: the session of a request, and the answer to a user who may not proceed. */

import type { Decision, PermissionName, Resource } from "./types.js";

/** A session of any package of Rolecall. Each of them may have typed names, which is why this one has none. */
export interface AsksSession {
  can(permission: never, resource?: never): boolean;
  check(permission: never, resource?: never): Pick<Decision, "allow" | "reasons">;
  menu(name: never): object;
}

/** An engine of any package of Rolecall. */
export interface AsksEngine<S extends AsksSession> {
  session(subject: string, context: { at: string; time: Date; ip?: string }): S;
  readonly policy: { permission(name: never): unknown; readonly menus?: readonly string[] };
}

/** An engine, a connection of `connect`, or a function that returns an engine. */
export type EngineSource<S extends AsksSession> =
  AsksEngine<S> | { readonly current: AsksEngine<S> } | (() => AsksEngine<S> | Promise<AsksEngine<S>>);

type Later<T> = T | Promise<T>;

/** Who sends a request, and where. */
export interface GuardOptions<R> {
  /** Returns the id of the user of a request, such as `user:ada`, or nothing if nobody is logged in. */
  subject: (request: R) => Later<string | null | undefined>;
  /** The scope: a path, a path with parts of the address such as `acme/:project`, or a function of the request. */
  at: string | ((request: R) => string);
  /** Returns the address of the client, for scopes that list networks. */
  address?: (request: R) => string | undefined;
  /** The clock, for tests. */
  now?: () => Date;
}

/** What a request needs besides the permission. */
export interface NeedsOptions<R> {
  /** The scope, in place of that of all requests. */
  at?: string | ((request: R) => string);
  /** Returns the item of a request, with its labels and its values in boundaries. */
  resource?: (request: R) => Later<Resource>;
}

/** A request that may not proceed, as the body of a response shows it: codes only. */
export interface Denied {
  title: "Unauthorized" | "Forbidden";
  /** 401 if nobody is logged in, and 403 if the user may not. */
  status: 401 | 403;
  code: "unauthenticated" | "forbidden";
  permission?: string;
  /** The codes of all reasons. */
  reasons?: readonly string[];
}

/** The type of the content of a refusal. */
export const PROBLEM = "application/problem+json";

const WEEK = 7 * 24 * 60 * 60 * 1000;
const PART = /^:[A-Za-z_][A-Za-z0-9_]*$/;

/** Answers for the users of requests. */
export class Guard<R extends object, S extends AsksSession> {
  readonly #source: EngineSource<S>;
  readonly #options: GuardOptions<R>;
  readonly #params: (request: R) => Record<string, string | undefined>;
  /** The menus of the policy that a session is of. */
  readonly #menus = new WeakMap<S, readonly string[]>();
  readonly #known = new WeakMap<R, Map<string, Promise<S | Denied>>>();

  constructor(
    source: EngineSource<S>,
    options: GuardOptions<R>,
    params: (request: R) => Record<string, string | undefined>,
  ) {
    for (const key of Object.keys(options)) {
      if (!["subject", "at", "address", "now"].includes(key)) throw new TypeError(`\`${key}\` is not an option`);
    }
    if (typeof options.subject !== "function") throw new TypeError("`subject` must be a function of the request");
    checkScope(options.at);
    this.#source = source;
    this.#options = options;
    this.#params = params;
  }

  /** Checks a name at start: an engine and a connection are there already. Throws `RequestError`. */
  checkName(permission: PermissionName, options: NeedsOptions<R>): void {
    for (const key of Object.keys(options)) {
      if (!["at", "resource"].includes(key)) throw new TypeError(`\`${key}\` is not an option of \`needs\``);
    }
    if (options.at !== undefined) checkScope(options.at);
    if (typeof this.#source !== "function") present(this.#source).policy.permission(permission as never);
  }

  /** Returns why a request may not proceed, or undefined if it may. */
  async denial(request: R, permission: PermissionName, { at, resource }: NeedsOptions<R>): Promise<Denied | undefined> {
    const session = await this.session(request, at);
    if (isDenied(session)) return session.status === 401 ? session : { ...session, permission };
    const { allow, reasons } = session.check(permission as never, (await resource?.(request)) as never);
    return allow ? undefined : { ...FORBIDDEN, permission, reasons };
  }

  /** Returns the session of a request at a scope, or why there is none. It is resolved once for each request. */
  session(request: R, at: string | ((request: R) => string) = this.#options.at): Promise<S | Denied> {
    const scope = typeof at === "function" ? at(request) : this.#filled(at, request);
    let known = this.#known.get(request);
    if (known === undefined) this.#known.set(request, (known = new Map()));
    let session = known.get(scope);
    if (session === undefined) known.set(scope, (session = this.#open(request, scope)));
    return session;
  }

  /** Returns what views of a session cover by default: all menus, a week ahead. */
  coverage(session: S): { menus: readonly string[]; until: Date } {
    const now = this.#options.now?.() ?? new Date();
    return { menus: this.#menus.get(session) ?? [], until: new Date(now.getTime() + WEEK) };
  }

  async #open(request: R, at: string): Promise<S | Denied> {
    const subject = await this.#options.subject(request);
    if (subject === null || subject === undefined) return UNAUTHENTICATED;
    const source = this.#source;
    const engine = typeof source === "function" ? await source() : present(source);
    const time = this.#options.now?.() ?? new Date();
    const open = (ip: string | undefined): S => {
      const session = engine.session(subject, ip === undefined ? { at, time } : { at, time, ip });
      this.#menus.set(session, engine.policy.menus ?? []);
      return session;
    };
    try {
      return open(this.#options.address?.(request));
    } catch (error) {
      const path = (error as { path?: unknown }).path;
      // An address that cannot be read counts as missing: scopes that list networks deny.
      if (path === "context.ip" || path === "ip") return open(undefined);
      // The address of the request names something that no scope can have as a name.
      if (path === "at") return UNKNOWN_SCOPE;
      throw error;
    }
  }

  #filled(at: string, request: R): string {
    const params = this.#params(request);
    const parts = at.split("/").map((part) => {
      if (!part.startsWith(":")) return part;
      const value = params[part.slice(1)];
      if (value === undefined) throw new TypeError(`\`${at}\`: the address of the request has no part \`${part}\``);
      // A slash would name a scope on another level than the one that the path means.
      return value.includes("/") || value === "" ? "-" : value;
    });
    return parts.join("/");
  }
}

const UNAUTHENTICATED: Denied = { title: "Unauthorized", status: 401, code: "unauthenticated" };
const FORBIDDEN = { title: "Forbidden", status: 403, code: "forbidden" } as const;
const UNKNOWN_SCOPE: Denied = { ...FORBIDDEN, reasons: ["unknown-scope"] };

/** Returns whether a session is missing. */
export function isDenied(session: object): session is Denied {
  return session === UNAUTHENTICATED || session === UNKNOWN_SCOPE;
}

function present<S extends AsksSession>(source: AsksEngine<S> | { readonly current: AsksEngine<S> }): AsksEngine<S> {
  return "current" in source ? source.current : source;
}

function checkScope(at: unknown): void {
  if (typeof at === "function") return;
  const parts = typeof at === "string" ? at.split("/").filter((part) => part.startsWith(":")) : undefined;
  if (parts === undefined || !parts.every((part) => PART.test(part)))
    throw new TypeError("`at` must be a path such as `acme/:project`, or a function of the request");
}
