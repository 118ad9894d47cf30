/** Requests that end when nothing comes any more. */

import { ClientError } from "../errors.js";
import { reached } from "./response.js";

/** Milliseconds without a sign of life, after which a connection counts as broken: over a stream the server sends one every 15 s. */
const SILENCE = 40_000;

/** Ends a request when it is closed, and when nothing comes for a while. */
export class Watch {
  readonly #ended = new AbortController();
  readonly #closed: AbortSignal;
  readonly #close = (): void => {
    clearTimeout(this.#alarm);
    this.#ended.abort();
  };
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
    this.#closed.removeEventListener("abort", this.#close);
    this.#close();
  }

  /** The bytes that come, piece by piece. */
  async *pieces(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
    const reader = body.getReader();
    // Nor does it wait for a body that takes no notice.
    const leave = (): void => void reader.cancel(this.signal.reason).catch(() => undefined);
    this.signal.addEventListener("abort", leave);
    for (;;) {
      this.signal.throwIfAborted();
      const { done, value } = await reached(reader.read());
      this.signal.throwIfAborted();
      if (done) return;
      this.#alive();
      yield value;
    }
  }

  /** All of them. */
  async bytes(response: Response): Promise<Uint8Array> {
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    if (response.body !== null)
      for await (const piece of this.pieces(response.body)) pieces.push(piece as Uint8Array<ArrayBuffer>);
    return new Uint8Array(await new Blob(pieces).arrayBuffer());
  }

  #alive(): void {
    clearTimeout(this.#alarm);
    const silent = (): void => this.#ended.abort(new ClientError("client.silent", "nothing comes from the server"));
    this.#alarm = setTimeout(silent, SILENCE);
  }
}

/** The names of a stream's events, written as a server of ours writes them. */
export async function* events(body: ReadableStream<Uint8Array>, watch: Watch): AsyncGenerator<string> {
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
