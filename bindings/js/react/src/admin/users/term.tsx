/** The time for which a role holds. */

import { type ReactNode, useState } from "react";
import { useLanguage, useText } from "../messages/index.js";
import { DateTime, Field, useNow } from "../ui/index.js";
import { relative } from "./logic/time.js";

const DAY = 86_400_000;
const CHOICES = { day: 1, week: 7, month: 30 } as const;

/** Returns the time zone of the page, as people know it. */
export function zoneName(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone.replaceAll("_", " ");
}

export interface UntilProps {
  value: Date | undefined;
  onChange: (value: Date | undefined) => void;
  /** Whether a role may hold without an end. */
  required?: boolean;
  error?: ReactNode;
}

/** The end of a role: one of a few durations, or a date from the calendar of the browser. */
export function Until({ value, onChange, required = false, error }: UntilProps): ReactNode {
  const t = useText();
  const { locale } = useLanguage();
  const now = useNow();
  const [chosen, choose] = useState<keyof typeof CHOICES | "date" | "none">(value === undefined ? "none" : "date");
  const set = (choice: typeof chosen): void => {
    choose(choice);
    if (choice === "none") onChange(undefined);
    else if (choice !== "date") onChange(wholeMinute(Date.now() + CHOICES[choice] * DAY));
  };
  const help =
    value === undefined
      ? undefined
      : t("users.add.ends", { distance: relative(value.toISOString(), now, { locale }), zone: zoneName() });
  const options = [...(required ? [] : (["none"] as const)), "day", "week", "month"] as const;
  return (
    <Field label={t("users.add.until")} help={help} error={error} className="rc-form__wide">
      {(control) => (
        <div className="rc-until">
          <div className="rc-seg rc-seg--s" role="group" aria-label={t("users.add.until")}>
            {options.map((option) => (
              <button key={option} type="button" aria-pressed={chosen === option} onClick={() => set(option)}>
                {t(`users.add.until.${option}`)}
              </button>
            ))}
          </div>
          <DateTime
            {...control}
            value={value}
            min={now}
            onChange={(next) => {
              choose(next === undefined ? "none" : "date");
              onChange(next);
            }}
          />
        </div>
      )}
    </Field>
  );
}

function wholeMinute(time: number): Date {
  return new Date(Math.round(time / 60_000) * 60_000);
}
