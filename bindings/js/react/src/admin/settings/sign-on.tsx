/** Single sign-on: the identity provider, the login methods, two-step verification, and role mappings. */

import { type ReactNode, useState } from "react";
import type { Command, MappedRole, RoleMappingRow, SignOnCheck, SignOnRow } from "rolecall/client";
import { ConfirmCommand } from "../confirm-command.js";
import { useAnswer, useView } from "../data.js";
import { failureOf } from "../failure.js";
import { useText } from "../messages/index.js";
import { useRoleTitles } from "../names.js";
import { useAdmin, useMay, useScopeTitle } from "../provider.js";
import { Button, Check, Empty, ErrorNote, Head, Note, Panel, Skeleton, Switch, Tag, TextField } from "../ui/index.js";
import { Section, Setting, WithSettings } from "./form.js";

/** Everything of how the users of a tenant log in that its policy maps. */
export function SignOnSettings({ title }: { title?: ReactNode }): ReactNode {
  const t = useText();
  const may = useMay();
  return (
    <>
      <Head title={title ?? t("common.tab.single-sign-on")} />
      <div className="rc-stack rc-secs">
        {may("view-sign-on") && <Provider />}
        {(may("view-login") || may("view-second-factor")) && (
          <WithSettings>{(settings) => <Methods {...settings} />}</WithSettings>
        )}
        {may("view-role-mapping") && <Mappings />}
      </div>
    </>
  );
}

interface Typed {
  title: string;
  issuer: string;
  clientId: string;
  secret: string;
}

function providerOf(at: string, { title, issuer, clientId, secret }: Typed, before: SignOnRow | undefined): Command {
  const { method, claim, group_claim, request_scopes } = before ?? {};
  const same = Object.fromEntries(
    Object.entries({ method, claim, group_claim, request_scopes }).filter(([, value]) => value !== undefined),
  );
  const more = { ...(title !== "" && { title }), ...(secret !== "" && { client_secret: secret }) };
  return { "set-sign-on": { at, issuer: issuer.trim(), client_id: clientId.trim(), ...more, ...same } };
}

/** Whether the server keeps the stored secret, as it does for the same issuer and client. */
const keepsSecret = ({ issuer, clientId, secret }: Typed, row: SignOnRow): boolean =>
  secret === "" && issuer.trim() === row.issuer && clientId.trim() === row.client_id;

/** Returns what undoes a save. A secret that was replaced is nowhere to be had, so nothing undoes that. */
function undoing(at: string, typed: Typed, row: SignOnRow | undefined): readonly Command[] {
  if (row === undefined) return [{ "remove-sign-on": { at } }];
  const isSame = typed.issuer.trim() === row.issuer && typed.clientId.trim() === row.client_id;
  const canReturn = keepsSecret(typed, row) || (row.client_secret !== "set" && !isSame);
  if (!canReturn) return [];
  return [providerOf(at, { title: row.title ?? "", issuer: row.issuer, clientId: row.client_id, secret: "" }, row)];
}

/** Returns what is said of the secret. */
function secretHelp(typed: Typed, row: SignOnRow | undefined) {
  if (row?.client_secret !== "set") return "settings.sso.secret.none";
  return keepsSecret({ ...typed, secret: "" }, row) ? "settings.sso.secret.set" : "settings.sso.secret.other";
}

