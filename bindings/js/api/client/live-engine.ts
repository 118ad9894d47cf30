/** A live engine, for servers that decide locally. */

import type { Fetch } from "../platform.js";
import { ClientError } from "../errors.js";
import { type Live, LiveConnection } from "./live.js";

/** The class `Engine` of any package. */
export interface EngineClass<E> {
  fromSnapshot(bytes: Uint8Array): E;
}

/** Options for servers that decide locally. */
export interface EngineOptions {
  /** A token that grants access to snapshots. */
  token: string;
  /**
   * How long to answer from the last state while the server is unreachable, in milliseconds: 15 minutes by default, at
   * most a day.
   */
  maxAge?: number;
  /** The `fetch` to use. */
  fetch?: Fetch;
}

/** The upper bound of `maxAge`: a day. */
const LONGEST_AGE = 24 * 60 * 60_000;

/**
 * @internal Rejects values that are not a number of milliseconds, and more than a day, because revoked roles stay
 * active for that long.
 */
export function checkAge(maxAge: unknown): void {
  if (maxAge === undefined || (typeof maxAge === "number" && maxAge >= 0 && maxAge <= LONGEST_AGE)) return;
  throw new ClientError(
    "client.options",
    `\`maxAge\` must be a number of milliseconds, at most ${LONGEST_AGE} (a day), not \`${String(maxAge)}\``,
  );
}

/** @internal */
export class LiveEngine<E> extends LiveConnection<E> {
  readonly #kind: EngineClass<E>;
  readonly #options: EngineOptions;
  #engine: E | undefined;
  #tag: string | undefined;

  constructor(kind: EngineClass<E>, url: string, options: EngineOptions) {
    super(url, options.fetch);
    this.#kind = kind;
    this.#options = options;
  }

  static async open<E>(kind: EngineClass<E>, url: string, options: EngineOptions): Promise<Live<E>> {
    const live = new LiveEngine(kind, url, options);
    await live.refresh();
    void live.follow();
    return live;
  }

  get current(): E {
    const live = this.target();
    const { connected, since } = live.connection;
    const age = connected ? 0 : Date.now() - since.getTime();
    // `NaN` counts as too old.
    if (live.#engine === undefined || !(age <= live.#maxAge)) {
      throw new ClientError("client.stale", `the server has been unreachable for ${Math.round(age / 1000)} s`);
    }
    return live.#engine;
  }

  get #maxAge(): number {
    return this.#options.maxAge ?? 15 * 60_000;
  }

  protected changesAt(): number | undefined {
    const { connected, since } = this.connection;
    const stale = since.getTime() + this.#maxAge + 1;
    return connected || stale <= Date.now() ? undefined : stale;
  }

  protected bearer(): string {
    return this.#options.token;
  }

  protected lastEventId(): string | undefined {
    return this.#tag?.replaceAll('"', "");
  }

  protected async refresh(): Promise<void> {
    const headers: HeadersInit = this.#tag === undefined ? {} : { "if-none-match": this.#tag };
    const hasChanged = await this.request("/v1/snapshot", { headers }, async (response, watch) => {
      if (response.status === 304) return false;
      if (!response.ok) throw await this.refusalOf(response);
      this.#engine = this.#kind.fromSnapshot(await watch.bytes(response));
      this.#tag = response.headers.get("etag") ?? undefined;
      return true;
    });
    if (hasChanged) this.notify();
  }

  protected end(): void {
    this.#engine = this.#tag = undefined;
    this.notify();
  }

  protected async prepare(): Promise<void> {}
}
