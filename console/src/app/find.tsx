/** Finds people, roles and tabs from every page. Ctrl K opens it. */

import {
  Avatar,
  Dialog,
  ErrorNote,
  Icon,
  isDialogOpen,
  type Place,
  useAdmin,
  useList,
  useMay,
  useNavigation,
  useText,
} from "@rolecall/react/admin";
import { type KeyboardEvent, type ReactNode, useDeferredValue, useEffect, useId, useState } from "react";
import type { Tabs } from "./tabs";

interface Found {
  id: string;
  kind: "tab" | "person" | "role";
  title: string;
  detail?: string | undefined;
  place: Place;
}

/** The button in the top bar, and the dialog that it opens. */
export function Find({ tabs }: { tabs: Tabs }): ReactNode {
  const [isOpen, set] = useState(false);
  const t = useText();
  useEffect(() => {
    const press = (event: globalThis.KeyboardEvent): void => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      // A dialog keeps the focus until it is closed.
      if (!isDialogOpen()) set(true);
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
  return (
    <>
      <button
        type="button"
        className="rc-find"
        aria-haspopup="dialog"
        aria-keyshortcuts="Control+K"
        onClick={() => set(true)}
      >
        <Icon name="search" />
        <span>{t("common.find")}</span>
        <kbd aria-hidden="true">Ctrl K</kbd>
      </button>
      {isOpen && <Finder tabs={tabs} onClose={() => set(false)} />}
    </>
  );
}

/** How many of each kind are shown. */
const EACH = 6;

interface Hits {
  found: readonly Found[];
  /** The results are not yet those of the text. */
  loading: boolean;
  error: unknown;
  retry: () => void;
}

/** Returns what a text is found in. */
function useFound(text: string, tabs: Tabs): Hits {
  const { at } = useAdmin();
  const may = useMay();
  const t = useText();
  const isAsked = text.length > 1;
  const people = useList("access", { at, search: text, limit: EACH }, { enabled: isAsked && may("view-access") });
  const roles = useList("roles", { at, search: text, limit: EACH }, { enabled: isAsked && may("view-roles") });
  const lower = text.toLowerCase();
  const found: Found[] = tabs.visible
    .filter((tab) => text !== "" && t(tab.title).toLowerCase().includes(lower))
    .map((tab) => ({ id: `tab ${tab.id}`, kind: "tab", title: t(tab.title), place: { tab: tab.id } }));
  if (isAsked) {
    for (const { subject, name, email } of people.rows.slice(0, EACH))
      found.push({
        id: `person ${subject}`,
        kind: "person",
        title: name ?? subject,
        detail: email ?? subject,
        place: { tab: "users", path: [subject] },
      });
    for (const { role, title } of roles.rows.slice(0, EACH))
      found.push({
        id: `role ${role}`,
        kind: "role",
        title: title ?? role,
        detail: role,
        place: { tab: "roles", path: ["editor", role] },
      });
  }
  const lists = isAsked ? [people, roles] : [];
  return {
    found,
    loading: lists.some(({ loading, stale }) => loading || stale),
    error: lists.find(({ error }) => error !== null)?.error,
    retry: () => lists.forEach(({ error, reload }) => error !== null && reload()),
  };
}

function Finder({ tabs, onClose }: { tabs: Tabs; onClose: () => void }): ReactNode {
  const t = useText();
  const id = useId();
  const { navigate, place } = useNavigation();
  const [text, set] = useState("");
  const [at, move] = useState(0);
  const [isWanted, want] = useState(false);
  const searched = useDeferredValue(text.trim());
  const { found, loading, error, retry } = useFound(searched, tabs);
  const isLate = loading || searched !== text.trim();
  const current = found[Math.min(at, found.length - 1)];
  const go = (one: Found): void => {
    onClose();
    navigate(place(one.place));
  };
  // Enter before the answer is there opens what the answer has, not what was found before.
  useEffect(() => {
    if (!isWanted || isLate) return;
    want(false);
    if (current !== undefined) go(current);
  }, [isWanted, isLate, current]);
  const press = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && found.length > 0) {
      event.preventDefault();
      move((before) => (Math.min(before, found.length - 1) + step + found.length) % found.length);
    }
    if (event.key === "Enter") want(true);
  };
  return (
    <Dialog title={t("common.find")} onClose={onClose}>
      <div className="rc-search">
        <Icon name="search" />
        <input
          className="rc-input"
          role="combobox"
          aria-expanded={found.length > 0}
          aria-controls={`${id}-l`}
          aria-activedescendant={current && `${id}-${current.id.replaceAll(" ", "-")}`}
          aria-label={t("common.find")}
          aria-autocomplete="list"
          autoComplete="off"
          spellCheck={false}
          data-autofocus=""
          value={text}
          onChange={(event) => {
            set(event.target.value);
            want(false);
            move(0);
          }}
          onKeyDown={press}
        />
      </div>
      <ul id={`${id}-l`} role="listbox" aria-label={t("common.find.results")} className="rc-found">
        {found.map((one) => (
          <li
            key={one.id}
            id={`${id}-${one.id.replaceAll(" ", "-")}`}
            role="option"
            aria-selected={one === current}
            className="rc-menu__item"
            onClick={() => go(one)}
          >
            {one.kind === "person" ? (
              <Avatar name={one.title} />
            ) : (
              <Icon name={one.kind === "role" ? "key" : "right"} />
            )}
            <span>
              {one.title} {one.detail !== undefined && <small>{one.detail}</small>}
            </span>
          </li>
        ))}
      </ul>
      <p className="rc-small rc-muted" role="status">
        {text.trim().length > 1 && !isLate && error === undefined && found.length === 0
          ? t("common.find.none", { text })
          : ""}
      </p>
      {error !== undefined && <ErrorNote error={error} retry={retry} />}
    </Dialog>
  );
}
