/** The addresses that have access. */

import { type ReactNode, useRef } from "react";
import { useText } from "../messages/index.js";
import { useAdmin } from "../provider.js";
import { Button, Field, Head, Radio, TextArea } from "../ui/index.js";
import type { Draft } from "./draft.js";
import { Setting, WithSettings } from "./form.js";
import { ownAddress, rangesOf } from "./values.js";

/** Whether only some addresses are chosen, although none may be typed yet: then the text is a line break. */
const isSome = (text: string): boolean => text !== "";

/** A setting of address ranges, refused if it would lock out who sets it. */
export function NetworkSettings({ title }: { title?: ReactNode }): ReactNode {
  const { at } = useAdmin();
  const t = useText();
  return (
    <>
      <Head title={title ?? t("common.tab.ip-addresses")} />
      <div className="rc-stack rc-secs">
        <div className="rc-sec">
          <p className="rc-muted rc-measure">{t("settings.networks.help")}</p>
          <WithSettings>
            {({ ip_allow: stored = [], version }) => (
              <Setting
                title={t("common.tab.ip-addresses")}
                name="set-networks"
                version={version}
                stored={stored.join("\n")}
                command={(text) => ({ "set-networks": { at, ranges: rangesOf(text) } })}
                words={(text) => rangesOf(text).join(", ") || t("settings.networks.any")}
                done={t("settings.networks.done")}
                incomplete={(text) =>
                  isSome(text) && rangesOf(text).length === 0 ? t("settings.networks.none") : undefined
                }
                ways={(draft, error) => <AddOwn draft={draft} error={error} />}
              >
                {(draft, isLocked, error) => <Ranges draft={draft} isLocked={isLocked} error={error} />}
              </Setting>
            )}
          </WithSettings>
        </div>
      </div>
    </>
  );
}

function Ranges({ draft, isLocked, error }: { draft: Draft<string>; isLocked: boolean; error: unknown }): ReactNode {
  const t = useText();
  const isOpen = !isSome(draft.value);
  // Those who choose any address and think again find their ranges as they were.
  const typed = useRef(draft.value);
  if (!isOpen) typed.current = draft.value;
  return (
    <>
      <fieldset className="rc-stack rc-stack--s" disabled={isLocked}>
        <legend className="rc-label">{t("settings.networks.who")}</legend>
        <Radio name="networks" checked={isOpen} onChange={() => draft.set("")}>
          <span>{t("settings.networks.any")}</span>
        </Radio>
        <Radio name="networks" checked={!isOpen} onChange={() => draft.set(typed.current || "\n")}>
          <span>{t("settings.networks.some")}</span>
        </Radio>
      </fieldset>
      {!isOpen && (
        <Field label={t("settings.networks.ranges")} help={t("settings.networks.ranges.help")}>
          {(control) => (
            <TextArea
              {...control}
              rows={Math.max(3, draft.value.split("\n").length)}
              spellCheck={false}
              readOnly={isLocked}
              aria-invalid={error !== undefined || undefined}
              value={draft.value.trimStart()}
              onChange={({ target }) => draft.set(target.value === "" ? "\n" : target.value)}
            />
          )}
        </Field>
      )}
    </>
  );
}

function AddOwn({ draft, error }: { draft: Draft<string>; error: unknown }): ReactNode {
  const t = useText();
  const address = ownAddress(error);
  if (address === undefined) return null;
  const add = (): void =>
    draft.set([...rangesOf(draft.value), address.includes(":") ? `${address}/128` : `${address}/32`].join("\n"));
  return (
    <Button small onClick={add}>
      {t("settings.networks.add", { address })}
    </Button>
  );
}
