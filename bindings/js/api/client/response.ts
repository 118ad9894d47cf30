/** Responses of a server, and network errors. */

import { ClientError, RolecallError } from "../errors.js";
import type { ErrorDetails } from "../types.js";

/** Returns the error in a response. */
export async function refusal(response: Response): Promise<ClientError> {
  const body = (await response.json().catch(() => undefined)) as { error?: Partial<ErrorDetails> } | undefined;
  const { code = `http.${response.status}`, message = response.statusText, ...more } = body?.error ?? {};
  return new ClientError(code, message, more);
}

/** Options that some edge runtimes reject, in place of ignoring them. */
function uncached(): RequestInit {
  try {
    new Request("https://roles.example", { cache: "no-store" });
    return { cache: "no-store" };
  } catch {
    // The server forbids caches to store its responses as well.
    return {};
  }
}

/**
 * Sends a request. Redirects are rejected: a token must reach no other server, and answers must come from no other. Edge
 * runtimes do not know `redirect: "error"`. Throws `ClientError`.
 */
export async function send(own: typeof fetch, url: string, init: RequestInit): Promise<Response> {
  const response = await reached(own(url, { ...init, ...uncached(), redirect: "manual" }));
  const moves = response.status >= 300 && response.status < 400 && response.status !== 304;
  if (!moves && response.type !== "opaqueredirect") return response;
  await response.body?.cancel();
  throw new ClientError("client.unreachable", `\`${url}\` redirects to another address, which is not followed`);
}

/** Awaits a part of a request. Throws `ClientError` if the network fails or the response cannot be read. */
export async function reached<T>(part: Promise<T>): Promise<T> {
  try {
    return await part;
  } catch (cause) {
    if (cause instanceof RolecallError) throw cause;
    const error = new ClientError(
      "client.unreachable",
      `the server cannot be reached, or its response cannot be read: ${cause}`,
    );
    error.cause = cause;
    throw error;
  }
}
