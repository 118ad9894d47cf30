/** A combobox of the roles that the actor may give. */

import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useMemo, useRef, useState } from "react";
import { useDelayed } from "../delayed.js";
import { keepOf } from "../keep.js";
import { useText } from "../messages/index.js";
import { useAdmin } from "../provider.js";
import { Field, Input, Tag } from "../ui/index.js";

/** A role that can be chosen. */
export interface Choice {
  role: string;
  title?: string;
  description?: string;
  origin?: "policy" | "custom";
  at?: string;
  held?: boolean;
}

export interface RolePickerProps {
  /** Who gets the role. */
  subject: string;
  at: string;
  value: Choice | undefined;
  onChange: (value: Choice | undefined) => void;
  error?: ReactNode;
  /** The role before anything is typed. */
  initial?: string | undefined;
  /** Whether typing begins here. */
  isFirst?: boolean;
  /** Whether the receiver holds nothing yet. */
  isNew?: boolean;
}

const SHOWN = 50;

/** Chooses a role: type a part of its name, then arrows and Enter. */
export function RolePicker({
  subject,
  at,
  value,
  onChange,
  error,
  initial,
  isFirst = false,
  isNew = false,
}: RolePickerProps): ReactNode {
  const t = useText();
  const [text, type] = useState(initial ?? "");
  const [open, setOpen] = useState(false);
  const { rows, isRefused } = useRoles(subject, at, value === undefined ? text : "", open || initial !== undefined);
  const list = useId();
  // A role that the address or a suggestion names is chosen as soon as the server lists it.
  const isSuggested = useRef(initial !== undefined);
  useEffect(() => {
    const named = isSuggested.current && value === undefined && rows?.find(({ role }) => role === initial);
    if (!named) return;
    isSuggested.current = false;
    onChange(named);
  }, [rows, initial, value, onChange]);
  const choose = (choice: Choice): void => {
    onChange(choice);
    setOpen(false);
  };
  const { active, onKeyDown, reset } = useArrows(rows ?? [], open, setOpen, choose);
  return (
    <Field label={t("users.add.role")} help={value?.description} error={error} className="rc-form__wide rc-combo">
      {(control) => (
        <>
          <Input
            {...control}
            role="combobox"
            data-autofocus={isFirst ? "" : undefined}
            placeholder={t("users.add.role.hint")}
            aria-autocomplete="list"
            aria-expanded={open}
            aria-controls={list}
            aria-activedescendant={open && active >= 0 ? `${list}-${active}` : undefined}
            value={value === undefined ? text : (value.title ?? value.role)}
            onChange={({ target }) => {
              // Typed text comes before a suggestion.
              isSuggested.current = false;
              type(target.value);
              reset();
              onChange(undefined);
              setOpen(true);
            }}
            onFocus={() => setOpen(value === undefined)}
            onClick={() => setOpen(true)}
            onBlur={() => setOpen(false)}
            onKeyDown={onKeyDown}
          />
          {open && (
            <Options
              id={list}
              rows={rows}
              isRefused={isRefused}
              isNew={isNew}
              active={active}
              search={text}
              onChoose={choose}
            />
          )}
        </>
      )}
    </Field>
  );
}

interface Found {
  rows: readonly Choice[] | undefined;
  /** The server lists no roles, such as for those who may only invite. What is typed is the id of one. */
  isRefused: boolean;
}

/** Returns the roles that match, and those of before while new ones load. */
function useRoles(subject: string, at: string, text: string, enabled: boolean): Found {
  const { client } = useAdmin();
  const search = useDelayed(text.trim(), 150);
  const { data, error } = useQuery({
    queryKey: ["rolecall", "assignable-roles", at, subject, search],
    queryFn: ({ signal }) =>
      client.list(
        "assignable-roles",
        { at, subject, limit: SHOWN, ...(search === "" ? {} : { search }) },
        { signal, background: true },
      ),
    placeholderData: keepOf(at),
    enabled,
  });
  const typed = text.trim();
  const isRefused = error !== null;
  const named = useMemo(() => (typed === "" ? [] : [{ role: typed }]), [typed]);
  return { rows: isRefused ? named : data?.rows, isRefused };
}

interface Arrows {
  active: number;
  onKeyDown: (event: KeyboardEvent) => void;
  reset: () => void;
}

function useArrows(
  rows: readonly Choice[],
  open: boolean,
  setOpen: (open: boolean) => void,
  choose: (choice: Choice) => void,
): Arrows {
  const [active, move] = useState(0);
  const last = rows.length - 1;
  const keys: Record<string, () => void> = {
    ArrowDown: () => (open ? move(active >= last ? 0 : active + 1) : setOpen(true)),
    ArrowUp: () => (open ? move(active <= 0 ? last : active - 1) : setOpen(true)),
  };
  if (open) {
    keys.Home = () => move(0);
    keys.End = () => move(last);
    keys.Enter = () => rows[active] !== undefined && choose(rows[active]);
    keys.Escape = () => setOpen(false);
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const act = keys[event.key];
    if (act === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };
  return { active: Math.min(active, last), onKeyDown, reset: () => move(0) };
}

interface OptionsProps {
  id: string;
  rows: readonly Choice[] | undefined;
  isRefused: boolean;
  isNew: boolean;
  active: number;
  search: string;
  onChoose: (choice: Choice) => void;
}

function Options({ id, rows, isRefused, isNew, active, search, onChoose }: OptionsProps): ReactNode {
  const t = useText();
  useEffect(() => {
    document.getElementById(`${id}-${active}`)?.scrollIntoView({ block: "nearest" });
  }, [id, active]);
  if (rows === undefined)
    return <div id={id} role="listbox" aria-label={t("users.add.role")} aria-busy="true" className="rc-combo__list" />;
  return (
    <div id={id} role="listbox" aria-label={t("users.add.role")} className="rc-combo__list">
      {rows.map((row, index) => (
        <div
          key={row.role}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === active}
          className="rc-combo__option"
          // The input keeps the focus.
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onChoose(row)}
        >
          <span>
            {row.title ?? row.role}
            {row.origin === "custom" && <Tag kind="solid">{t("users.add.role.custom")}</Tag>}
            {row.held === true && !isNew && <Tag>{t("users.add.role.held")}</Tag>}
          </span>
          {row.description !== undefined && <span className="rc-faint">{row.description}</span>}
        </div>
      ))}
      {rows.length === 0 && (
        <p className="rc-combo__none" role="option" aria-disabled="true" aria-selected="false">
          {isRefused ? t("users.add.role.typed") : t("users.add.role.none", { search })}
        </p>
      )}
    </div>
  );
}
