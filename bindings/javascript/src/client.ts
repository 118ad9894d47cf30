/** Answers from a server that stay right: the first ones from a pass or a snapshot, then whatever a stream of changes tells. */

/** A pass that opens nothing, a server that refuses, or answers that are too old. */
export class ClientError extends Error {
  override name = "ClientError";
  /** What is wrong, for programs, such as `pass.expired` or `client.stale`. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}

/** The class `PortableSession` of any package. */
export interface SessionClass<S> {
  fromBytes(bytes: Uint8Array, context: { at?: string | undefined; time: Date | string }): S;
}

/** The class `Engine` of any package. */
export interface EngineClass<E> {
  fromSnapshot(bytes: Uint8Array): E;
}

/** A JSON Web Key Set, as `/.well-known/jwks.json` has it. */
export interface KeySet {
  keys: readonly { kty: string; crv?: string; x?: string; kid?: string }[];
}

/** Whose pass it must be. */
export interface Expected {
  /** The public keys of the issuer. */
  keys: KeySet;
  /** The address that the server is known by. */
  issuer: string;
  /** Whom it is meant for; without one, only a pass that names nobody opens. */
  audience?: string | undefined;
}

interface Claims {
  iss: string;
  sub: string;
  aud?: unknown;
  nbf: number;
  exp: number;
  rolecall: string;
}

const TYPE = "rolecall-pass+jwt";

function bytesOf(text: string | undefined): Uint8Array<ArrayBuffer> {
  // One letter beyond a group of four stands for no byte.
  if (text === undefined || !/^[\w-]*$/.test(text) || text.length % 4 === 1) {
    throw new ClientError("pass.malformed", "a part of the pass is not base64url");
  }
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}

function part<T>(text: string | undefined): T {
  const bytes = bytesOf(text);
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (typeof value === "object" && value !== null) return value as T;
  } catch {
    // Told below.
  }
  throw new ClientError("pass.malformed", "a part of the pass cannot be read");
}

/** The claims of a pass, and the bytes of its session, whose signature nobody has checked. */
function read(pass: string): { claims: Claims; bytes: Uint8Array<ArrayBuffer>; parts: string[] } {
  const parts = pass.split(".");
  if (parts.length !== 3 || pass.length > 96 * 1024) throw new ClientError("pass.malformed", "a pass is three parts with dots between them");
  const claims = part<Claims>(parts[1]);
  if (typeof claims.rolecall !== "string" || !Number.isSafeInteger(claims.exp) || !Number.isSafeInteger(claims.nbf)) {
    throw new ClientError("pass.malformed", "the claims of the pass cannot be read");
  }
  return { claims, bytes: bytesOf(claims.rolecall), parts };
}

/**
 * Checks a pass and makes a session of it: with `expected`, as every server must; without it only in a browser, which got
 * the pass from its own server and hides what it does not allow. Throws `ClientError`, and `RequestError` for a session
 * that is damaged.
 */
export async function openPass<S>(
  kind: SessionClass<S>,
  pass: string,
  { expected, at, time = new Date() }: { expected?: Expected | undefined; at?: string | undefined; time?: Date } = {},
): Promise<S> {
  const { claims, bytes, parts } = read(pass);
  if (expected !== undefined) {
    const header = part<{ alg?: unknown; typ?: unknown; kid?: unknown; crit?: unknown }>(parts[0]);
    if (header.alg !== "EdDSA" || header.typ !== TYPE || header.crit !== undefined) {
      throw new ClientError("pass.algorithm", `a pass is signed with \`EdDSA\` and is of the type \`${TYPE}\``);
    }
    const key = expected.keys.keys.find(({ kty, crv, kid }) => kty === "OKP" && crv === "Ed25519" && kid === header.kid);
    if (key === undefined) throw new ClientError("pass.key", "the key that signed the pass is not among those that are known");
    const usable = await crypto.subtle.importKey("raw", bytesOf(key.x), "Ed25519", false, ["verify"]);
    const signed = new TextEncoder().encode(`${parts[0]}.${parts[1]}`);
    if (!(await crypto.subtle.verify("Ed25519", usable, bytesOf(parts[2]), signed))) {
      throw new ClientError("pass.signature", "the signature of the pass is not that of its key");
    }
    if (claims.iss !== expected.issuer) throw new ClientError("pass.issuer", "someone else issued the pass");
    if (claims.aud !== expected.audience) throw new ClientError("pass.audience", "the pass is meant for someone else");
  }
  const seconds = Math.floor(time.getTime() / 1000);
  if (seconds >= claims.exp) throw new ClientError("pass.expired", "the pass has expired: get a new one");
  if (seconds < claims.nbf) throw new ClientError("pass.early", "the pass has not begun: the clocks differ");
  const session = kind.fromBytes(bytes, { at, time });
  const { coverage } = session as { coverage?: { subject?: unknown } };
  if (coverage?.subject !== claims.sub) throw new ClientError("pass.session", "the pass is of another subject than its session");
  return session;
}

