/** The text of an error. */

/** An error in the words of the server. */
export interface Failure {
  code: string;
  message: string;
  help: string | undefined;
  status: number | undefined;
  /** The answer did not come from the server. */
  unreachable: boolean;
  /** Someone else changed the state first. */
  conflict: boolean;
}

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

/** Returns what is shown of an error, such as a `ClientError`. */
export function failureOf(error: unknown): Failure {
  const given = (error ?? {}) as Record<string, unknown>;
  const { code, message, help } = { ...given, ...(given.details as Record<string, unknown> | undefined) };
  const name = text(code) ?? text(given.code) ?? "error";
  return {
    code: name,
    message: text(message) ?? text(given.message) ?? String(error),
    help: text(help) ?? text(given.help),
    status: typeof given.status === "number" ? given.status : undefined,
    unreachable: name === "client.unreachable",
    conflict: name === "conflict",
  };
}
