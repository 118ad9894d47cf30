/** The roles of a scope with their editor. */

import { type ReactNode, useCallback, useMemo, useState } from "react";
import { useParam } from "../address.js";
import { useText } from "../messages/index.js";
import { type CommandRunner, useCommand } from "../data.js";
import { useNavigation } from "../navigation.js";
import { useAdmin, useMay } from "../provider.js";
import { Button, Empty, ErrorNote, type MenuEntry, Skeleton } from "../ui/index.js";
import { CompareRoles, otherThan } from "./compare-roles.js";
import { type RoleWorld, useRoleLinks, useRoleRows, useRoleWorld } from "./data.js";
import type { RoleRow } from "./row.js";
import { contentOf, type Command, newOrigin, originOf, type RoleOrigin } from "./draft.js";
import { type Draft, type Drafts, NEW, useDrafts } from "./drafts.js";
import { type Beginning, DeleteRole, NewRole, ResetRole } from "./role-dialogs.js";
import { RoleEditorPane } from "./role-editor.js";
import { RoleList, roleKey } from "./role-list.js";
import { type MakeWorker, useImpactSource } from "./use-impact.js";
import { labelText, roleTitle } from "./words.js";

export interface RoleEditorProps {
  /** The key of the role that is shown. Without it, the first one. */
  role?: string | undefined;
  worker: MakeWorker;
  /** Whether the dialog of a new role is open. */
  isCreating?: boolean;
  onCreating?: (isCreating: boolean) => void;
}

/** The roles of a scope: the list, the editor, and the effect of what is changed. */
export function RoleEditor(props: RoleEditorProps): ReactNode {
  const t = useText();
  const { rows, error, retry } = useRoleRows();
  const { world, error: worldError, retry: retryWorld } = useRoleWorld();
  const failed = error ?? worldError;
  if (rows === undefined || world === undefined) {
    if (failed) {
      const again = (): void => {
        retry();
        retryWorld();
      };
      return <ErrorNote error={failed} lead={t("roles.error")} retry={again} />;
    }
    return (
      <div className="rc-roles">
        <div className="rc-panel rc-roles__list">
          <Skeleton rows={8} columns={1} />
        </div>
        <div className="rc-panel rc-roles__edit">
          <Skeleton rows={12} columns={4} />
        </div>
      </div>
    );
  }
  return <Loaded {...props} rows={rows} world={world} />;
}

interface LoadedProps extends RoleEditorProps {
  rows: readonly RoleRow[];
  world: RoleWorld;
}

type Asking = { kind: "delete" | "reset"; row: RoleRow };

