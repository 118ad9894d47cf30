/** Administration at a server: commands, lists, matrices and the audit log. */

import { ClientError } from "../errors.js";
import type { Fetch, FetchOptions } from "../platform.js";
import { Target } from "../target.js";
import type { Command, CommandName } from "./administration-commands.js";
import type * as rows from "./administration-rows.js";
import type { SignOnCheck } from "./login.js";
import { options } from "./options.js";
import { reached, refusal } from "./response.js";

/** What sends the requests of an actor: a `LoginSession`, or an `Application` of a server. */
export interface Caller {
  fetch(path: string, init?: FetchOptions): ReturnType<Fetch>;
}

/** The parameters that all lists have. */
export interface ListParams {
  /** The scope. */
  at: string;
  /** A part of an id, a title, or a name that the reader may see. */
  search?: string;
  /** The column that orders the rows; `-` before it reverses the order. */
  sort?: string;
  /** The rows of a page: 100, or up to 1,000. */
  limit?: number;
  /** The cursor of the next page. */
  after?: string;
}

type OfHolders = { kind?: rows.HolderKind; status?: rows.SubjectStatus; role?: string };

/** The lists, with the parameters and the row of each. */
export interface Lists {
  /** Holders of one kind; users unless `kind` names another one. */
  access: { params: ListParams & OfHolders; row: rows.HolderRow };
  applications: { params: ListParams & { status?: rows.SubjectStatus; role?: string }; row: rows.ApplicationRow };
  roles: { params: ListParams & { origin?: rows.RoleSource }; row: rows.RoleRow };
  "assignable-roles": {
    params: ListParams & { subject: string; origin?: rows.RoleSource };
    row: rows.AssignableRow;
  };
  ending: {
    params: ListParams & { within?: string; what?: rows.EndingRow["what"]; kind?: rows.HolderKind; role?: string };
    row: rows.EndingRow;
  };
  "personal-data-readers": { params: ListParams & OfHolders & { label?: string }; row: rows.LabelReaderRow };
  inactive: { params: ListParams & OfHolders & { idle?: string }; row: rows.InactiveRow };
  requests: { params: ListParams & { state?: rows.RequestRow["state"]; role?: string }; row: rows.RequestRow };
  invitations: { params: ListParams; row: rows.InvitationRow };
}

/** The views that are not lists, with the parameters and the answer of each. */
export interface Views {
  user: { params: { at: string; subject: string }; answer: rows.UserDetails };
  role: { params: ListParams & OfHolders & { role: string }; answer: rows.RoleDetails };
  settings: { params: { at: string }; answer: rows.Settings };
  overlays: { params: { at: string }; answer: { overlays: rows.OverlayRow[] } };
  "role-mappings": { params: { at: string }; answer: { role_mappings: rows.RoleMappingRow[] } };
  "sign-ons": { params: { at: string }; answer: { sign_ons: rows.SignOnRow[] } };
  locks: { params: { at: string }; answer: { locks: rows.LockRow[] } };
}

/** A filter of the audit log. */
export interface EventParams {
  at: string;
  from?: string;
  until?: string;
  actor?: string;
  objectType?: string;
  operation?: string;
  object?: string;
  subject?: string;
  /** Events after the one with this number, in pages. */
  after?: number;
  limit?: number;
  /** The latest events, without pages. */
  count?: number;
}

/** How a request for data is sent. */
export interface ReadOptions {
  /** The page asks by itself, which does not count as activity of its user. */
  background?: boolean;
  signal?: FetchOptions extends { signal?: infer Signal } ? Signal : never;
}

/** How commands are sent. */
export interface CommandOptions extends ReadOptions {
  /** Returns the effect without applying it. */
  dryRun?: boolean;
  /** The version that the command requires. Another one is refused with `conflict`. */
  ifMatch?: number | undefined;
  /** A name for the command: retrying with the same name has no effect. */
  id?: string;
}