function Provider(): ReactNode {
  const { at } = useAdmin();
  const t = useText();
  const view = useView("sign-ons", {});
  const row = view.data?.sign_ons.find((one) => one.at === at);
  const stored: Typed = {
    title: row?.title ?? "",
    issuer: row?.issuer ?? "",
    clientId: row?.client_id ?? "",
    secret: "",
  };
  return (
    <Section title={t("settings.sso.provider")} help={t("settings.sso.help")}>
      {view.error !== null && <ErrorNote error={view.error} retry={() => void view.refetch()} />}
      {view.isPending && <Skeleton rows={3} columns={2} />}
      {view.data !== undefined && (
        <Setting
          title={t("settings.sso.provider")}
          name="set-sign-on"
          version={view.data.version}
          undo={(typed) => undoing(at, typed, row)}
          stored={stored}
          command={(typed) => providerOf(at, typed, row)}
          words={({ issuer }) => issuer || t("common.none")}
          done={t("settings.sso.done")}
          incomplete={({ issuer, clientId }) =>
            issuer.trim() === "" || clientId.trim() === "" ? t("settings.sso.incomplete") : undefined
          }
        >
          {({ value, set }, isLocked) => {
            const text = (key: keyof Typed) => ({
              value: value[key],
              readOnly: isLocked,
              onText: (typed: string) => set({ ...value, [key]: typed }),
            });
            return (
              <>
                <div className="rc-form rc-form--wide">
                  <TextField
                    label={t("settings.sso.issuer")}
                    help={t("settings.sso.issuer.help")}
                    type="url"
                    {...text("issuer")}
                  />
                  <TextField label={t("settings.sso.client")} {...text("clientId")} />
                  <TextField
                    label={t("settings.sso.secret")}
                    help={t(secretHelp(value, row))}
                    type="password"
                    autoComplete="new-password"
                    {...text("secret")}
                  />
                  <TextField label={t("settings.sso.title")} help={t("settings.sso.title.help")} {...text("title")} />
                </div>
                {row !== undefined && !isLocked && <Tried key={`${row.issuer} ${row.client_id}`} row={row} />}
              </>
            );
          }}
        </Setting>
      )}
    </Section>
  );
}

/** Tries the saved provider, and removes it. */
function Tried({ row: { at, issuer } }: { row: SignOnRow }): ReactNode {
  const { client } = useAdmin();
  const t = useText();
  const [check, setCheck] = useState<SignOnCheck | undefined>(undefined);
  const [isPending, setPending] = useState(false);
  const [asks, ask] = useState(false);
  const attempt = async (): Promise<void> => {
    setPending(true);
    setCheck(
      await client.checkSignOn(at).catch((error: unknown) => ({ provider: "", ok: false, ...failureOf(error) })),
    );
    setPending(false);
  };
  return (
    <>
      <div className="rc-row">
        <Button small pending={isPending} onClick={() => void attempt()}>
          {t("settings.sso.check")}
        </Button>
        <Button small kind="danger" icon="trash" onClick={() => ask(true)}>
          {t("settings.sso.remove")}
        </Button>
      </div>
      {check?.ok === true && (
        <p className="rc-oktext" role="status">
          {t("settings.sso.check.good")}
        </p>
      )}
      {check?.ok === false && (
        <Note kind="lose" alert lead={t("settings.sso.check.bad")}>
          {check.message}
        </Note>
      )}
      {asks && (
        <ConfirmCommand
          title={t("settings.sso.remove.ask", { issuer })}
          confirm={t("settings.sso.remove")}
          keep={t("settings.sso.keep")}
          commands={[{ "remove-sign-on": { at } }]}
          done={t("settings.sso.removed")}
          onClose={() => ask(false)}
        >
          <p>{t("settings.sso.remove.help")}</p>
        </ConfirmCommand>
      )}
    </>
  );
}

const METHODS = ["sso", "password", "google", "magic-link"];

function Methods({
  login,
  second_factor: factor,
  version,
}: {
  login?: { methods: string[] };
  second_factor?: "required" | "optional";
  version: number;
}): ReactNode {
  const { at, abilities } = useAdmin();
  const t = useText();
  const may = useMay();
  const stored = [...(login?.methods ?? [])].sort();
  const has = (name: string): boolean => (abilities[name]?.length ?? 0) > 0;
  return (
    <>
      {may("view-login") && has("set-login") && (
        <Section title={t("settings.login.title")} help={t("settings.login.help")}>
          <Setting
            title={t("settings.login.title")}
            name="set-login"
            version={version}
            stored={stored}
            command={(methods) => ({ "set-login": { at, methods } })}
            words={(methods) => methods.join(", ") || t("settings.login.any")}
            done={t("settings.login.done")}
          >
            {({ value, set }, isLocked) => (
              <fieldset className="rc-stack rc-stack--s" disabled={isLocked}>
                <legend className="rc-label">
                  {value.length === 0 ? t("settings.login.any") : t("settings.login.only")}
                </legend>
                {[...new Set([...METHODS, ...stored])].map((method) => (
                  <Check
                    key={method}
                    checked={value.includes(method)}
                    onChange={(on) => set(on ? [...value, method].sort() : value.filter((one) => one !== method))}
                  >
                    {METHODS.includes(method) ? t(`settings.login.${method}` as "settings.login.sso") : method}
                  </Check>
                ))}
              </fieldset>
            )}
          </Setting>
        </Section>
      )}
      {may("view-second-factor") && has("set-second-factor") && (
        <Section title={t("settings.factor.title")} help={t("settings.factor.help")}>
          <Setting
            title={t("settings.factor.title")}
            name="set-second-factor"
            version={version}
            stored={factor === "required"}
            command={(required) => ({ "set-second-factor": { at, required } })}
            words={(required) => t(required ? "settings.factor.on" : "settings.factor.off")}
            done={t("settings.factor.done")}
          >
            {({ value, set }, isLocked) => (
              <label className="rc-set">
                <Switch checked={value} disabled={isLocked} onChange={set} />
                <span className="rc-grow">
                  <b>{t("settings.factor.on")}</b>
                </span>
              </label>
            )}
          </Setting>
        </Section>
      )}
    </>
  );
}

