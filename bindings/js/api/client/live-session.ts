/** A live session of one subject, from passes that are renewed. */

import { alarm } from "../alarm.js";
import type { Fetch } from "../platform.js";
import { ClientError } from "../errors.js";
import { type Live, LiveConnection } from "./live.js";
import { reached } from "./response.js";
import { areAlike, type Expected, openPass, read, type SessionClass } from "./pass.js";

/** Options for browsers and edge servers: the permissions of one subject. */
export interface SessionOptions {
  /** Gets a pass from your own backend, which authenticates the subject. Called again when a pass cannot be renewed. */
  pass: () => string | Promise<string>;
  /** The scope, if it is not that of the pass. */
  at?: string;
  /** Verifies every pass. Required on servers. */
  expected?: Expected;
  /** The `fetch` to use. */
  fetch?: Fetch;
}

/** A session that answers at other times as well. */
export interface Timed<S> {
  at(scope: string, time: Date): S;
  readonly coverage: { at: string };
  /** The instant at which its answers change, in milliseconds since the epoch. */
  readonly validUntil: number | null | undefined;
  /** @internal Continues with a later session that has the same answers. */
  follow?(later: S): void;
}

/** @internal */
export class LiveSession<S extends Timed<S>> extends LiveConnection<S> {
  readonly #kind: SessionClass<S>;
  readonly #options: SessionOptions;
  #pass = "";
  #session: S | undefined;
  /** The time of the session. */
  #since = 0;
  #expires = 0;
  /** Renews the pass. */
  readonly #renewal = alarm(() => {
    // After a failure it retries while the pass is valid.
    const retry = (): void => {
      if (Date.now() < this.#expires) this.#renewIn(Math.max(1000, (this.#expires - Date.now()) / 4));
    };
    this.#renew().catch(retry);
  });
  /**
   * The number of requested passes, and of the newest one in use. Passes that were requested earlier but arrive later
   * are dropped.
   */
  #requested = 0;
  #newest = 0;

  constructor(kind: SessionClass<S>, url: string, options: SessionOptions) {
    super(url, options.fetch);
    this.#kind = kind;
    this.#options = options;
  }

  static async open<S extends Timed<S>>(kind: SessionClass<S>, url: string, options: SessionOptions): Promise<Live<S>> {
    const live = new LiveSession(kind, url, options);
    await live.#authenticate();
    void live.follow();
    return live;
  }

  get current(): S {
    return this.target().#now();
  }

  /** Returns the session. It is replaced when its answers differ. */
  #now(): S {
    const session = this.#session;
    if (session === undefined) throw new ClientError("client.ended", "the login session has ended");
    const now = Date.now();
    // A clock can be set back as well.
    if (now >= this.#since && now < (session.validUntil ?? Infinity)) return session;
    // The session denies everything that the pass does not cover.
    this.#session = session.at(session.coverage.at, new Date(now));
    this.#since = now;
    // Who reads this first may not be a listener.
    this.expireAt(now);
    return this.#session;
  }

  protected changesAt(): number | null | undefined {
    return this.#session && this.#now().validUntil;
  }

  override close(): void {
    this.target().#renewal();
    super.close();
  }

  protected bearer(): string {
    return this.#pass;
  }

  // The server compares the stream with the pass itself.
  protected lastEventId(): undefined {}

  async #take(ticket: number, pass: string): Promise<void> {
    const { pass: _, fetch: __, ...expected } = this.#options;
    const time = new Date();
    const session = await openPass(this.#kind, pass, { ...expected, time });
    if (ticket <= this.#newest) return;
    this.#newest = ticket;
    const known = this.#answering(time);
    const isSame = known?.follow !== undefined && areAlike(this.#pass, pass);
    // The object stays while its answers do, so pages do not render again at each renewal.
    if (isSame) known.follow?.(session);
    else this.#session = session;
    this.#since = time.getTime();
    this.#pass = pass;
    const { nbf, exp } = read(pass).claims;
    this.#expires = exp * 1000;
    // Renews well before expiry, at a random time, to spread the load.
    const left = Math.max(0, this.#expires - Math.max(Date.now(), nbf * 1000));
    this.#renewIn(left * (0.6 + Math.random() / 5));
    if (isSame) this.expireAt(session.validUntil);
    else this.notify();
  }

  /** Returns the session whose answers are still those at a time. */
  #answering(time: Date): S | undefined {
    const until = this.#session?.validUntil ?? Infinity;
    return +time >= this.#since && +time < until ? this.#session : undefined;
  }

  #renewIn(millis: number): void {
    if (!this.closed.aborted) this.#renewal(Date.now() + millis);
  }

  async #renew(): Promise<void> {
    const ticket = ++this.#requested;
    const pass = await this.request("/v1/passes/renew", { method: "POST" }, async (response) => {
      if (response.ok) return ((await reached(response.json())) as { pass: string }).pass;
      const error = await this.refusalOf(response);
      if (response.status !== 401) throw error;
      return undefined;
    });
    // A pass that cannot be renewed needs new authentication.
    await (pass === undefined ? this.#authenticate() : this.#take(ticket, pass));
  }

  /** Gets a pass from your own backend. */
  async #authenticate(): Promise<void> {
    const ticket = ++this.#requested;
    let pass;
    try {
      pass = await this.#options.pass();
    } catch (error) {
      this.endIfLoggedOut(error);
      throw error;
    }
    await this.#take(ticket, pass);
  }

  protected refresh(): Promise<void> {
    return this.#renew();
  }

  protected end(): void {
    // Drops passes that were requested before.
    this.#newest = this.#requested;
    this.#renewal();
    if (this.#session === undefined) return;
    this.#session = undefined;
    this.#expires = 0;
    this.notify();
  }

  protected async prepare(): Promise<void> {
    if (Date.now() >= this.#expires) await this.#authenticate();
  }
}
