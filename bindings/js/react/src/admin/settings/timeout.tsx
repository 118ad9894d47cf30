/** The idle timeout of sessions. */

import type { ReactNode } from "react";
import { useText } from "../messages/index.js";
import { useAdmin } from "../provider.js";
import { Check, Field, Head, Input } from "../ui/index.js";
import { Setting, WithSettings } from "./form.js";
import { minutesOf } from "./values.js";

/** Whether a number of minutes is wanted, but none above zero is typed. */
const isMissing = (minutes: string): boolean => minutes !== "" && !(Number(minutes) > 0);

/** The timeout of a scope: a number of minutes, or the default of the policy. */
export function TimeoutSettings({ title }: { title?: ReactNode }): ReactNode {
  const { at } = useAdmin();
  const t = useText();
  // An empty text is the default of the product, and a space is a number that is not typed yet.
  const timeoutOf = (minutes: string): { timeout?: string } => (minutes === "" ? {} : { timeout: `${minutes}m` });
  return (
    <>
      <Head title={title ?? t("common.tab.timeout")} />
      <div className="rc-stack rc-secs">
        <div className="rc-sec">
          <p className="rc-muted rc-measure">{t("settings.timeout.help")}</p>
          <WithSettings>
            {({ idle_timeout: stored, version }) => (
              <Setting
                title={t("common.tab.timeout")}
                name="set-timeout"
                version={version}
                stored={stored === undefined ? "" : String(minutesOf(stored))}
                command={(minutes) => ({ "set-timeout": { at, ...timeoutOf(minutes) } })}
                words={(minutes) =>
                  minutes === "" ? t("settings.timeout.default") : t("settings.timeout.words", { n: Number(minutes) })
                }
                done={t("settings.timeout.done")}
                incomplete={(minutes) => (isMissing(minutes) ? t("settings.timeout.missing") : undefined)}
              >
                {(draft, isLocked, error) => (
                  <>
                    <Check
                      disabled={isLocked}
                      checked={draft.value === ""}
                      onChange={(on) => draft.set(on ? "" : "30")}
                    >
                      {t("settings.timeout.default")}
                    </Check>
                    {draft.value !== "" && (
                      <Field
                        label={t("settings.timeout.minutes")}
                        help={
                          isMissing(draft.value) ? undefined : t("settings.timeout.words", { n: Number(draft.value) })
                        }
                      >
                        {(control) => (
                          <Input
                            {...control}
                            className="rc-input--short"
                            type="number"
                            inputMode="numeric"
                            min={1}
                            readOnly={isLocked}
                            aria-invalid={error !== undefined || undefined}
                            value={draft.value.trim()}
                            onChange={({ target }) => draft.set(target.value === "" ? " " : target.value)}
                          />
                        )}
                      </Field>
                    )}
                  </>
                )}
              </Setting>
            )}
          </WithSettings>
        </div>
      </div>
    </>
  );
}
