/** Who is logged in at a server, for pages. */

import type { MenuName } from "../types.js";
import { reached, refusal } from "./response.js";
import { options } from "./options.js";

/** Who is logged in at a server, as it tells it. */
export interface LoggedIn {
  subject: string;
  /** The login method. */
  login: string;
  provider: string;
  /** The scope whose rules keep the session. */
  at: string;
  since: string;
  last_activity: string;
  /** The end, whatever is done. */
  ends: string;
  /** The end, if nothing changes and nobody does anything. */
  valid_until: string;
  /** What is sent as `Rolecall-CSRF` with whatever changes something. */
  csrf: string;
}

/** A way to log in. */
export interface LoginProvider {
  id: string;
  title: string;
  method: string;
  /** Where a browser is sent. */
  href: string;
}

/** For pages: the session of whoever is logged in at the server by OpenID Connect, in a cookie that scripts cannot read. */
export class LoginSession {
  readonly #url: string;
  readonly #fetch: typeof fetch;
  #told: LoggedIn;

  private constructor(url: string, own: typeof fetch, told: LoggedIn) {
    this.#url = url;
    this.#fetch = own;
    this.#told = told;
  }

  /** The ways to log in. Throws `ClientError`. */
  static async providers(url: string, own: typeof fetch = fetch): Promise<LoginProvider[]> {
    const response = await reached(own(`${url.replace(/\/$/, "")}/v1/login`, { cache: "no-store" }));
    if (!response.ok) throw await refusal(response);
    return ((await reached(response.json())) as { providers: LoginProvider[] }).providers;
  }

  /** Where to send a browser so that it logs in and comes back. */
  static href(provider: LoginProvider, returnTo: string): string {
    return `${provider.href}?return_to=${encodeURIComponent(returnTo)}`;
  }

  /** Who is logged in; nothing where nobody is. Throws `ClientError`. */
  static async current(url: string, own: typeof fetch = fetch): Promise<LoginSession | undefined> {
    const base = url.replace(/\/$/, "");
    const response = await reached(own(`${base}/v1/session`, { credentials: "include", cache: "no-store" }));
    if (response.status === 401) return undefined;
    if (!response.ok) throw await refusal(response);
    return new LoginSession(base, own, (await reached(response.json())) as LoggedIn);
  }

  /** What the server told last. */
  get told(): LoggedIn {
    return this.#told;
  }

  /** Gets a pass: what `connect` asks for, again whenever it needs one. Throws `ClientError`. */
  async pass(wanted: { at: string; scopes?: readonly string[]; menus?: readonly MenuName[] }): Promise<string> {
    return ((await this.#post("/v1/session/passes", wanted)) as { pass: string }).pass;
  }

  /** Tells that someone did something, which keeps the session from ending. Throws `ClientError`. */
  async activity(): Promise<LoggedIn> {
    this.#told = (await this.#post("/v1/session/activity")) as LoggedIn;
    return this.#told;
  }

  /** Gives a command of administration. Throws `ClientError`. */
  async command(command: object, more?: { dryRun?: boolean; background?: boolean }): Promise<unknown> {
    const { dryRun = false, background = false } = options(more, ["dryRun", "background"]);
    const headers: Record<string, string> = background ? { "rolecall-background": "1" } : {};
    return this.#post("/v1/administration/commands", { command, dry_run: dryRun }, headers);
  }

  /** Logs out. Returns where to send the browser so that it is logged out at the provider as well. Throws `ClientError`. */
  async logout(returnTo?: string): Promise<string | undefined> {
    const query = returnTo === undefined ? "" : `?return_to=${encodeURIComponent(returnTo)}`;
    return ((await this.#post(`/v1/session/logout${query}`)) as { provider?: string }).provider;
  }

  async #post(path: string, body: object = {}, also: Record<string, string> = {}): Promise<unknown> {
    const headers = { "content-type": "application/json", "rolecall-csrf": this.#told.csrf, ...also };
    const options: RequestInit = {
      method: "POST",
      credentials: "include",
      cache: "no-store",
      headers,
      body: JSON.stringify(body),
    };
    const own = this.#fetch;
    const response = await reached(own(this.#url + path, options));
    if (!response.ok) throw await refusal(response);
    return reached(response.json());
  }
}
