/** Login sessions at a server, for web pages. */

import type { Events, Fetch, FetchOptions, FetchResponse } from "../platform.js";
import { ClientError } from "../errors.js";
import { follow } from "./activity.js";
import { Target } from "../target.js";
import type { MenuName, PermissionName, View } from "../types.js";
import { reached, refusal, send } from "./response.js";
import { options } from "./options.js";

/** The state of a login session, as the server reports it. */
export interface LoggedIn {
  subject: string;
  /** The login method. */
  login: string;
  /** Whether the login had a second factor. */
  second_factor: boolean;
  provider: string;
  /** The scope whose rules apply to the session. */
  at: string;
  since: string;
  last_activity: string;
  /** The latest possible end, even with activity. */
  ends: string;
  /** The end without further changes or activity. */
  valid_until: string;
  /** The value of the header `Rolecall-CSRF`, required for requests that change something. */
  csrf: string;
}

/** A way to log in. */
export interface LoginProvider {
  id: string;
  title: string;
  method: string;
  /** The address to send the browser to. */
  href: string;
  /** Whether support staff log in by it. */
  support?: boolean;
}

/** What a login page shows. */
export interface LoginPage {
  providers: LoginProvider[];
  /** What support staff have to know before they log in. */
  notice?: string;
}

/** The result of a check of a tenant's identity provider. */
export interface SignOnCheck {
  provider: string;
  /** Whether a login would reach the provider. */
  ok: boolean;
  code?: string;
  /** What is wrong with the settings. */
  message?: string;
}

/** The login session of a web page, by OpenID Connect, in a cookie that scripts cannot read. */
export class LoginSession extends Target {
  readonly #url: string;
  readonly #fetch: typeof fetch;
  #state: LoggedIn;

  private constructor(url: string, own: typeof fetch, state: LoggedIn) {
    super();
    this.#url = url;
    this.#fetch = own;
    this.#state = state;
  }

  /** Returns the ways to log in: at the tenant `at`, or those that every tenant has. Throws `ClientError`. */
  static async page(url: string, more?: { at?: string; fetch?: Fetch }): Promise<LoginPage> {
    const { at, fetch: own = fetch } = options(more, ["at", "fetch"]);
    const query = at === undefined ? "" : `?at=${encodeURIComponent(at)}`;
    const response = await send(own, `${url.replace(/\/$/, "")}/v1/login${query}`, {});
    if (!response.ok) throw await refusal(response);
    return (await reached(response.json())) as LoginPage;
  }

  /** Returns the address to send the browser to. After login it returns to `returnTo`. */
  static href(provider: LoginProvider, returnTo: string): string {
    // The link of support staff names the tenant.
    const joint = provider.href.includes("?") ? "&" : "?";
    return `${provider.href}${joint}return_to=${encodeURIComponent(returnTo)}`;
  }

  /** Returns the current login session, or undefined if there is none. Throws `ClientError`. */
  static async current(url: string, own: Fetch = fetch): Promise<LoginSession | undefined> {
    const base = url.replace(/\/$/, "");
    const response = await send(own, `${base}/v1/session`, { credentials: "include" });
    if (response.status === 401) return undefined;
    if (!response.ok) throw await refusal(response);
    return new LoginSession(base, own, (await reached(response.json())) as LoggedIn);
  }

  /** The last state that the server reported. */
  get state(): LoggedIn {
    return this.target().#state;
  }

  /** Gets a pass, as `connect` needs it. Throws `ClientError`. */
  async pass(options: { at: string; scopes?: readonly string[]; menus?: readonly MenuName[] }): Promise<string> {
    return ((await this.target().#post("/v1/session/passes", options)) as { pass: string }).pass;
  }

  /** Gets a view, as `openView` needs it; it ends with the session. Throws `ClientError`. */
  async view(options: {
    at: string;
    menus?: readonly MenuName[];
    permissions?: readonly PermissionName[];
  }): Promise<View> {
    return (await this.target().#post("/v1/session/views", options)) as View;
  }

  /** Reports activity, which extends the session. Throws `ClientError`. */
  async activity(): Promise<LoggedIn> {
    const login = this.target();
    login.#state = (await login.#post("/v1/session/activity")) as LoggedIn;
    return login.#state;
  }

  /**
   * Reports the activity of the page's user: that the page is open, clicks, keys and navigation, at most once a minute.
   * Returns a function that stops. Call it once in each page.
   */
  followActivity(page: Events = globalThis): () => void {
    return follow(() => this.activity(), page);
  }

  /**
   * Sends a request to the server as the user of the page, with what protects it from forged requests. `Administration`
   * uses it. Throws `ClientError` if the server cannot be reached.
   */
  async fetch(path: string, init: FetchOptions = {}): Promise<FetchResponse> {
    const session = this.target();
    if (typeof path !== "string" || !path.startsWith("/"))
      throw new ClientError("client.options", "`path` must be a path of the server, such as `/v1/session`");
    const headers = new Headers(init.headers);
    if (init.method !== undefined && init.method !== "GET") headers.set("rolecall-csrf", session.#state.csrf);
    return send(session.#fetch, session.#url + path, { ...init, credentials: "include", headers });
  }

  /** Runs an administration command. Throws `ClientError`. */
  async command(command: object, more?: { dryRun?: boolean; background?: boolean }): Promise<unknown> {
    const { dryRun = false, background = false } = options(more, ["dryRun", "background"]);
    const headers: Record<string, string> = background ? { "rolecall-background": "1" } : {};
    return this.target().#post("/v1/administration/commands", { command, dry_run: dryRun }, headers);
  }

  /**
   * Checks the identity provider of a tenant, as its settings name it. Needs the permission to set it. Throws
   * `ClientError`.
   */
  async checkSignOn(at: string): Promise<SignOnCheck> {
    return (await this.target().#post("/v1/administration/sign-on-check", { at })) as SignOnCheck;
  }

  /**
   * Logs out. Returns the address to send the browser to, so that it is logged out at the provider as well. Throws
   * `ClientError`.
   */
  async logout(returnTo?: string): Promise<string | undefined> {
    const query = returnTo === undefined ? "" : `?return_to=${encodeURIComponent(returnTo)}`;
    return ((await this.target().#post(`/v1/session/logout${query}`)) as { provider?: string }).provider;
  }

  async #post(path: string, body: object = {}, also: Record<string, string> = {}): Promise<unknown> {
    const headers = { "content-type": "application/json", "rolecall-csrf": this.#state.csrf, ...also };
    const options: RequestInit = {
      method: "POST",
      credentials: "include",
      headers,
      body: JSON.stringify(body),
    };
    const response = await send(this.#fetch, this.#url + path, options);
    if (!response.ok) throw await refusal(response);
    return reached(response.json());
  }
}
