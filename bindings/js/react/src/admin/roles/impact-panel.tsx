/** The effect of a draft on people, before it is saved. */

import { createContext, type ReactNode, useContext, useState } from "react";
import { useNumber, useText } from "../messages/index.js";
import { shortId } from "../ids.js";
import { AsOf, Avatar, Icon, Link, Note, Refused, Sign, Tag, TextButton } from "../ui/index.js";
import type { Impact, MenuImpact, PeopleImpact, PermissionImpact } from "./impact-types.js";
import type { ImpactState, Verdict } from "./use-impact.js";
import { partsOf, type Tree } from "./tree.js";
import { actionOf, resourceTitles } from "./words.js";

/** Returns the name of a subject. */
export const Names = createContext<(subject: string) => string>(shortId);

/** The most lines of a list before it is folded. */
const LINES = 8;

/** The most people of a group who are named. */
const NAMED = 20;

/** Returns the people whom the first lines of an impact name. */
export function namedIn(impact: Impact | undefined): string[] {
  if (impact === undefined) return [];
  const { gained, lost, appears, vanishes, kept, people } = impact;
  const lists: (readonly { who: readonly string[] }[])[] = [gained, lost, appears, vanishes, kept];
  const single = lists.flatMap((list) => list.slice(0, LINES));
  const groups = people.slice(0, LINES).map((group) => group.people);
  return [
    ...single.flatMap(({ who }) => who.slice(0, 1)),
    ...groups.flatMap((group) => group.slice(0, group.length > NAMED + 1 ? 1 : undefined)),
  ];
}

export interface ImpactPanelProps {
  state: ImpactState;
  verdict: Verdict;
  tree: Tree;
  /** The number of changes. */
  changes: number;
  /** Whether the user may see who holds roles. */
  seesPeople: boolean;
  label: (label: string) => string;
  /** The title of a role. */
  role: (role: string) => string;
  person?: ((subject: string) => string) | undefined;
}

/** The effect of a draft: people, permissions, entries of menus, and whether the server would refuse it. */
export function ImpactPanel(props: ImpactPanelProps): ReactNode {
  const t = useText();
  const { state, verdict, changes, seesPeople } = props;
  return (
    <aside className="rc-panel rc-roles__impact" aria-labelledby="rc-impact">
      <div className="rc-panel__head">
        <h2 id="rc-impact">{t("roles.impact.title")}</h2>
        <AsOf />
        <span className="rc-count rc-push">{changes > 0 ? t("roles.impact.if") : ""}</span>
      </div>
      <div className="rc-impact" aria-busy={state.isStale || undefined}>
        {verdict.error !== undefined && <Refused error={verdict.error} lead={t("roles.impact.refused")} />}
        {changes === 0 && <p className="rc-small rc-muted">{t("roles.impact.nothing")}</p>}
        {changes > 0 && !seesPeople && <p className="rc-small rc-muted">{t("roles.impact.hidden")}</p>}
        {state.error !== undefined && verdict.error === undefined && (
          <Refused error={state.error} lead={t("roles.impact.impossible")} />
        )}
        {changes > 0 && seesPeople && state.impact !== undefined && <Effect {...props} impact={state.impact} />}
      </div>
    </aside>
  );
}

