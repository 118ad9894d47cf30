/** What one subject may do, by passes that are renewed. */

import { ClientError } from "../errors.js";
import { Live } from "./live.js";
import { reached } from "./response.js";
import { type Expected, openPass, read, type SessionClass } from "./pass.js";

/** For browsers and edges: what one subject may do. */
export interface SessionOptions {
  /** Gets a pass from one's own backend, which knows who asks; called again when a pass cannot be renewed. */
  pass: () => string | Promise<string>;
  /** The scope, where it is not that of the pass. */
  at?: string;
  /** Checks every pass, as servers must. */
  expected?: Expected;
  /** The `fetch` to use. */
  fetch?: typeof fetch;
}

/** @internal */
export class LiveSession<S extends { at(scope: string, time: Date): S; coverage: { at: string } }> extends Live<S> {
  readonly #kind: SessionClass<S>;
  readonly #options: SessionOptions;
  #pass = "";
  #session: S | undefined;
  #expires = 0;
  #renewal: ReturnType<typeof setTimeout> | undefined;
  /** How many passes were asked for, and the last of them that counts: what was asked for before it came too late. */
  #asked = 0;
  #newest = 0;

  constructor(kind: SessionClass<S>, url: string, options: SessionOptions) {
    super(url, options.fetch);
    this.#kind = kind;
    this.#options = options;
  }

  static async open<S extends { at(scope: string, time: Date): S; coverage: { at: string } }>(
    kind: SessionClass<S>,
    url: string,
    options: SessionOptions,
  ): Promise<Live<S>> {
    const live = new LiveSession(kind, url, options);
    await live.#authenticate();
    void live.follow();
    return live;
  }

  get current(): S {
    const session = this.#session;
    if (session === undefined) throw new ClientError("client.ended", "nobody is logged in any more");
    // Beyond what the pass covers it denies.
    return session.at(session.coverage.at, new Date());
  }

  override close(): void {
    clearTimeout(this.#renewal);
    super.close();
  }

  protected bearer(): string {
    return this.#pass;
  }

  // The stream is held against the pass itself.
  protected mark(): undefined {}

  async #take(asked: number, pass: string): Promise<void> {
    const { pass: _, fetch: __, ...expected } = this.#options;
    const session = await openPass(this.#kind, pass, { ...expected, time: new Date() });
    if (asked <= this.#newest) return;
    this.#newest = asked;
    this.#session = session;
    this.#pass = pass;
    const { nbf, exp } = read(pass).claims;
    this.#expires = exp * 1000;
    // Well before its end, some sooner, some later.
    const left = Math.max(0, this.#expires - Math.max(Date.now(), nbf * 1000));
    this.#renewIn(left * (0.6 + Math.random() / 5));
    this.tell();
  }

  /** Renews after a while; where that fails, the pass holds on, and it is tried again. */
  #renewIn(millis: number): void {
    clearTimeout(this.#renewal);
    if (this.closed.aborted) return;
    const again = (): void => {
      if (Date.now() < this.#expires) this.#renewIn(Math.max(1000, (this.#expires - Date.now()) / 4));
    };
    this.#renewal = setTimeout(() => void this.#renew().catch(again), millis);
    (this.#renewal as { unref?: () => void }).unref?.();
  }

  async #renew(): Promise<void> {
    const asked = ++this.#asked;
    const pass = await this.ask("/v1/passes/renew", { method: "POST" }, async (response) => {
      if (response.ok) return ((await reached(response.json())) as { pass: string }).pass;
      const refused = await this.refused(response);
      if (response.status !== 401) throw refused;
      return undefined;
    });
    // Where it cannot be renewed, who asks must be authenticated again.
    await (pass === undefined ? this.#authenticate() : this.#take(asked, pass));
  }

  /** Gets a pass from one's own backend. */
  async #authenticate(): Promise<void> {
    const asked = ++this.#asked;
    let pass;
    try {
      pass = await this.#options.pass();
    } catch (error) {
      this.heed(error);
      throw error;
    }
    await this.#take(asked, pass);
  }

  protected refresh(): Promise<void> {
    return this.#renew();
  }

  protected end(): void {
    // Nor does it answer from a pass that was asked for before.
    this.#newest = this.#asked;
    clearTimeout(this.#renewal);
    if (this.#session === undefined) return;
    this.#session = undefined;
    this.#expires = 0;
    this.tell();
  }

  protected async prepare(): Promise<void> {
    if (Date.now() >= this.#expires) await this.#authenticate();
  }
}