/** A table of people to import. */
export interface ImportTable {
  /** Comma-separated values with a line of column names. */
  csv: string;
  at: string;
  active?: boolean;
  goodRows?: boolean;
}

const READ = ["background", "signal"] as const;
const COMMAND = [...READ, "dryRun", "ifMatch", "id"] as const;

/**
 * Administration at a server, as far as the policy permits the actor. It decides nothing: the server refuses, and
 * `ClientError` has the code, message and help of the refusal. Each answer has the `version` of the state.
 */
export class Administration extends Target {
  readonly #caller: Caller;

  /** Sends commands and reads lists as the user of a `LoginSession`, or as an `Application`. */
  constructor(caller: Caller) {
    super();
    if (typeof (caller as Partial<Caller> | undefined)?.fetch !== "function")
      throw new ClientError("client.options", "administration needs a `LoginSession` or an `Application`");
    this.#caller = caller;
  }

  /** Returns a page of a list. Throws `ClientError`. */
  async list<K extends keyof Lists>(
    kind: K,
    params: Lists[K]["params"],
    more?: ReadOptions,
  ): Promise<rows.Page<Lists[K]["row"]> & rows.Versioned> {
    const of = kind === "access" ? { kind: "users", ...params } : params;
    const body = await this.target().#read(kind, of, more);
    if (kind !== "access") return body as never;
    const page = (body as rows.Versioned & Record<string, unknown>)[(of as { kind: string }).kind] as rows.Page<never>;
    return { ...page, version: body.version };
  }

