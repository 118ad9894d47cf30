/** Names that a policy does not have. */

/** Returns a function that returns an answer. For such a name it denies and warns once, or throws. */
export function guard(onUnknown: "throw" | "deny" | undefined): <T>(ask: () => T, denied: T) => T {
  const warned = new Set<unknown>();
  return (ask, denied) => {
    try {
      return ask();
    } catch (error) {
      const { code, message } = error as { code?: unknown; message?: unknown };
      if (onUnknown !== "deny" || !/\.(unknown|malformed)$/.test(String(code))) throw error;
      if (!warned.has(message)) console.warn(`${message}: denied`);
      warned.add(message);
      return denied;
    }
  };
}