/** How the connection to the server is. */
export interface Connection {
  /** Whether changes arrive. */
  connected: boolean;
  /** Since when. */
  since: Date;
  /** Why it is not connected, as far as that is known. */
  error?: unknown;
}

/** For servers: everything, so that they decide by themselves. */
export interface EngineOptions {
  /** A token that gives the right to snapshots. */
  token: string;
  /** Milliseconds for which it is answered from what was there last, while the server is away: 15 minutes. */
  maxAge?: number;
  /** The `fetch` to use. */
  fetch?: typeof fetch;
}

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

/** What is refused where nobody is logged in any more. */
const OVER = ["session.ended", "session.missing"];

/** Milliseconds without a sign of life, after which a connection counts as broken: over a stream the server sends one every 15 s. */
const SILENCE = 40_000;
const FIRST_WAIT = 100;
const LONGEST_WAIT = 30_000;

/** Answers that stay right until it is closed. */
export abstract class Live<T> {
  #connection: Connection = { connected: false, since: new Date() };
  readonly #listeners = new Set<(live: Live<T>) => void>();
  readonly #closed = new AbortController();
  protected readonly url: string;
  protected readonly fetch: typeof fetch;

  protected constructor(url: string, own: typeof fetch | undefined) {
    this.url = url.replace(/\/$/, "");
    this.fetch = own ?? ((...args) => fetch(...args));
  }

  /** What answers now. Take it anew for each request. Throws `ClientError` where what there is became too old. */
  abstract get current(): T;

  /** Whether changes arrive, and since when. */
  get connection(): Connection {
    return this.#connection;
  }

