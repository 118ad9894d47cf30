/** Applications: OAuth 2.0 clients that get access tokens with a secret. For servers only. */

import type { Fetch, FetchOptions, FetchResponse } from "../platform.js";
import { ClientError } from "../errors.js";
import { Target } from "../target.js";
import { atMost, options } from "./options.js";
import { reached, refusal, send } from "./response.js";

/** The credentials of an application, as `add-secret` returned them. */
export interface ApplicationOptions {
  clientId: string;
  clientSecret: string;
  /** The `fetch` to use. */
  fetch?: Fetch;
}

/** The permissions that a pass of an application covers. */
export interface PassOptions {
  at: string;
  scopes?: readonly string[];
  menus?: readonly string[];
}

interface Token {
  text: string;
  /** The time from which another token is requested, in milliseconds. */
  renew: number;
}

/** The part of its lifetime after which a token is replaced. */
const RENEWED_AFTER = 0.8;

/**
 * An application that calls a server as itself. It gets an access token with its secret, and another one before the
 * token expires. Use it on servers only: a page cannot keep a secret.
 */
export class Application extends Target {
  readonly #url: string;
  readonly #options: ApplicationOptions;
  readonly #fetch: typeof fetch;
  #token: Promise<Token> | undefined;
  /** A request for a token in place of another one. */
  #replaced: { before: Token | undefined; token: Promise<Token> } | undefined;

  /** Throws `ClientError` in a browser, and if an option is unknown or missing. */
  constructor(url: string, given: ApplicationOptions) {
    super();
    atMost(2, arguments.length);
    const own = options(given, ["clientId", "clientSecret", "fetch"]);
    if (typeof url !== "string") throw new ClientError("client.options", "`url` must be a text");
    for (const key of ["clientId", "clientSecret"] as const) {
      if (typeof own[key] !== "string" || own[key] === "")
        throw new ClientError("client.options", `\`${key}\` must be a text`);
    }
    if ("document" in globalThis)
      throw new ClientError("client.options", "`clientSecret` must not be used in a browser, which cannot keep it");
    this.#url = url.replace(/\/$/, "");
    this.#options = own;
    this.#fetch = own.fetch ?? ((...args) => fetch(...args));
  }

  /** Returns an access token that is still valid. Throws `ClientError` if the server issues none. */
  async token(): Promise<string> {
    const current = await this.target().#token?.catch(() => undefined);
    if (current !== undefined && Date.now() < current.renew) return current.text;
    return (await this.target().#issue(current)).text;
  }

  /**
   * Sends a request to the server with an access token. If the token has ended, the request is sent once more with
   * another one, so `init.body` must not be a stream. Throws `ClientError`.
   */
  async fetch(path: string, init: FetchOptions = {}): Promise<FetchResponse> {
    if (typeof path !== "string" || !path.startsWith("/"))
      throw new ClientError("client.options", "`path` must be a path of the server, such as `/v1/passes`");
    const token = await this.token();
    const response = await this.target().#send(path, init, token);
    if (response.status !== 401) return response;
    await response.body?.cancel();
    const current = await this.target().#token?.catch(() => undefined);
    // Another request may have replaced the token already.
    const next = current !== undefined && current.text !== token ? current : await this.target().#issue(current);
    return this.target().#send(path, init, next.text);
  }

  /** Gets a pass for the application itself, such as for `connect`. Throws `ClientError`. */
  async pass(given: PassOptions): Promise<string> {
    const wanted = options(given, ["at", "scopes", "menus"]);
    const subject = `app:${this.target().#options.clientId.replace(/^app:/, "")}`;
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ subject, ...wanted });
    const response = await this.fetch("/v1/passes", { method: "POST", headers, body });
    if (!response.ok) throw await refusal(response);
    return ((await reached(response.json())) as { pass: string }).pass;
  }

  #send(path: string, init: RequestInit, token: string): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${token}`);
    return send(this.#fetch, this.#url + path, { ...init, headers });
  }

  /** Gets a token in place of another one. Requests that wait for it share it. */
  #issue(before: Token | undefined): Promise<Token> {
    const replaced = this.#replaced;
    if (replaced !== undefined && replaced.before === before) return replaced.token;
    const token = this.#request();
    this.#replaced = { before, token };
    this.#token = token;
    const done = (): void => {
      if (this.#replaced?.token === token) this.#replaced = undefined;
    };
    token.then(done, done);
    return token;
  }

  async #request(): Promise<Token> {
    const { clientId, clientSecret } = this.#options;
    const asked = Date.now();
    const response = await send(this.#fetch, `${this.#url}/v1/oauth/token`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: clientId,
        client_secret: clientSecret,
      }).toString(),
    });
    const answer = (await response
      .clone()
      .json()
      .catch(() => ({}))) as {
      access_token?: unknown;
      expires_in?: unknown;
      error?: unknown;
      error_description?: string;
    };
    if (typeof answer.error === "string") throw new ClientError(answer.error, answer.error_description ?? answer.error);
    if (!response.ok) throw await refusal(response);
    if (typeof answer.access_token !== "string" || typeof answer.expires_in !== "number")
      throw new ClientError("client.unreachable", "the response of the token endpoint cannot be read");
    return { text: answer.access_token, renew: asked + answer.expires_in * 1000 * RENEWED_AFTER };
  }
}
