/** Following a server: whatever its stream of changes tells. */

import { ClientError } from "../errors.js";
import { reached, refusal } from "./response.js";
import { events, Watch } from "./watch.js";

/** How the connection to the server is. */
export interface Connection {
  /** Whether changes arrive. */
  connected: boolean;
  /** Since when. */
  since: Date;
  /** Why it is not connected, as far as that is known. */
  error?: unknown;
}

/** What is refused where nobody is logged in any more. */
const OVER = ["session.ended", "session.missing"];

const FIRST_WAIT = 100;
const LONGEST_WAIT = 30_000;

/** Answers that stay right until it is closed. */
export abstract class Live<T> {
  #connection: Connection = { connected: false, since: new Date() };
  readonly #listeners = new Set<(live: Live<T>) => void>();
  readonly #closed = new AbortController();
  readonly #url: string;
  readonly #fetch: typeof fetch;

  /** @internal */
  protected constructor(url: string, own: typeof fetch | undefined) {
    this.#url = url.replace(/\/$/, "");
    this.#fetch = own ?? ((...args) => fetch(...args));
  }

  /** What answers now. Take it anew for each request. Throws `ClientError` where what there is became too old. */
  abstract get current(): T;

  /** Whether changes arrive, and since when. */
  get connection(): Connection {
    return this.#connection;
  }

  /**
   * Calls back whenever the answers are others, or the connection is. Returns what ends that. A field, so that a connection
   * cannot be sent to another thread, where nothing would follow: connect there.
   */
  readonly onChange = (listener: (live: Live<T>) => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Ends the connection; what is there goes on to answer for as long as it may. */
  close(): void {
    this.#closed.abort();
    // Nobody is told: whoever closes it knows.
    if (this.#connection.connected) this.#connection = { connected: false, since: new Date() };
  }

  /** @internal Aborted once it is closed. */
  protected get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** @internal */
  protected tell(): void {
    for (const listener of this.#listeners) {
      try {
        listener(this);
      } catch (error) {
        // It is told as what nobody caught, and keeps nobody else from hearing.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  #set(reached: boolean, error?: unknown): void {
    // What is closed hears of nothing any more, so that it becomes too old.
    const connected = reached && !this.#closed.signal.aborted;
    if (this.#connection.connected === connected) return;
    this.#connection = { connected, since: new Date(), ...(error === undefined ? {} : { error }) };
    this.tell();
  }

  /** @internal What the stream is opened with. */
  protected abstract bearer(): string;
  /** @internal What the answers are marked with; without it the server looks at the bearer. */
  protected abstract mark(): string | undefined;
  /** @internal Gets other answers, since the server has others. */
  protected abstract refresh(): Promise<void>;
  /** @internal Forgets what answers: whoever it is for is no longer logged in. */
  protected abstract end(): void;
  /** @internal Gets whatever is needed to connect. */
  protected abstract prepare(): Promise<void>;

  /** @internal Nothing answers where nobody is logged in any more, however that is heard of. */
  protected heed(refused: unknown): void {
    if (refused instanceof ClientError && OVER.includes(refused.code)) this.end();
  }

  /** @internal Asks the server, for as long as something comes. */
  protected async ask<T>(
    path: string,
    init: RequestInit,
    read: (response: Response, watch: Watch) => Promise<T>,
  ): Promise<T> {
    const watch = new Watch(this.#closed.signal);
    try {
      const headers = { ...init.headers, authorization: `Bearer ${this.bearer()}` };
      // The bearer is for the server alone, and what answers comes from nowhere else.
      const asked: RequestInit = { ...init, headers, signal: watch.signal, cache: "no-store", redirect: "error" };
      return await read(await reached(this.#fetch(this.#url + path, asked)), watch);
    } finally {
      watch.end();
    }
  }

  /** @internal Why the server refuses. */
  protected async refused(response: Response): Promise<ClientError> {
    const why = await refusal(response);
    this.heed(why);
    return why;
  }

  /** @internal Follows the stream, and connects again for as long as it is not closed. */
  protected async follow(): Promise<void> {
    const { signal } = this.#closed;
    let wait = FIRST_WAIT;
    while (!signal.aborted) {
      let ended: unknown;
      try {
        await this.prepare();
        if (
          await this.#listen(() => {
            wait = FIRST_WAIT;
          })
        )
          continue;
      } catch (error) {
        ended = error;
      }
      if (signal.aborted) return;
      this.#set(false, ended);
      // Some sooner, some later, so that a server that comes back is not met by everyone at once.
      await pause(wait * (0.5 + Math.random() / 2), signal);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    }
  }

  /** Listens until the stream ends, or nothing comes; tells whether it ended because its bearer did. */
  #listen(reached: () => void): Promise<boolean> {
    const mark = this.mark();
    return this.ask(
      "/v1/stream",
      { headers: mark === undefined ? {} : { "last-event-id": mark } },
      async (response, watch) => {
        if (!response.ok || response.body === null) {
          const refused = await this.refused(response);
          // What it is opened with opens nothing any more.
          if (response.status === 401) await this.refresh();
          throw refused;
        }
        for await (const event of events(response.body, watch)) {
          if (event === "changed") await this.refresh();
          if (event === "ended") this.end();
          if (event === "expired" || event === "ended") return true;
          reached();
          this.#set(true);
        }
        return false;
      },
    );
  }
}

function pause(millis: number, closed: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const end = (): void => {
      clearTimeout(timer);
      closed.removeEventListener("abort", end);
      done();
    };
    const timer = setTimeout(end, millis);
    closed.addEventListener("abort", end);
  });
}
