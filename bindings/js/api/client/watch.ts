/** Requests that end when the server falls silent. */

import { ClientError } from "../errors.js";
import { reached } from "./response.js";

/** How long a connection may be silent, in milliseconds. On a stream the server sends something every 15 s. */
const SILENCE = 40_000;

/** Ends a request when its connection is closed or silent. */
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

  /** Ends the request. */
  end(): void {
    this.#closed.removeEventListener("abort", this.#close);
    this.#close();
  }

  /** Yields the bytes of a body, piece by piece. */
  async *pieces(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
    const reader = body.getReader();
    // Cancels bodies that ignore the signal.
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

  /** Returns all bytes of a body. */
  async bytes(response: Response): Promise<Uint8Array> {
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    if (response.body !== null)
      for await (const piece of this.pieces(response.body)) pieces.push(piece as Uint8Array<ArrayBuffer>);
    return new Uint8Array(await new Blob(pieces).arrayBuffer());
  }

  #alive(): void {
    clearTimeout(this.#alarm);
    const silent = (): void =>
      this.#ended.abort(new ClientError("client.silent", "the server has been silent for too long"));
    this.#alarm = setTimeout(silent, SILENCE);
  }
}

/** Yields the names of the events of a stream. */
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