function Effect({ impact, tree, verdict, label, role, person }: ImpactPanelProps & { impact: Impact }): ReactNode {
  const t = useText();
  const number = useNumber();
  const checks = [
    impact.labels.length + impact.supportReads.length === 0 ? t("roles.impact.check.labels") : undefined,
    verdict.isChecked && verdict.error === undefined ? t("roles.impact.check.server") : undefined,
  ].filter((text) => text !== undefined);
  return (
    <>
      <div className="rc-stack rc-stack--s" role="status">
        <ul className="rc-tally">
          <li>
            <b className="rc-tally__n" data-k={impact.gain > 0 ? "gain" : undefined}>
              {number(impact.gain)}
            </b>
            {t("roles.impact.gain", { n: impact.gain })}
          </li>
          <li>
            <b className="rc-tally__n" data-k={impact.lose > 0 ? "lose" : undefined}>
              {number(impact.lose)}
            </b>
            {t("roles.impact.lose", { n: impact.lose })}
          </li>
        </ul>
        {impact.changed === 0 && <p className="rc-small rc-muted">{t("roles.impact.nobody")}</p>}
        {impact.support && <p className="rc-small rc-muted">{t("roles.impact.support")}</p>}
      </div>
      {impact.labels.map((one) => (
        <Note key={one.label} kind="warn" lead={t("roles.impact.label.title", { label: label(one.label) })}>
          {t("roles.impact.label", { gained: one.gained, lost: one.lost })}
        </Note>
      ))}
      {impact.supportReads.map((one) => (
        <Note key={`support ${one}`} kind="warn" lead={t("roles.impact.label.title", { label: label(one) })}>
          {t("roles.impact.label.support")}
        </Note>
      ))}
      {impact.gained.length + impact.lost.length > 0 && (
        <section className="rc-stack rc-stack--s">
          <h3>{t("roles.impact.permissions")}</h3>
          <Folded
            className="rc-diff"
            items={[...lines(impact.gained, "gain"), ...lines(impact.lost, "lose")]}
            show={(line) => <PermissionLine key={line.key} line={line} tree={tree} />}
          />
        </section>
      )}
      {impact.kept.length > 0 && (
        <section className="rc-stack rc-stack--s">
          <h3>{t("roles.impact.kept")}</h3>
          <Folded
            className="rc-diff"
            items={keptLines(impact.kept)}
            show={(line) => <KeptLine key={line.key} line={line} tree={tree} role={role} />}
          />
        </section>
      )}
      {impact.appears.length + impact.vanishes.length > 0 && (
        <section className="rc-stack rc-stack--s">
          <h3>{t("roles.impact.menu")}</h3>
          <Folded
            className="rc-menudiff"
            items={[...entries(impact.appears, "gain"), ...entries(impact.vanishes, "lose")]}
            show={(one) => <MenuLine key={one.kind + one.entry.id} {...one} />}
          />
        </section>
      )}
      {impact.people.length > 0 && (
        <section className="rc-stack rc-stack--s">
          <h3>{t("roles.impact.people")}</h3>
          <ul className="rc-people">
            {impact.people.slice(0, LINES).map((group) => (
              <PeopleLine key={group.people[0]} group={group} tree={tree} person={person} />
            ))}
          </ul>
          {impact.people.length > LINES && (
            <p className="rc-small rc-muted">{t("roles.impact.groups", { n: impact.people.length - LINES })}</p>
          )}
        </section>
      )}
      {checks.length > 0 && (
        <ul className="rc-checks">
          {checks.map((text) => (
            <li key={text}>
              <Icon name="check" />
              {text}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

type Kind = "gain" | "lose";

/** A line of a resource with the actions that change for the same people. */
interface Line {
  key: string;
  kind: Kind;
  path: string;
  permissions: string[];
  count: number;
  who: readonly string[];
}

function lines(changes: readonly PermissionImpact[], kind: Kind): Line[] {
  const found = new Map<string, Line>();
  for (const { permission, count, who } of changes) {
    const [path] = partsOf(permission);
    const key = [kind, path, count, ...who].join(" ");
    const line = found.get(key) ?? { key, kind, path, permissions: [], count, who };
    line.permissions.push(permission);
    found.set(key, line);
  }
  return [...found.values()];
}

const entries = (changes: readonly MenuImpact[], kind: Kind): { kind: Kind; entry: MenuImpact }[] =>
  changes.map((entry) => ({ kind, entry }));

function PermissionLine({ line, tree }: { line: Line; tree: Tree }): ReactNode {
  const t = useText();
  const actions = line.permissions.map((permission) => actionOf(t, tree, permission)).join(", ");
  return (
    <li>
      <Sign kind={line.kind} />
      <span>
        {resourceTitles(tree, line.path).join(" / ")}: {actions}
      </span>
      <Count count={line.count} who={line.who} text="roles.impact.for" />
    </li>
  );
}

function MenuLine({ kind, entry }: { kind: Kind; entry: MenuImpact }): ReactNode {
  const text = kind === "gain" ? "roles.impact.appears" : "roles.impact.vanishes";
  return (
    <li data-k={kind}>
      <Sign kind={kind} />
      <span>{[...entry.above, entry.title].join(" / ")}</span>
      <Count count={entry.count} who={entry.who} text={text} />
    </li>
  );
}

type Kept = Impact["kept"][number];

/** A line of a resource with the actions that the same people keep. */
interface Keeping extends Omit<Kept, "permission"> {
  key: string;
  path: string;
  permissions: string[];
}

function keptLines(kept: readonly Kept[]): Keeping[] {
  const found = new Map<string, Keeping>();
  for (const { permission, ...rest } of kept) {
    const [path] = partsOf(permission);
    const key = [path, rest.count, ...rest.who, ...rest.through].join(" ");
    const line = found.get(key) ?? { key, path, permissions: [], ...rest };
    line.permissions.push(permission);
    found.set(key, line);
  }
  return [...found.values()];
}

function KeptLine({ line, tree, role }: { line: Keeping; tree: Tree; role: ImpactPanelProps["role"] }): ReactNode {
  const t = useText();
  const actions = line.permissions.map((permission) => actionOf(t, tree, permission)).join(", ");
  return (
    <li>
      <span className="rc-sign">=</span>
      <span>
        {resourceTitles(tree, line.path).join(" / ")}: {actions}
        <span className="rc-impact__why">
          {t("roles.impact.through", { roles: line.through.map(role).join(", ") })}
        </span>
      </span>
      <Count count={line.count} who={line.who} text="roles.impact.for" />
    </li>
  );
}

interface CountProps {
  count: number;
  who: readonly string[];
  text: "roles.impact.for" | "roles.impact.appears" | "roles.impact.vanishes";
}

function Count({ count, who, text }: CountProps): ReactNode {
  const t = useText();
  const nameOf = useContext(Names);
  const [first] = who;
  return <span className="rc-count">{t(text, { n: count, name: first === undefined ? "" : nameOf(first) })}</span>;
}

function PeopleLine({
  group,
  tree,
  person,
}: {
  group: PeopleImpact;
  tree: Tree;
  person: ImpactPanelProps["person"];
}): ReactNode {
  const t = useText();
  const nameOf = useContext(Names);
  const [first = "", ...others] = group.people;
  const name = nameOf(first);
  const [gained, lost] = [group.gained.length + group.readsGained.length, group.lost.length + group.readsLost.length];
  const titles = (permissions: readonly string[]): string =>
    [...new Set(permissions.map((one) => resourceTitles(tree, partsOf(one)[0]).at(-1)))].slice(0, 3).join(", ");
  const words = [
    group.gained.length > 0 ? t("roles.impact.people.gain", { what: titles(group.gained) }) : "",
    group.lost.length > 0 ? t("roles.impact.people.lose", { what: titles(group.lost) }) : "",
  ].filter((text) => text !== "");
  return (
    <li>
      <Avatar name={name} />
      <span className="rc-grow">
        {person === undefined ? <b>{name}</b> : <Link to={person(first)}>{name}</Link>}
        {others.length > 0 && <> {t("roles.impact.others", { n: others.length })}</>}
        <span>{words.join(" ")}</span>
        {others.length > 0 && others.length <= NAMED && <span>{others.map(nameOf).join(", ")}</span>}
      </span>
      <span className="rc-row rc-row--tight rc-nowrap">
        {gained > 0 && <Tag kind="gain">+{gained}</Tag>}
        {lost > 0 && <Tag kind="lose">−{lost}</Tag>}
      </span>
    </li>
  );
}

interface FoldedProps<T> {
  className: string;
  items: readonly T[];
  show: (item: T) => ReactNode;
}

/** A list whose end is folded away. */
function Folded<T>({ className, items, show }: FoldedProps<T>): ReactNode {
  const t = useText();
  const [isOpen, setOpen] = useState(false);
  const shown = isOpen ? items : items.slice(0, LINES);
  return (
    <>
      <ul className={className}>{shown.map(show)}</ul>
      {items.length > LINES && (
        <TextButton className="rc-small" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? t("roles.impact.fewer") : t("roles.impact.all", { n: items.length })}
        </TextButton>
      )}
    </>
  );
}
