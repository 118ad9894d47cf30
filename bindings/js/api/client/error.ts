/** A pass that opens nothing, a server that refuses, or answers that are too old. */
export class ClientError extends Error {
  override name = "ClientError";
  /** What is wrong, for programs, such as `pass.expired` or `client.stale`. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(`${code}: ${message}`, { cause: { error: { code, message } } });
    this.code = code;
  }
}

/** Why a server refuses. */
export async function refusal(response: Response): Promise<ClientError> {
  const told = (await response.json().catch(() => undefined)) as
    { error?: { code?: string; message?: string } } | undefined;
  return new ClientError(told?.error?.code ?? `http.${response.status}`, told?.error?.message ?? response.statusText);
}
