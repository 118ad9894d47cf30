/** The known part of an effect, without people who are not visible. */

import type { Command } from "./draft.js";
import type { Impact } from "./impact-types.js";

/** The effect of a draft, as far as it is computed. */
interface Computed {
  impact: Impact | undefined;
  isStale: boolean;
}

/** Returns the effect of the present draft on people, unless it is not known. */
export function knownImpact({ impact, isStale }: Computed, seesPeople: boolean): Impact | undefined {
  return seesPeople && !isStale ? impact : undefined;
}

/** Returns the command that deletes a role, also if others hold or include it. The holders may not be visible. */
export function deleting(role: string, at: string, members: number | undefined, heirs: number): Command {
  const isUnused = members === 0 && heirs === 0;
  return { "delete-role": { at, role, ...(isUnused ? {} : { cascade: true }) } };
}
