/** The editor of one role. */

import { type ReactNode, useCallback, useId, useMemo, useRef, useState } from "react";
import { useFlag, useParam, useTyped } from "../address.js";
import { commandLine } from "../command-line.js";
import { useText } from "../messages/index.js";
import { useConflicts } from "../conflicts.js";
import type { CommandRunner } from "../data.js";
import { useNames } from "../names.js";
import { useAdmin, useMay } from "../provider.js";
import { Button, Empty, type MenuEntry, Note, Refused, SaveBar, Search, Seg } from "../ui/index.js";
import { Conflict } from "./conflict.js";
import { type RoleLinks, type RoleWorld, useLastChange, versionFor } from "./data.js";
import type { RoleRow } from "./row.js";
import {
  changeCount,
  type Command,
  type RoleContent,
  type RoleOrigin,
  sameContent,
  savingAll,
  undoing,
  withFreeName,
  withPermissions,
} from "./draft.js";
import type { Draft, Drafts } from "./drafts.js";
import { ImpactPanel, namedIn, Names } from "./impact-panel.js";
import { knownImpact } from "./known.js";
import { Members } from "./members.js";
import { merge } from "./merge.js";
import { PermissionTree, TreeKey } from "./permission-tree.js";
import { Privacy } from "./privacy.js";
import { RoleHead } from "./role-head.js";
import { branchesOf, branchesText, holding, openAtFirst, type RowFilter, visibleRows } from "./rows.js";
import { type ImpactSource, useImpact, useVerdict } from "./use-impact.js";
import { isFlag, labelText, roleTitle } from "./words.js";

export interface RoleEditorPaneProps {
  world: RoleWorld;
  rows: readonly RoleRow[];
  row: RoleRow | undefined;
  /** The key of the draft. */
  id: string;
  origin: RoleOrigin;
  drafts: Drafts;
  source: ImpactSource | undefined;
  commands: CommandRunner;
  links: RoleLinks;
  actions: readonly MenuEntry[];
  onSaved: (origin: RoleOrigin) => void;
  /** A new role was given up. */
  onDiscarded: () => void;
  onCompare: () => void;
  onCopy?: (() => void) | undefined;
}

const NO_COMMANDS: readonly Command[] = [];

/** Returns what each role gives to those that include it. */
function given(rows: readonly RoleRow[]): Record<string, readonly string[]> {
  return Object.fromEntries(rows.map((row) => [row.role, [...row.grants, ...Object.values(row.inherited).flat()]]));
}

/** The roles that a custom role can include, as the policy limits them. */
function includableOf(
  origin: RoleOrigin,
  { policy }: RoleWorld,
  rows: readonly RoleRow[],
): readonly RoleRow[] | undefined {
  if (origin.kind === "policy" || policy.limits?.custom_roles_from === "grants") return undefined;
  const isFree = (row: RoleRow): boolean => row.deprecated === undefined && !isFlag(row) && row.role !== origin.role;
  const isAbove = (row: RoleRow): boolean => row.at === undefined || `${origin.at}/`.startsWith(`${row.at}/`);
  return rows.filter((row) => isFree(row) && isAbove(row) && !row.inherits.includes(origin.role));
}

