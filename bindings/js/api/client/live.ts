/** A connection that follows a server's stream of changes. */

import { alarm } from "../alarm.js";
import { ClientError } from "../errors.js";
import { Target } from "../target.js";
import { refusal, send } from "./response.js";
import { events, Watch } from "./watch.js";

/** The state of the connection to the server. */
export interface Connection {
  /** Whether changes arrive. */
  connected: boolean;
  /** The time of the last change of `connected`. */
  since: Date;
  /** The reason why it is not connected, if known. */
  error?: unknown;
}

/** The codes of a login session that has ended. */
const LOGGED_OUT = ["session.ended", "session.missing"];

const FIRST_WAIT = 100;
const LONGEST_WAIT = 30_000;

/** Answers that stay up to date until the connection is closed. */
export interface Live<T> {
  /**
   * The current answers: the same object until they differ. Read this property again for each request. Throws
   * `ClientError` if the answers are too old.
   */
  readonly current: T;
  /** The state of the connection. */
  readonly connection: Connection;
  /**
   * Calls the listener when the answers or the connection change, also when the answers expire. Returns a function that
   * removes the listener.
   */
  onChange(listener: (live: Live<T>) => void): () => void;
  /** Closes the connection. The last answers remain available until they are too old. */
  close(): void;
}

/** @internal */
export abstract class LiveConnection<T> extends Target implements Live<T> {
  #connection: Connection = { connected: false, since: new Date() };
  /** Notifies listeners at the instant at which the answers change by themselves. */
  readonly #expiry = alarm(() => this.notify());
  readonly #listeners = new Set<(live: Live<T>) => void>();
  readonly #closed = new AbortController();
  readonly #url: string;
  readonly #fetch: typeof fetch;

  /** @internal */
  protected constructor(url: string, own: typeof fetch | undefined) {
    super();
    this.#url = url.replace(/\/$/, "");
    this.#fetch = own ?? ((...args) => fetch(...args));
  }

  abstract get current(): T;

  get connection(): Connection {
    return this.target().#connection;
  }

  /** This is a field, so a connection cannot be sent to another thread, where it would not be updated. */
  readonly onChange = (listener: (live: Live<T>) => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  close(): void {
    const live = this.target();
    live.#closed.abort();
    live.#expiry();
    // Does not notify listeners, because the caller knows.
    if (live.#connection.connected) live.#connection = { connected: false, since: new Date() };
  }

  /** @internal Aborted when the connection is closed. */
  protected get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** @internal Notifies listeners, and waits for the next instant at which the answers change by themselves. */
  protected notify(): void {
    this.expireAt(this.changesAt());
    for (const listener of this.#listeners) {
      try {
        listener(this);
      } catch (error) {
        // Reports the error as uncaught, and still notifies the other listeners.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  #set(reached: boolean, error?: unknown): void {
    // A closed connection stays disconnected, so that its answers become too old.
    const connected = reached && !this.#closed.signal.aborted;
    if (this.#connection.connected === connected) return;
    this.#connection = { connected, since: new Date(), ...(error === undefined ? {} : { error }) };
    this.notify();
  }

  /** @internal Notifies listeners at an instant, or at none, instead of the one before. */
  protected expireAt(millis: number | null | undefined): void {
    if (!this.#closed.signal.aborted) this.#expiry(millis);
  }

  /** @internal Returns the instant at which the answers change by themselves, if there is one. */
  protected abstract changesAt(): number | null | undefined;
  /** @internal Returns the token that authenticates requests. */
  protected abstract bearer(): string;
  /** @internal Returns the id of the current answers. Without one, the server compares with the token. */
  protected abstract lastEventId(): string | undefined;
  /** @internal Gets the new answers of the server. */
  protected abstract refresh(): Promise<void>;
  /** @internal Drops the answers, because the login session has ended. */
  protected abstract end(): void;
  /** @internal Prepares a connection. */
  protected abstract prepare(): Promise<void>;

  /** @internal Drops the answers if an error reports that the login session has ended. */
  protected endIfLoggedOut(error: unknown): void {
    if (error instanceof ClientError && LOGGED_OUT.includes(error.code)) this.end();
  }

  /** @internal Sends a request, which fails when the server falls silent. */
  protected async request<T>(
    path: string,
    init: RequestInit,
    read: (response: Response, watch: Watch) => Promise<T>,
  ): Promise<T> {
    const watch = new Watch(this.#closed.signal);
    try {
      const headers = { ...init.headers, authorization: `Bearer ${this.bearer()}` };
      return await read(await send(this.#fetch, this.#url + path, { ...init, headers, signal: watch.signal }), watch);
    } finally {
      watch.end();
    }
  }

  /** @internal Returns the error of a response. */
  protected async refusalOf(response: Response): Promise<ClientError> {
    const error = await refusal(response);
    this.endIfLoggedOut(error);
    return error;
  }

  /** @internal Follows the stream, and reconnects until the connection is closed. */
  protected async follow(): Promise<void> {
    const { signal } = this.#closed;
    let wait = FIRST_WAIT;
    while (!signal.aborted) {
      let failure: unknown;
      try {
        await this.prepare();
        if (
          await this.#listen(() => {
            wait = FIRST_WAIT;
          })
        )
          continue;
      } catch (error) {
        failure = error;
      }
      if (signal.aborted) return;
      this.#set(false, failure);
      // A random delay, so that clients do not all reconnect at once.
      await pause(wait * (0.5 + Math.random() / 2), signal);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    }
  }

  /** Listens until the stream ends or falls silent. Returns whether it ended because its token did. */
  #listen(reached: () => void): Promise<boolean> {
    const lastEventId = this.lastEventId();
    return this.request(
      "/v1/stream",
      { headers: lastEventId === undefined ? {} : { "last-event-id": lastEventId } },
      async (response, watch) => {
        if (!response.ok || response.body === null) {
          const error = await this.refusalOf(response);
          // The token is not accepted any more.
          if (response.status === 401) await this.refresh();
          throw error;
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
