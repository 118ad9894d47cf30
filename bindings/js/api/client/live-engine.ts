/** Everything a server has, for one that decides by itself. */

import { ClientError } from "../errors.js";
import { Live } from "./live.js";

/** The class `Engine` of any package. */
export interface EngineClass<E> {
  fromSnapshot(bytes: Uint8Array): E;
}

/** For servers: everything, so that they decide by themselves. */
export interface EngineOptions {
  /** A token that gives the right to snapshots. */
  token: string;
  /** Milliseconds for which it is answered from what was there last, while the server is away: 15 minutes, at most a day. */
  maxAge?: number;
  /** The `fetch` to use. */
  fetch?: typeof fetch;
}

/** The longest that a server may be away: a day. */
const LONGEST_AGE = 24 * 60 * 60_000;

/** @internal Refuses what is not a number of milliseconds, or is more than a day: withdrawn roles would hold for that long. */
export function checkAge(maxAge: unknown): void {
  if (maxAge === undefined || (typeof maxAge === "number" && maxAge >= 0 && maxAge <= LONGEST_AGE)) return;
  throw new ClientError(
    "client.options",
    `\`maxAge\` is a number of milliseconds, at most ${LONGEST_AGE} (a day), not \`${String(maxAge)}\``,
  );
}

/** @internal */
export class LiveEngine<E> extends Live<E> {
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
    const { connected, since } = this.connection;
    const age = connected ? 0 : Date.now() - since.getTime();
    // What is no number is no bound.
    if (this.#engine === undefined || !(age <= (this.#options.maxAge ?? 15 * 60_000))) {
      throw new ClientError("client.stale", `the server has been away for ${Math.round(age / 1000)} s`);
    }
    return this.#engine;
  }

  protected bearer(): string {
    return this.#options.token;
  }

  protected mark(): string | undefined {
    return this.#tag?.replaceAll('"', "");
  }

  protected async refresh(): Promise<void> {
    const headers: HeadersInit = this.#tag === undefined ? {} : { "if-none-match": this.#tag };
    const isOther = await this.ask("/v1/snapshot", { headers }, async (response, watch) => {
      if (response.status === 304) return false;
      if (!response.ok) throw await this.refused(response);
      this.#engine = this.#kind.fromSnapshot(await watch.bytes(response));
      this.#tag = response.headers.get("etag") ?? undefined;
      return true;
    });
    if (isOther) this.tell();
  }

  protected end(): void {
    this.#engine = this.#tag = undefined;
    this.tell();
  }

  protected async prepare(): Promise<void> {}
}