/** The editor of a role with its effect next to it. */
export function RoleEditorPane(props: RoleEditorPaneProps): ReactNode {
  const { world, rows, row, id, origin, drafts, source, commands, links, actions, onSaved } = props;
  const t = useText();
  const may = useMay();
  const { subject } = useAdmin();
  const { policy, tree } = world;
  const draft = drafts.all.get(id);
  const base = draft?.origin ?? origin;
  const seesPeople = may("view-access");
  const [showsMembers, showMembers] = useFlag("members");
  const listId = useId();
  const content = draft?.content ?? origin.saved;
  const mayEdit = may(origin.kind === "custom" ? "set-role" : "set-overlay");
  const grantsNothing = origin.kind === "custom" && policy.limits?.custom_roles_from === "roles";
  const isClash = draft !== undefined && !commands.pending && !origin.isNew && !sameContent(base.saved, origin.saved);
  const isEditable = mayEdit && !isClash;
  const change = useCallback(
    (next: RoleContent) => {
      // While a save is under way, the boxes stay where they are, so that they keep the focus.
      if (commands.pending) return;
      commands.reset();
      drafts.change(id, origin, next);
    },
    [commands, drafts, id, origin],
  );
  const changes = draft === undefined ? 0 : Math.max(changeCount(base.saved, content), origin.isNew ? 1 : 0);
  const target = useMemo(
    () => (commands.pending ? base : withFreeName(base, rows, world.directory)),
    [commands.pending, base, rows, world],
  );
  const wanted = useMemo(
    () => (draft === undefined ? NO_COMMANDS : savingAll(target, draft.content, tree)),
    [draft, target, tree],
  );
  const impact = useImpact(source, isClash ? NO_COMMANDS : wanted);
  const verdict = useVerdict(wanted, isEditable && !commands.pending);
  const title = content.title || origin.role;
  // Names of people are loaded before there is an impact that needs them.
  const names = useNames([subject, ...namedIn(impact.impact)]);
  const sum = knownImpact(impact, seesPeople);
  const doneText = (): string => {
    if (origin.isNew) return t("roles.saved.new", { role: title });
    if (sum === undefined) return t("roles.saved.only", { role: title });
    return t("roles.saved", { role: title, gain: sum.gain, lose: sum.lose });
  };
  const save = (): void => {
    if (draft === undefined) return;
    const options = { ifMatch: versionFor(world, target), done: doneText(), undo: [undoing(target, tree)] as never };
    void commands.run(wanted as never, options).then((isSaved) => {
      if (!isSaved) return;
      drafts.discard(id);
      onSaved(target);
    });
  };
  const { begin, isSettling } = useConflicts(commands, isClash, draft?.content, save);
  const effect = sum && t("roles.save.sum", { gain: sum.gain, lose: sum.lose });
  return (
    <>
      <section className="rc-panel rc-roles__edit" aria-labelledby="rc-role">
        <RoleHead
          key={id}
          origin={origin}
          row={row}
          rows={rows}
          content={content}
          onChange={isEditable ? change : undefined}
          includable={includableOf(origin, world, rows)}
          to={links.role}
          members={{ id: listId, isOpen: showsMembers, open: showMembers }}
          actions={
            draft === undefined ? actions : [undoEntry(t("roles.undo"), draft, () => drafts.undo(id)), ...actions]
          }
          onCompare={props.onCompare}
          onCopy={props.onCopy}
        />
        {showsMembers && row?.members !== undefined && (
          <Members key={id} id={listId} row={row} to={links.members(origin.role)} />
        )}
        {!mayEdit && <ReadOnly mayCopy={props.onCopy !== undefined} />}
        {isClash && draft !== undefined && (
          <ConflictOf draft={draft} origin={origin} title={title} id={id} drafts={drafts} world={world} />
        )}
        <Privacy
          policy={policy}
          origin={origin}
          content={content}
          rows={rows}
          onChange={isEditable ? change : undefined}
        />
        {target.role !== base.role && (
          <Note kind="warn">{t("roles.new.taken", { name: base.role, free: target.role })}</Note>
        )}
        {grantsNothing && <Note kind="info">{t("roles.only.includes")}</Note>}
        <Permissions
          key={`${id}-tree`}
          world={world}
          rows={rows}
          base={base}
          content={content}
          title={title}
          links={links}
          onChange={isEditable && !grantsNothing ? change : undefined}
        />
        <TreeKey />
        {commands.error !== undefined && !isSettling && !isClash && draft !== undefined && (
          <Refused error={commands.error} lead={t("roles.save.refused")} />
        )}
        {draft !== undefined && !isClash && (
          <SaveBar
            changes={changes}
            {...(effect !== undefined && { sum: effect })}
            command={commandLine(wanted)}
            saving={commands.pending}
            {...(origin.isNew && { save: t("roles.save.new") })}
            onSave={begin}
            onDiscard={() => {
              commands.reset();
              drafts.discard(id);
              if (origin.isNew) props.onDiscarded();
            }}
          />
        )}
      </section>
      {mayEdit && (
        <Names.Provider value={names}>
          <ImpactPanel
            state={impact}
            verdict={verdict}
            tree={tree}
            changes={isClash ? 0 : changes}
            seesPeople={seesPeople}
            label={(label) => labelText(policy, label)}
            role={(name) =>
              roleTitle(
                rows.find((one) => one.role === name),
                name,
              )
            }
            person={links.person}
          />
        </Names.Provider>
      )}
    </>
  );
}

const undoEntry = (label: string, draft: Draft, onSelect: () => void): MenuEntry => ({
  id: "undo",
  label,
  icon: "undo",
  disabled: draft.steps.length === 0,
  onSelect,
});

function ReadOnly({ mayCopy }: { mayCopy: boolean }): ReactNode {
  const t = useText();
  return (
    <div className="rc-roles__note">
      <Note icon="eye">{mayCopy ? t("roles.readonly.copy") : t("roles.readonly")}</Note>
    </div>
  );
}

