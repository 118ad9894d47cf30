/** Roles that are being edited. A draft stays while another role is open, and is gone when it is saved or discarded. */

import { useCallback, useEffect, useMemo, useState } from "react";
import { useAdmin } from "../provider.js";
import { reportUnsaved } from "../unsaved.js";
import type { RoleContent, RoleOrigin } from "./draft.js";
import { sameContent } from "./draft.js";

/** A role with changes that are not saved. */
export interface Draft {
  /** The role as it was when the changes began. */
  origin: RoleOrigin;
  content: RoleContent;
  /** The contents before each step, the last one at the end. */
  steps: readonly RoleContent[];
}

/** The key of the role that does not exist yet. */
export const NEW = "+";

/** The steps that can be taken back. */
const STEPS = 100;

/** The drafts of a page. */
export interface Drafts {
  all: ReadonlyMap<string, Draft>;
  /** Makes a step in a draft, and begins it if necessary. */
  change: (key: string, origin: RoleOrigin, content: RoleContent) => void;
  /** Goes on with a draft on top of a newer state of the role. */
  rebase: (key: string, origin: RoleOrigin, content: RoleContent) => void;
  undo: (key: string) => void;
  discard: (key: string) => void;
}

function stepped(draft: Draft | undefined, origin: RoleOrigin, content: RoleContent): Draft | undefined {
  const before = draft ?? { origin, content: origin.saved, steps: [] };
  if (!before.origin.isNew && sameContent(before.origin.saved, content)) return undefined;
  return { ...before, content, steps: [...before.steps, before.content].slice(-STEPS) };
}

/** The drafts by users and scopes. They stay while another page or scope is open. */
const kept = new Map<string, ReadonlyMap<string, Draft>>();

function keep(place: string, drafts: ReadonlyMap<string, Draft>): void {
  if (drafts.size === 0) kept.delete(place);
  else kept.set(place, drafts);
  const changes = [...kept.values()].reduce((sum, { size }) => sum + size, 0);
  reportUnsaved(kept, { isKept: true, changes });
}

const NONE: ReadonlyMap<string, Draft> = new Map();
const placed = (place: string): { place: string; all: ReadonlyMap<string, Draft> } => ({
  place,
  all: kept.get(place) ?? NONE,
});

/** Returns the drafts of a scope. */
export function useDrafts(): Drafts {
  const { product, subject, at } = useAdmin();
  const place = JSON.stringify([product, subject, at]);
  const [state, set] = useState(() => placed(place));
  const { all } = state.place === place ? state : placed(place);
  useEffect(() => keep(place, all), [place, all]);
  const update = useCallback(
    (key: string, next: (draft: Draft | undefined) => Draft | undefined) => {
      set((state) => {
        const now = state.place === place ? state : placed(place);
        const drafts = new Map(now.all);
        const draft = next(now.all.get(key));
        if (draft === undefined) drafts.delete(key);
        else drafts.set(key, draft);
        return { place, all: drafts };
      });
    },
    [place],
  );
  const change = useCallback<Drafts["change"]>(
    (key, origin, content) => update(key, (draft) => stepped(draft, origin, content)),
    [update],
  );
  const rebase = useCallback<Drafts["rebase"]>(
    (key, origin, content) =>
      update(key, () => (sameContent(origin.saved, content) ? undefined : { origin, content, steps: [] })),
    [update],
  );
  const undo = useCallback(
    (key: string) =>
      update(key, (draft) => {
        const last = draft?.steps.at(-1);
        if (draft === undefined || last === undefined) return draft;
        const steps = draft.steps.slice(0, -1);
        if (!draft.origin.isNew && sameContent(draft.origin.saved, last)) return undefined;
        return { ...draft, content: last, steps };
      }),
    [update],
  );
  const discard = useCallback((key: string) => update(key, () => undefined), [update]);
  return useMemo(() => ({ all, change, rebase, undo, discard }), [all, change, rebase, undo, discard]);
}