function Loaded({ role, worker, rows, world, isCreating = false, onCreating }: LoadedProps): ReactNode {
  const t = useText();
  const { at } = useAdmin();
  const may = useMay();
  const { navigate } = useNavigation();
  const drafts = useDrafts();
  const links = useRoleLinks();
  const commands = useCommand();
  const source = useImpactSource(world, worker);
  const [likeKey, setLike] = useParam("like");
  const like = rows.find((one) => roleKey(one) === likeKey);
  const [compared, compare] = useParam("compare");
  const [asking, setAsking] = useState<Asking>();
  const close = useCallback(() => setAsking(undefined), []);
  const id = keyOf(role, rows, drafts);
  const row = rows.find((one) => roleKey(one) === id);
  const origin = useOrigin(id, row, world, drafts);
  const content = drafts.all.get(id ?? "")?.content ?? origin?.saved;
  const gone = useMemo(() => {
    const keys = new Set([NEW, ...rows.map(roleKey)]);
    return [...drafts.all].flatMap(
      ([
        key,
        {
          origin: { role: name },
          content,
        },
      ]) => (keys.has(key) ? [] : [[key, content.title || name] as const]),
    );
  }, [rows, drafts.all]);
  const left = origin === undefined ? drafts.all.get(role ?? "") : undefined;
  const again = ({ origin: { role: name, written, saved }, content }: Draft): void => {
    drafts.rebase(NEW, { ...newOrigin(name, at), written, saved: { ...saved, reads: [] } }, { ...content, reads: [] });
    drafts.discard(role ?? "");
    navigate(links.role(NEW));
  };
  const begin = ({ role: name, title, like: from }: Beginning): void => {
    const base = from && originOf(from.role, from.at ?? at, world);
    const made = newOrigin(name, at, base);
    drafts.rebase(NEW, made, { ...made.saved, title });
    setLike(undefined);
    onCreating?.(false);
    navigate(links.role(NEW));
  };
  const ask = (next: Asking): void => {
    commands.reset();
    setAsking(next);
  };
  const run = (list: readonly Command[], done: string, undo: readonly Command[] | undefined, after: () => void): void =>
    void commands.run(list as never, { done, undo: undo as never }).then((isDone) => {
      if (!isDone) return;
      drafts.discard(id ?? "");
      close();
      after();
    });
  return (
    <>
      <div className="rc-roles">
        <RoleList
          rows={rows}
          current={id}
          unsaved={[...drafts.all.keys()].join(" ")}
          created={drafts.all.get(NEW)?.content.title}
          gone={gone}
          to={links.role}
        />
        {origin === undefined || id === undefined ? (
          <div className="rc-panel rc-roles__edit">
            <Empty
              level={2}
              icon="key"
              title={t("roles.missing", { role: role ?? "" })}
              actions={
                left === undefined ? (
                  may("set-role") && <Button onClick={() => onCreating?.(true)}>{t("roles.new")}</Button>
                ) : (
                  <>
                    {may("set-role") && <Button onClick={() => again(left)}>{t("roles.missing.again")}</Button>}
                    <Button onClick={() => drafts.discard(role ?? "")}>{t("roles.missing.discard")}</Button>
                  </>
                )
              }
            >
              {left === undefined ? t("roles.missing.help") : t("roles.missing.draft")}
            </Empty>
          </div>
        ) : (
          <RoleEditorPane
            world={world}
            rows={rows}
            row={row}
            id={id}
            origin={origin}
            drafts={drafts}
            source={source}
            commands={commands}
            links={links}
            actions={row === undefined ? [] : entriesOf({ row, origin, may, t, ask, history: links.history })}
            onSaved={(saved) => origin.isNew && navigate(links.role(`${saved.role}@${saved.at}`), { replace: true })}
            onDiscarded={() => navigate(links.role(""), { replace: true })}
            onCompare={() => compare(otherThan(origin.role, row, rows))}
            onCopy={may("set-role") && row !== undefined ? () => setLike(roleKey(row)) : undefined}
          />
        )}
      </div>
      {(isCreating || like !== undefined) && may("set-role") && (
        <NewRole
          rows={rows}
          like={like}
          onCreate={begin}
          onClose={() => {
            setLike(undefined);
            onCreating?.(false);
          }}
        />
      )}
      {compared !== undefined && origin !== undefined && content !== undefined && (
        <CompareRoles
          role={origin.role}
          title={content.title || origin.role}
          content={content}
          other={compared}
          onOther={compare}
          rows={rows}
          tree={world.tree}
          label={(label) => labelText(world.policy, label)}
          onClose={() => compare(undefined)}
        />
      )}
      {asking?.kind === "delete" && origin !== undefined && (
        <DeleteRole
          row={asking.row}
          at={origin.at}
          heirs={rows.filter((one) => one.inherits.includes(origin.role))}
          source={source}
          tree={world.tree}
          isPending={commands.pending}
          error={commands.error}
          onConfirm={(list) =>
            run(list, t("roles.deleted", { role: roleTitle(asking.row, origin.role) }), undefined, () =>
              navigate(links.role("")),
            )
          }
          onClose={close}
        />
      )}
      {asking?.kind === "reset" && origin !== undefined && (
        <Reset
          asking={asking.row}
          origin={origin}
          world={world}
          source={source}
          commands={commands}
          run={run}
          onClose={close}
        />
      )}
    </>
  );
}