interface ConflictOfProps extends Pick<RoleEditorPaneProps, "origin" | "id" | "drafts" | "world"> {
  draft: Draft;
  title: string;
}

function ConflictOf({ draft, origin, title, id, drafts, world }: ConflictOfProps): ReactNode {
  const last = useLastChange(origin);
  const both = useMemo(() => merge(draft.origin.saved, origin.saved, draft.content), [draft, origin]);
  return (
    <div className="rc-roles__note">
      <Conflict
        title={title}
        last={last}
        merge={both}
        tree={world.tree}
        label={(label) => labelText(world.policy, label)}
        onTheirs={() => drafts.discard(id)}
        onYours={() => drafts.rebase(id, origin, both.merged)}
      />
    </div>
  );
}

interface PermissionsProps extends Pick<RoleEditorPaneProps, "world" | "rows" | "links"> {
  base: RoleOrigin;
  content: RoleContent;
  title: string;
  onChange?: ((content: RoleContent) => void) | undefined;
}

/** The tree with its search and its views. */
function Permissions({ world, rows, base, content, title, links, onChange }: PermissionsProps): ReactNode {
  const t = useText();
  const { tree } = world;
  const [search, setSearch] = useTyped("search");
  const [show = "all", setShow] = useParam<NonNullable<RowFilter["show"]>>("show");
  const inherited = useMemo(() => given(rows), [rows]);
  const held = useMemo(() => holding(base.saved, content, inherited), [base, content, inherited]);
  const [first] = useState(() => openAtFirst(tree, held));
  const branches = useMemo(
    () => new Set([...tree.nodes.values()].filter((node) => node.children.length > 0).map(({ path }) => path)),
    [tree],
  );
  const [text, setText] = useParam("branches");
  const open = useMemo(() => branchesOf(text ?? "", first, branches), [text, first, branches]);
  const shown = useMemo(() => visibleRows(tree, held, { search, show, open }), [tree, held, search, show, open]);
  const isAllOpen = open.size === branches.size;
  // The functions stay the same, so that a click draws the rows again that it changes, and no others.
  const latest = useRef({ content, onChange, open });
  latest.current = { content, onChange, open };
  const setOpen = useCallback(
    (next: ReadonlySet<string>) => setText(branchesText(next, first, branches) || undefined, { replace: true }),
    [setText, first, branches],
  );
  const onOpen = useCallback(
    (paths: readonly string[], isOpen: boolean) => {
      const now = [...latest.current.open];
      setOpen(new Set(isOpen ? [...now, ...paths] : now.filter((path) => !paths.includes(path))));
    },
    [setOpen],
  );
  const set = useCallback((permissions: readonly string[], on: boolean) => {
    const now = latest.current;
    now.onChange?.(withPermissions(now.content, permissions, on));
  }, []);
  const onSet = onChange === undefined ? undefined : set;
  const role = useCallback(
    (name: string) => ({
      title: roleTitle(
        rows.find((row) => row.role === name),
        name,
      ),
      to: links.role(name),
    }),
    [rows, links],
  );
  const granted = new Set([...content.own, ...held.from.keys()]).size;
  const changed = tree.permissions.filter((one) => content.own.has(one) !== base.saved.own.has(one)).length;
  return (
    <>
      <div className="rc-tree__bar">
        <Search
          className="rc-grow"
          label={t("roles.tree.search")}
          placeholder={t("roles.tree.search.n", { n: tree.permissions.length })}
          value={search}
          onChange={setSearch}
        />
        <Seg
          label={t("roles.tree.show")}
          value={show}
          onChange={(next) => setShow(next === "all" ? undefined : next)}
          options={[
            { value: "all", label: t("roles.tree.show.all") },
            { value: "granted", label: t("roles.tree.show.granted"), count: granted },
            { value: "changed", label: t("roles.tree.show.changed"), count: changed },
          ]}
        />
        <Button kind="quiet" small onClick={() => setOpen(isAllOpen ? new Set() : branches)}>
          {isAllOpen ? t("roles.tree.closeAll") : t("roles.tree.openAll")}
        </Button>
      </div>
      {shown.length === 0 ? (
        <Empty
          icon="search"
          title={search === "" ? t(`roles.tree.none.${show}`) : t("roles.tree.none", { search })}
          actions={
            <Button
              small
              onClick={() => {
                setSearch("");
                setShow(undefined);
              }}
            >
              {t("common.filter.clear")}
            </Button>
          }
        />
      ) : (
        <PermissionTree
          label={t("roles.tree.label", { role: title })}
          tree={tree}
          rows={shown}
          onSet={onSet}
          onOpen={onOpen}
          role={role}
        />
      )}
    </>
  );
}
