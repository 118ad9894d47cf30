/** Dialogs of roles: a new one, a copy, the way back to the preset, and the end of one. */

import { type ReactNode, useMemo, useRef, useState } from "react";
import { commandLine } from "../command-line.js";
import { useText } from "../messages/index.js";
import { Button, Confirm, CopyCommand, Dialog, Field, Icon, Input, Refused, Search, Sign } from "../ui/index.js";
import { useMay } from "../provider.js";
import { useUnsavedDialog } from "../unsaved.js";
import type { RoleRow } from "./row.js";
import { type Command, nameFor, type RoleContent } from "./draft.js";
import { deleting, knownImpact } from "./known.js";
import type { Tree } from "./tree.js";
import { type ImpactSource, useImpact } from "./use-impact.js";
import { roleKey } from "./role-list.js";
import { actionOf, resourceTitles, roleTitle } from "./words.js";
import { partsOf } from "./tree.js";

/** The beginning of a new role. */
export interface Beginning {
  role: string;
  title: string;
  like?: RoleRow | undefined;
}

export interface NewRoleProps {
  rows: readonly RoleRow[];
  /** The role to copy at first. */
  like?: RoleRow | undefined;
  onCreate: (beginning: Beginning) => void;
  onClose: () => void;
}

/** The form for the title of a new role, and for the role that it begins with unless it is a copy. It saves nothing. */
export function NewRole({ rows, like, onCreate, onClose }: NewRoleProps): ReactNode {
  const t = useText();
  const taken = useMemo(() => new Set(rows.map((row) => row.role)), [rows]);
  const given = like === undefined ? "" : t("roles.new.copy", { role: roleTitle(like, like.role) });
  const [title, setTitle] = useState(given);
  const drop = useUnsavedDialog(title === given ? 0 : 1);
  const close = (): void => {
    drop();
    onClose();
  };
  const [wasAsked, setAsked] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const name = nameFor(title, taken);
  const isMissing = title.trim() === "";
  const begin = (from: RoleRow | undefined): void => {
    setAsked(true);
    if (isMissing) return input.current?.focus();
    drop();
    onCreate({ role: name, title: title.trim(), like: from });
  };
  const footer = (
    <>
      <Button onClick={close}>{t("common.cancel")}</Button>
      <Button kind="primary" onClick={() => begin(like)}>
        {t(like === undefined ? "roles.new.empty" : "roles.new.begin")}
      </Button>
    </>
  );
  return (
    <Dialog title={like === undefined ? t("roles.new.title") : t("roles.copy.title")} onClose={close} footer={footer}>
      <form
        className="rc-stack"
        onSubmit={(event) => {
          event.preventDefault();
          begin(like);
        }}
      >
        <Field
          label={t("roles.name")}
          help={isMissing ? undefined : t("roles.new.id", { name })}
          error={wasAsked && isMissing ? t("roles.new.missing") : undefined}
        >
          {(control) => (
            <Input
              {...control}
              ref={input}
              autoFocus
              maxLength={200}
              value={title}
              onChange={(event) => setTitle(event.target.value)}
            />
          )}
        </Field>
      </form>
      {like === undefined && <Presets rows={rows} onChoose={begin} />}
    </Dialog>
  );
}