  /** Calls back whenever the answers are others, or the connection is. Returns what ends that. */
  onChange(listener: (live: Live<T>) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Ends the connection; what is there goes on to answer for as long as it may. */
  close(): void {
    this.#closed.abort();
  }

  protected get closed(): AbortSignal {
    return this.#closed.signal;
  }

  protected tell(): void {
    for (const listener of this.#listeners) {
      try {
        listener(this);
      } catch (error) {
        // It is told as what nobody caught, and keeps nobody else from hearing.
        queueMicrotask(() => { throw error; });
      }
    }
  }

  #set(connected: boolean, error?: unknown): void {
    if (this.#connection.connected === connected) return;
    this.#connection = { connected, since: new Date(), ...(error === undefined ? {} : { error }) };
    this.tell();
  }

  /** What the stream is opened with. */
  protected abstract bearer(): string;
  /** What the answers are marked with; without it the server looks at the bearer. */
  protected abstract mark(): string | undefined;
  /** Gets other answers, since the server has others. */
  protected abstract refresh(): Promise<void>;
  /** Forgets what answers: whoever it is for is no longer logged in. */
  protected abstract end(): void;
  /** Gets whatever is needed to connect. */
  protected abstract prepare(): Promise<void>;

  /** Nothing answers where nobody is logged in any more, however that is heard of. */
  protected heed(refused: unknown): void {
    if (refused instanceof ClientError && OVER.includes(refused.code)) this.end();
  }

  /** Why the server refuses. */
  protected async refused(response: Response): Promise<ClientError> {
    const why = await refusal(response);
    this.heed(why);
    return why;
  }

  /** Follows the stream, and connects again for as long as it is not closed. */
  protected async follow(): Promise<void> {
    const { signal } = this.#closed;
    let wait = FIRST_WAIT;
    while (!signal.aborted) {
      let ended: unknown;
      try {
        await this.prepare();
        if (await this.#listen(() => { wait = FIRST_WAIT; })) continue;
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
  async #listen(reached: () => void): Promise<boolean> {
    const watch = new Watch(this.#closed.signal);
    try {
      return await this.#read(watch, reached);
    } finally {
      watch.end();
    }
  }

  async #read(watch: Watch, reached: () => void): Promise<boolean> {
    const mark = this.mark();
    const headers = { authorization: `Bearer ${this.bearer()}`, ...(mark === undefined ? {} : { "last-event-id": mark }) };
    const response = await this.fetch(`${this.url}/v1/stream`, { headers, signal: watch.signal, cache: "no-store" });
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
  }
}

class LiveEngine<E> extends Live<E> {
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
    if (this.#engine === undefined || age > (this.#options.maxAge ?? 15 * 60_000)) {
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
    const headers = { authorization: `Bearer ${this.#options.token}`, ...(this.#tag === undefined ? {} : { "if-none-match": this.#tag }) };
    const watch = new Watch(this.closed);
    try {
      const response = await this.fetch(`${this.url}/v1/snapshot`, { headers, signal: watch.signal, cache: "no-store" });
      if (response.status === 304) return;
      if (!response.ok) throw await this.refused(response);
      this.#engine = this.#kind.fromSnapshot(await watch.bytes(response));
      this.#tag = response.headers.get("etag") ?? undefined;
    } finally {
      watch.end();
    }
    this.tell();
  }

  protected end(): void {
    this.#engine = undefined;
    this.tell();
  }

  protected async prepare(): Promise<void> {}
}

class LiveSession<S extends { at(scope: string, time: Date): S; coverage: { at: string } }> extends Live<S> {
  readonly #kind: SessionClass<S>;
  readonly #options: SessionOptions;
  #pass = "";
  #session: S | undefined;
  #expires = 0;
  #renewal: ReturnType<typeof setTimeout> | undefined;

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

  async #take(pass: string): Promise<void> {
    const { at, expected } = this.#options;
    this.#session = await openPass(this.#kind, pass, { at, expected });
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
    const headers = { authorization: `Bearer ${this.#pass}` };
    const signal = AbortSignal.timeout(SILENCE);
    const response = await this.fetch(`${this.url}/v1/passes/renew`, { method: "POST", headers, signal, cache: "no-store" });
    if (response.ok) return this.#take(((await response.json()) as { pass: string }).pass);
    const refused = await this.refused(response);
    if (response.status !== 401) throw refused;
    // It cannot be renewed: who asks must be authenticated again.
    await this.#authenticate();
  }

  /** Gets a pass from one's own backend. */
  async #authenticate(): Promise<void> {
    let pass;
    try {
      pass = await this.#options.pass();
    } catch (error) {
      this.heed(error);
      throw error;
    }
    await this.#take(pass);
  }

  protected refresh(): Promise<void> {
    return this.#renew();
  }

  protected end(): void {
    if (this.#session === undefined) return;
    this.#session = undefined;
    this.#expires = 0;
    this.tell();
  }

  protected async prepare(): Promise<void> {
    if (Date.now() >= this.#expires) await this.#authenticate();
  }
}

/**
 * Connects to a server. With `Engine` and a token: everything, for a server that decides by itself. With `PortableSession`
 * and a way to get a pass: what one subject may do. Throws where the first answers cannot be had; from then on it works while
 * the server is away, connects again by itself, and tells how it is (`connection`).
 */
export function connect<E>(kind: EngineClass<E>, url: string, options: EngineOptions): Promise<Live<E>>;
export function connect<S extends { at(scope: string, time: Date): S; coverage: { at: string } }>(
  kind: SessionClass<S>,
  url: string,
  options: SessionOptions,
): Promise<Live<S>>;
export function connect(
  kind: object,
  url: string,
  options: EngineOptions | SessionOptions,
): Promise<Live<unknown>> {
  if ("token" in options) return LiveEngine.open(kind as EngineClass<unknown>, url, options);
  return LiveSession.open(kind as SessionClass<never>, url, options) as Promise<unknown> as Promise<Live<unknown>>;
}

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
    const response = await own(`${url.replace(/\/$/, "")}/v1/login`, { cache: "no-store" });
    if (!response.ok) throw await refusal(response);
    return ((await response.json()) as { providers: LoginProvider[] }).providers;
  }

  /** Where to send a browser so that it logs in and comes back. */
  static href(provider: LoginProvider, returnTo: string): string {
    return `${provider.href}?return_to=${encodeURIComponent(returnTo)}`;
  }

  /** Who is logged in; nothing where nobody is. Throws `ClientError`. */
  static async current(url: string, own: typeof fetch = fetch): Promise<LoginSession | undefined> {
    const base = url.replace(/\/$/, "");
    const response = await own(`${base}/v1/session`, { credentials: "include", cache: "no-store" });
    if (response.status === 401) return undefined;
    if (!response.ok) throw await refusal(response);
    return new LoginSession(base, own, (await response.json()) as LoggedIn);
  }

  /** What the server told last. */
  get told(): LoggedIn {
    return this.#told;
  }

  /** Gets a pass: what `connect` asks for, again whenever it needs one. Throws `ClientError`. */
  async pass(wanted: { at: string; scopes?: readonly string[]; menus?: readonly string[] }): Promise<string> {
    return ((await this.#post("/v1/session/passes", wanted)) as { pass: string }).pass;
  }

  /** Tells that someone did something, which keeps the session from ending. Throws `ClientError`. */
  async activity(): Promise<LoggedIn> {
    this.#told = (await this.#post("/v1/session/activity")) as LoggedIn;
    return this.#told;
  }

  /** Gives a command of administration. Throws `ClientError`. */
  async command(command: object, { dryRun = false, background = false } = {}): Promise<unknown> {
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
    const options: RequestInit = { method: "POST", credentials: "include", cache: "no-store", headers, body: JSON.stringify(body) };
    const own = this.#fetch;
    const response = await own(this.#url + path, options);
    if (!response.ok) throw await refusal(response);
    return response.json();
  }
}

async function refusal(response: Response): Promise<ClientError> {
  const told = (await response.json().catch(() => undefined)) as { error?: { code?: string; message?: string } } | undefined;
  return new ClientError(told?.error?.code ?? `http.${response.status}`, told?.error?.message ?? response.statusText);
}

function pause(millis: number, closed: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, millis);
    closed.addEventListener("abort", () => { clearTimeout(timer); done(); }, { once: true });
  });
}

/** Ends a request when it is closed, and when nothing comes for a while. */
class Watch {
  readonly #ended = new AbortController();
  readonly #closed: AbortSignal;
  readonly #close = (): void => this.#ended.abort();
  #alarm: ReturnType<typeof setTimeout> | undefined;

  constructor(closed: AbortSignal) {
    this.#closed = closed;
    closed.addEventListener("abort", this.#close);
    this.#alive();
    if (closed.aborted) this.end();
  }

  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** Ends the request, if it goes on. */
  end(): void {
    clearTimeout(this.#alarm);
    this.#closed.removeEventListener("abort", this.#close);
    this.#close();
  }

  /** The bytes that come, piece by piece. */
  async *pieces(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
    const reader = body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      this.#alive();
      yield value;
    }
  }

  /** All of them. */
  async bytes(response: Response): Promise<Uint8Array> {
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    if (response.body !== null) for await (const piece of this.pieces(response.body)) pieces.push(piece as Uint8Array<ArrayBuffer>);
    return new Uint8Array(await new Blob(pieces).arrayBuffer());
  }

  #alive(): void {
    clearTimeout(this.#alarm);
    const silent = (): void => this.#ended.abort(new ClientError("client.silent", "nothing comes from the server"));
    this.#alarm = setTimeout(silent, SILENCE);
  }
}

/** The names of a stream's events, written as a server of ours writes them. */
async function* events(body: ReadableStream<Uint8Array>, watch: Watch): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of watch.pieces(body)) {
    text += decoder.decode(piece, { stream: true });
    for (let end = text.indexOf("\n\n"); end !== -1; end = text.indexOf("\n\n")) {
      const event = /^event: ?(.*)$/m.exec(text.slice(0, end))?.[1];
      text = text.slice(end + 2);
      if (event !== undefined) yield event;
    }
  }
}
