/** Ends the login session. */

import { dropUnsaved, failureOf, sentence, type Writer } from "@rolecall/react/admin";
import { useState } from "react";
import type { LoginSession } from "rolecall/client";

/** Returns what logs out, and why the last attempt failed. */
export function useLogout(session: LoginSession): { logout: () => void; error: unknown } {
  const [error, fail] = useState<unknown>();
  const end = async (): Promise<void> => {
    try {
      const elsewhere = await session.logout(document.baseURI);
      dropUnsaved();
      location.assign(elsewhere ?? document.baseURI);
    } catch (cause) {
      fail(cause);
    }
  };
  return { logout: () => void end(), error };
}

/** Returns why the server did not log out, as a sentence. */
export function whyNot(error: unknown, t: Writer): string {
  const { unreachable, message } = failureOf(error);
  return unreachable ? t("common.error.unreachable") : sentence(message);
}