  /** Returns a view that is not a list. Throws `ClientError`. */
  async show<K extends keyof Views>(
    view: K,
    params: Views[K]["params"],
    more?: ReadOptions,
  ): Promise<Views[K]["answer"] & rows.Versioned> {
    return (await this.target().#read(view, params, more)) as never;
  }

  /** Returns a page of a matrix. Throws `ClientError`. */
  async matrix(
    params: ListParams & OfHolders & { of: rows.MatrixKind; origin?: rows.RoleSource },
    more?: ReadOptions,
  ): Promise<rows.Matrix & rows.Versioned> {
    return (await this.target().#read("matrix", params, more)) as never;
  }

  /** Returns events of the audit log; `next` is the number for `after` of the next page. Throws `ClientError`. */
  async events(
    params: EventParams,
    more?: ReadOptions,
  ): Promise<{ events: rows.AuditEntry[]; next?: number } & rows.Versioned> {
    const { next, ...body } = (await this.target().#read("events", named(params), more)) as {
      events: rows.AuditEntry[];
      next?: string;
    } & rows.Versioned;
    const after = next === undefined ? null : new URLSearchParams(next.slice(next.indexOf("?"))).get("after");
    return after === null ? body : { ...body, next: Number(after) };
  }

  /** Returns a list, a matrix or the audit log as comma-separated values. Throws `ClientError`. */
  async csv(
    kind: keyof Lists | "role" | "matrix" | "events",
    params: { at: string } & Readonly<Record<string, unknown>>,
    more?: ReadOptions,
  ): Promise<string> {
    const response = await this.target().#get(kind, { ...named(params), format: "csv" }, more);
    return reached(response.text());
  }

  /** Executes a command, or returns its effect with `dryRun`. Throws `ClientError`. */
  async command(command: Command, more?: CommandOptions): Promise<rows.CommandResult & rows.Versioned> {
    return (await this.target().#send("commands", { command }, more)) as never;
  }

  /** Executes all commands in one transaction, or none. Throws `ClientError`. */
  async transaction(
    commands: readonly Command[],
    more?: CommandOptions,
  ): Promise<rows.TransactionResult & rows.Versioned> {
    return (await this.target().#send("transactions", { commands }, more)) as never;
  }

  /** Imports people from a table. Throws `ClientError`. */
  async import(table: ImportTable, more?: CommandOptions): Promise<rows.ImportResult & rows.Versioned> {
    const { csv, at, active, goodRows } = options(table, ["csv", "at", "active", "goodRows"], "table");
    return (await this.target().#send("import", { csv, at, active, good_rows: goodRows }, more)) as never;
  }

  /**
   * Returns the commands and views that the policy maps, with the permissions that each requires at a scope and whether
   * the actor has one. A page shows its buttons by it; the server still decides each command. Throws `ClientError`.
   */
  async rights(at: string, more?: ReadOptions): Promise<rows.Rights & rows.Versioned> {
    return (await this.target().#read("rights", { at }, more)) as never;
  }

  /**
   * Returns the policy and a directory as the actor may see them at a scope and below, for an engine that shows the
   * effect of a change. Returns `undefined` if `known` is still the version. Throws `ClientError`.
   */
  async documents(
    at: string,
    more?: ReadOptions & { known?: number | undefined },
  ): Promise<(rows.Documents & rows.Versioned) | undefined> {
    const { known, ...read } = options(more, [...READ, "known"]);
    const headers = known === undefined ? {} : { "if-none-match": `"${known}"` };
    const response = await this.target().#get("documents", { at }, read, headers);
    return response.status === 304 ? undefined : ((await answer(response)) as never);
  }

  /**
   * Lets the server check the chain of hashes of its audit log. With `whole`, the reader sees every event and can repeat
   * the check. Throws `ClientError`.
   */
  async chain(at: string, more?: ReadOptions): Promise<rows.ChainCheck & rows.Versioned> {
    return (await this.target().#read("chain", { at }, more)) as never;
  }

  /** Checks the identity provider of a tenant, as its settings name it. Throws `ClientError`. */
  async checkSignOn(at: string): Promise<SignOnCheck> {
    return (await this.target().#send("sign-on-check", { at }, undefined)) as never;
  }

  async #read(path: string, params: object, more: ReadOptions | undefined): Promise<rows.Versioned> {
    return answer(await this.#get(path, params, more));
  }

  async #get(
    path: string,
    params: object,
    more: ReadOptions | undefined,
    also: Record<string, string> = {},
  ): Promise<Response> {
    const { background, signal } = options(more, READ);
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(params)) if (value !== undefined) query.set(name, `${value}`);
    const headers = background === true ? { ...also, "rolecall-background": "1" } : also;
    return this.#checked(`/v1/administration/${path}?${query}`, { headers, signal });
  }

  async #send(path: string, body: object, more: CommandOptions | undefined): Promise<unknown> {
    const { background, signal, dryRun, ifMatch, id } = options(more, COMMAND);
    const headers: Record<string, string> = { "content-type": "application/json" };
    if (background === true) headers["rolecall-background"] = "1";
    if (ifMatch !== undefined) headers["if-match"] = `"${ifMatch}"`;
    if (id !== undefined) headers["idempotency-key"] = id;
    const text = JSON.stringify(dryRun === true ? { ...body, dry_run: true } : body);
    return answer(await this.#checked(`/v1/administration/${path}`, { method: "POST", headers, body: text, signal }));
  }

  async #checked(path: string, init: object): Promise<Response> {
    const response = (await this.#caller.fetch(path, init as never)) as Response;
    if (!response.ok && response.status !== 304) throw await refusal(response);
    return response;
  }
}

/** Returns the body of an answer, with the version of the state. */
async function answer(response: Response): Promise<rows.Versioned> {
  const body = (await reached(response.json())) as object;
  const version = Number(response.headers.get("etag")?.replaceAll('"', "") ?? Number.NaN);
  return { ...body, version };
}

/** Returns parameters by the names of the address. */
function named(params: object): object {
  const { objectType, ...others } = params as { objectType?: string };
  return objectType === undefined ? others : { ...others, object_type: objectType };
}

export type { Command, CommandName };