/** The roles that a new one can begin with. A click goes on with one. */
function Presets({ rows, onChoose }: { rows: readonly RoleRow[]; onChoose: (row: RoleRow) => void }): ReactNode {
  const t = useText();
  const [search, setSearch] = useState("");
  const text = search.trim().toLowerCase();
  const found = rows
    .filter((row) => row.deprecated === undefined)
    .filter((row) => [row.role, row.title].some((one) => one?.toLowerCase().includes(text)));
  return (
    <section className="rc-stack rc-stack--s" aria-label={t("roles.new.like")}>
      <h3 className="rc-label">{t("roles.new.like")}</h3>
      {rows.length > 12 && <Search label={t("roles.new.search")} value={search} onChange={setSearch} />}
      <ul className="rc-pick__list">
        {found.map((row) => (
          <li key={roleKey(row)}>
            <button type="button" className="rc-menu__item" title={row.description} onClick={() => onChoose(row)}>
              <span className="rc-grow">{roleTitle(row, row.role)}</span>
              <Icon name="right" small />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

export interface DeleteRoleProps {
  row: RoleRow;
  at: string;
  /** The roles that inherit it. */
  heirs: readonly RoleRow[];
  source: ImpactSource | undefined;
  tree: Tree;
  isPending: boolean;
  error: unknown;
  onConfirm: (commands: readonly Command[]) => void;
  onClose: () => void;
}

/** The question before a role is deleted, with the permissions that its members lose. */
export function DeleteRole(props: DeleteRoleProps): ReactNode {
  const { row, at, heirs, source, tree, isPending, error, onConfirm, onClose } = props;
  const t = useText();
  const title = roleTitle(row, row.role);
  const commands = useMemo(
    () => [deleting(row.role, at, row.members, heirs.length)],
    [at, row.role, row.members, heirs.length],
  );
  const seesPeople = useMay()("view-access") && row.members !== undefined;
  const impact = knownImpact(useImpact(source, commands), seesPeople);
  return (
    <Confirm
      title={t("roles.delete.title", { role: title })}
      confirm={t("roles.delete.confirm")}
      keep={t("roles.delete.keep")}
      pending={isPending}
      onConfirm={() => onConfirm(commands)}
      onClose={onClose}
    >
      <p>{row.members === undefined ? t("roles.delete.hidden") : t("roles.delete.members", { n: row.members })}</p>
      {heirs.length > 0 && (
        <p>
          {t("roles.delete.heirs", { n: heirs.length, roles: heirs.map((one) => roleTitle(one, one.role)).join(", ") })}
        </p>
      )}
      {impact !== undefined && impact.lost.length > 0 && (
        <ul className="rc-diff">
          {impact.lost.slice(0, 6).map((one) => (
            <li key={one.permission}>
              <Sign kind="lose" />
              <span>
                {resourceTitles(tree, partsOf(one.permission)[0]).join(" / ")}: {actionOf(t, tree, one.permission)}
              </span>
              <span className="rc-count">{t("roles.delete.for", { n: one.count })}</span>
            </li>
          ))}
        </ul>
      )}
      {impact !== undefined && impact.lost.length > 6 && (
        <p className="rc-small rc-muted">{t("roles.delete.more", { n: impact.lost.length - 6 })}</p>
      )}
      {impact !== undefined && impact.lost.length === 0 && <p className="rc-muted">{t("roles.delete.nothing")}</p>}
      {error !== undefined && <Refused error={error} lead={t("roles.delete.refused")} />}
      <CopyCommand line command={commandLine(commands)} />
    </Confirm>
  );
}

export interface ResetRoleProps {
  row: RoleRow;
  title: string;
  commands: readonly Command[];
  /** Commands with the same effect, which the engine of the page can compute. */
  effect: readonly Command[];
  /** The role as it is now, and as it will be. */
  before: RoleContent;
  after: RoleContent;
  tree: Tree;
  /** Returns the title of a label. */
  label: (label: string) => string;
  source: ImpactSource | undefined;
  isPending: boolean;
  error: unknown;
  onConfirm: () => void;
  onClose: () => void;
}

/** The question before a role is reset to the preset, with the differences. */
export function ResetRole(props: ResetRoleProps): ReactNode {
  const { title, commands, effect, before, after, tree, source, isPending, error, onConfirm, onClose } = props;
  const t = useText();
  const seesPeople = useMay()("view-access");
  const impact = knownImpact(useImpact(source, effect), seesPeople);
  const added = tree.permissions.filter((one) => after.own.has(one) && !before.own.has(one));
  const removed = tree.permissions.filter((one) => before.own.has(one) && !after.own.has(one));
  const line = (permission: string, kind: "gain" | "lose"): ReactNode => (
    <li key={permission}>
      <Sign kind={kind} />
      <span>
        {resourceTitles(tree, partsOf(permission)[0]).join(" / ")}: {actionOf(t, tree, permission)}
      </span>
    </li>
  );
  const labels = [...new Set([...before.reads, ...after.reads])].filter(
    (label) => before.reads.includes(label) !== after.reads.includes(label),
  );
  const isSame = added.length + removed.length + labels.length === 0;
  return (
    <Confirm
      title={t("roles.reset.title", { role: title })}
      confirm={t("roles.reset.confirm")}
      keep={t("roles.reset.keep")}
      pending={isPending}
      onConfirm={onConfirm}
      onClose={onClose}
    >
      <p>{isSame ? t("roles.reset.same") : t("roles.reset.differs")}</p>
      {before.title !== after.title && (
        <p className="rc-small">{t("roles.reset.name", { before: before.title, after: after.title })}</p>
      )}
      <ul className="rc-diff rc-cmp">
        {added.map((one) => line(one, "gain"))}
        {removed.map((one) => line(one, "lose"))}
        {labels.map((label) => (
          <li key={label}>
            <Sign kind={after.reads.includes(label) ? "gain" : "lose"} />
            <span>{t("roles.compare.label", { label: props.label(label) })}</span>
          </li>
        ))}
      </ul>
      {impact !== undefined && (
        <p className="rc-small rc-muted">{t("roles.save.sum", { gain: impact.gain, lose: impact.lose })}</p>
      )}
      {error !== undefined && <Refused error={error} lead={t("roles.reset.refused")} />}
      <CopyCommand line command={commandLine(commands)} />
    </Confirm>
  );
}