/** Writes the only values for which a role counts. */
const limits = ({ boundaries = {} }: MappedRole): string[] =>
  Object.entries(boundaries).map(([boundary, values]) => `${boundary}: ${values.join(", ")}`);

function Mappings(): ReactNode {
  const { at } = useAdmin();
  const t = useText();
  const may = useMay();
  const [removed, remove] = useState<RoleMappingRow>();
  const view = useAnswer(["role-mappings"], (client, signal) =>
    client.show("role-mappings", { at }, { signal, background: true }),
  );
  const rows = view.data?.role_mappings ?? [];
  const [title, scope] = [useRoleTitles(), useScopeTitle()];
  return (
    <Section title={t("settings.mapping.title")} help={t("settings.mapping.help")}>
      {view.error !== null && <ErrorNote error={view.error} retry={() => void view.refetch()} />}
      {view.data !== undefined && rows.length === 0 && (
        <Empty icon="users" title={t("settings.mapping.none")}>
          {t("settings.mapping.none.help")}
        </Empty>
      )}
      {rows.length > 0 && (
        <Panel>
          <ul className="rc-named rc-panel__body">
            {rows.map((row) => (
              <li key={row.mapped_group}>
                <b>{row.group}</b>
                <span className="rc-muted rc-small">{row.provider}</span>
                {row.provider_missing && <Tag kind="warn">{t("settings.mapping.missing")}</Tag>}
                <span className="rc-row">
                  {row.roles.map((role) => (
                    <Tag key={JSON.stringify(role)}>
                      {[
                        title(role.role),
                        scope(role.at),
                        role.below === false && t("settings.mapping.here"),
                        ...limits(role),
                      ]
                        .filter(Boolean)
                        .join(" · ")}
                    </Tag>
                  ))}
                </span>
                <span className="rc-muted rc-small">{t("settings.mapping.members", { n: row.members })}</span>
                {may("set-role-mapping") && (
                  <Button
                    small
                    kind="quiet"
                    className="rc-push"
                    aria-label={t("settings.mapping.remove.name", { group: row.group })}
                    onClick={() => remove(row)}
                  >
                    {t("settings.mapping.remove")}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        </Panel>
      )}
      {removed !== undefined && <RemoveMapping row={removed} onClose={() => remove(undefined)} />}
    </Section>
  );
}

function RemoveMapping({ row, onClose }: { row: RoleMappingRow; onClose: () => void }): ReactNode {
  const t = useText();
  const { at, provider, group, roles, members } = row;
  return (
    <ConfirmCommand
      title={t("settings.mapping.remove.ask", { group })}
      confirm={t("settings.mapping.remove.do")}
      keep={t("settings.mapping.keep")}
      commands={[{ "remove-role-mapping": { at, provider, group } }]}
      done={t("settings.mapping.removed", { group })}
      // A login makes the members again.
      undo={[{ "set-role-mapping": { at, provider, group, roles } }]}
      onClose={onClose}
    >
      <p>{t("settings.mapping.remove.help", { members, roles: roles.length })}</p>
    </ConfirmCommand>
  );
}
