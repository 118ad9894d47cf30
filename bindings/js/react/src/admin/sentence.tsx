/** Events as sentences. */

import { type ReactNode, useMemo } from "react";
import type { AuditEntry } from "rolecall/client";
import { en } from "./messages/en/index.js";
import { type MessageKey, Text, useLanguage, useText, type Writer } from "./messages/index.js";
import { useNames, useRoleTitles } from "./names.js";
import { useScopeTitle } from "./provider.js";
import { type EventNames, idsIn, KINDS, objectName, said, titleIn } from "./said.js";
import { minutesOf } from "./settings/values.js";

/** Returns the text with a key, or a code without a text as it is. */
export function textOf(t: Writer, key: string, code: string): string {
  return key in en ? t(key as MessageKey) : code;
}

/** Returns the names of what events are about. */
export function useEventNames(entries: readonly AuditEntry[]): EventNames {
  const ids = useMemo(() => idsIn(entries), [entries]);
  const [subject, role, scope] = [useNames(ids), useRoleTitles(), useScopeTitle()];
  return useMemo(() => ({ subject, role, scope }), [subject, role, scope]);
}

/** Returns what writes the values of the sentence about an event. */
function useValues(entry: AuditEntry, names: EventNames): (key: string, value: unknown) => string {
  const t = useText();
  const { locale } = useLanguage();
  const one = (key: string, value: unknown): string => {
    const kind = KINDS[key];
    if (kind === "role") {
      const role = String((value as { role?: string }).role ?? value);
      return titleIn(entry, role) ?? names.role(role);
    }
    const text = String(value);
    switch (kind) {
      case "subject":
        return text === "other" ? t("audit.other") : names.subject(text);
      case "scope":
        return names.scope(text);
      case "time":
        return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" }).format(
          new Date(text),
        );
      case "duration":
        return t("settings.timeout.words", { n: minutesOf(text) });
      case "method":
        return textOf(t, `settings.login.${text}`, text);
      case "object":
        return objectName(text, names);
      case "access":
        return textOf(t, `audit.access.${text}`, text);
      default:
        return text;
    }
  };
  return (key, value) => {
    if (key === "actor" && value === "") return t("audit.nobody");
    if (value === undefined) return "–";
    if (!Array.isArray(value)) return one(key, value);
    // No ranges and no methods are no limit.
    if (value.length === 0) return t(key === "ranges" || key === "methods" ? "audit.any" : "audit.none.of");
    return new Intl.ListFormat(locale).format(value.map((part) => one(key, part)));
  };
}

/** The sentence about an event. */
export function Sentence({ entry, names }: { entry: AuditEntry; names: EventNames }): ReactNode {
  const write = useValues(entry, names);
  const { keys, values } = said(entry);
  const key = keys.map((one) => `audit.did.${one}`).find((one) => one in en) as MessageKey;
  const written = Object.entries(values).map(([name, value]) => [name, <b key={name}>{write(name, value)}</b>]);
  return <Text id={key} values={Object.fromEntries(written)} />;
}