/** Returns the key of the role that is shown: the wanted one, or the first of the list. */
function keyOf(role: string | undefined, rows: readonly RoleRow[], drafts: Drafts): string | undefined {
  if (role === NEW && drafts.all.has(NEW)) return NEW;
  if (role !== undefined && role !== "" && role !== NEW) {
    const found = rows.find((row) => roleKey(row) === role) ?? rows.find((row) => row.role === role);
    return found && roleKey(found);
  }
  const custom = rows.find((row) => row.origin === "custom");
  const first = custom ?? rows.find((row) => row.deprecated === undefined) ?? rows[0];
  return first && roleKey(first);
}

/** Returns the role as it is now. */
function useOrigin(
  id: string | undefined,
  row: RoleRow | undefined,
  world: RoleWorld,
  drafts: Drafts,
): RoleOrigin | undefined {
  const { at } = useAdmin();
  const made = id === NEW ? drafts.all.get(NEW)?.origin : undefined;
  return useMemo(
    () => made ?? (row === undefined ? undefined : originOf(row.role, row.at ?? at, world)),
    [made, row, at, world],
  );
}

interface EntriesOf {
  row: RoleRow;
  origin: RoleOrigin;
  may: (name: string) => boolean;
  t: ReturnType<typeof useText>;
  ask: (asking: Asking) => void;
  /** The address of what changed. */
  history: string;
}

/** Returns what can be done with a role. */
function entriesOf({ row, origin, may, t, ask, history }: EntriesOf): MenuEntry[] {
  const entries: MenuEntry[] = [];
  if (may("view-audit")) entries.push({ id: "history", label: t("roles.history"), icon: "clock", to: history });
  const isEdited = origin.kind === "policy" && row.overlay !== undefined && row.overlay === origin.at;
  if (isEdited && may("reset-overlay"))
    entries.push({ id: "reset", label: t("roles.reset"), icon: "undo", onSelect: () => ask({ kind: "reset", row }) });
  if (row.copy_of !== undefined && may("reset-role"))
    entries.push({ id: "reset", label: t("roles.reset"), icon: "undo", onSelect: () => ask({ kind: "reset", row }) });
  if (origin.kind === "custom" && may("delete-role"))
    entries.push({
      id: "delete",
      label: t("roles.delete"),
      icon: "trash",
      danger: true,
      onSelect: () => ask({ kind: "delete", row }),
    });
  return entries;
}

interface ResetProps {
  asking: RoleRow;
  origin: RoleOrigin;
  world: RoleWorld;
  source: ReturnType<typeof useImpactSource>;
  commands: CommandRunner;
  run: (list: readonly Command[], done: string, undo: readonly Command[] | undefined, after: () => void) => void;
  onClose: () => void;
}

function Reset({ asking, origin, world, source, commands, run, onClose }: ResetProps): ReactNode {
  const t = useText();
  const { at, role, saved } = origin;
  const title = roleTitle(asking, role);
  const name = origin.kind === "policy" ? "reset-overlay" : "reset-role";
  const list = useMemo(() => [{ [name]: { at, role } }], [name, at, role]);
  const effect = useMemo(() => {
    const preset = world.policy.roles[asking.copy_of ?? ""];
    if (origin.policy !== undefined || preset === undefined) return list;
    const { inherits = [], grants = [], except = [] } = preset;
    return [{ "set-role": { at, role, inherits, grants, except } }];
  }, [origin, world, asking, list, at, role]);
  const after = useMemo(() => {
    if (origin.above !== undefined) return origin.above;
    const preset = world.policy.roles[asking.copy_of ?? ""];
    return preset === undefined ? saved : { ...contentOf(preset, world.tree), reads: [] };
  }, [origin, world, asking, saved]);
  return (
    <ResetRole
      row={asking}
      title={title}
      commands={list}
      effect={effect}
      before={saved}
      after={after}
      tree={world.tree}
      label={(label) => labelText(world.policy, label)}
      source={source}
      isPending={commands.pending}
      error={commands.error}
      onConfirm={() => run(list, t("roles.reset.done", { role: title }), undefined, () => undefined)}
      onClose={onClose}
    />
  );
}
