/** Responses of a server, and network errors. */

import { ClientError, RolecallError } from "../errors.js";

/** Returns the error in a response. */
export async function refusal(response: Response): Promise<ClientError> {
  const body = (await response.json().catch(() => undefined)) as
    { error?: { code?: string; message?: string } } | undefined;
  return new ClientError(body?.error?.code ?? `http.${response.status}`, body?.error?.message ?? response.statusText);
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
