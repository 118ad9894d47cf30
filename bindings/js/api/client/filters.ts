/** Filters of a server, for services whose database holds rows of many scopes. */

import { ClientError } from "../errors.js";
import type { Fetch } from "../platform.js";
import { Target } from "../target.js";
import type { Context, Filter, FilterRequest, Numbering } from "../types.js";
import { atMost, options } from "./options.js";
import { reached, refusal, send } from "./response.js";

/** A question for a filter. The server adds the time. A token that acts for others may state the connection. */
export type FilterQuestion = Omit<FilterRequest, "context"> & { context?: Partial<Context> };

export interface FilterClientOptions {
  /** A token of the server's configuration that may `evaluate`. */
  token: string;
  /** The `fetch` to use. */
  fetch?: Fetch;
}

/**
 * Gets filters from a server. They are those that the adapters of `rolecall/filters` take. Use it on servers only: a page
 * cannot keep a token.
 */
export class FilterClient extends Target {
  readonly #url: string;
  readonly #token: string;
  readonly #fetch: typeof fetch;

  /** Throws `ClientError` in a browser, and if an option is unknown or missing. */
  constructor(url: string, given: FilterClientOptions) {
    super();
    atMost(2, arguments.length);
    const own = options(given, ["token", "fetch"]);
    if (typeof url !== "string") throw new ClientError("client.options", "`url` must be a text");
    if (typeof own.token !== "string" || own.token === "")
      throw new ClientError("client.options", "`token` must be a text");
    if ("document" in globalThis)
      throw new ClientError("client.options", "`token` must not be used in a browser, which cannot keep it");
    this.#url = url.replace(/\/$/, "");
    this.#token = own.token;
    this.#fetch = own.fetch ?? ((...args) => fetch(...args));
  }

  /** Returns the rows that a subject may see, as data for a query of a database. Throws `ClientError`. */
  async filter(question: FilterQuestion): Promise<Filter> {
    const headers = { "content-type": "application/json" };
    return this.target().#json("/v1/filters", { method: "POST", headers, body: JSON.stringify(question) });
  }

  /** Returns the numbers of all scopes, for tables with a column of numbers. Throws `ClientError`. */
  async numbering(): Promise<Numbering> {
    return this.target().#json("/v1/numbering", {});
  }

  async #json<T>(path: string, init: RequestInit): Promise<T> {
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${this.#token}`);
    const response = await send(this.#fetch, this.#url + path, { ...init, headers });
    if (!response.ok) throw await refusal(response);
    return (await reached(response.json())) as T;
  }
}
