/** The top bar and the tabs. */

import {
  ButtonLink,
  Empty,
  Icon,
  Link,
  Avatar,
  Menu,
  type MenuGroup,
  unsavedChanges,
  useAdmin,
  useAsOf,
  useNavigation,
  useText,
  useToast,
} from "@rolecall/react/admin";
import { useRoles } from "@rolecall/react";
import { type MouseEvent, type ReactNode, useEffect, useRef, useState } from "react";
import type { LoginSession } from "rolecall/client";
import { Find } from "./find";
import { leaving } from "./leave";
import { useLogout, whyNot } from "./logout";
import { Mark } from "./mark";
import { LANGUAGES, type Theme, useTheme } from "./preferences";
import { writeRoute } from "./address";
import { TABS, type Tabs } from "./tabs";

export function Brand({ to }: { to: string }): ReactNode {
  return (
    <Link className="rc-brand" to={to} aria-label="Rolecall">
      <Mark />
      <span>Rolecall</span>
    </Link>
  );
}

export interface FrameProps {
  session: LoginSession;
  name: string;
  tabs: Tabs;
  /** The tab of the address. */
  current: string | undefined;
  language: string;
  onLanguage: (id: string) => void;
  children: ReactNode;
}

/** Moves the focus to the content. The base of the page would make another address of `#main`. */
function skip(event: MouseEvent): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

/** The frame of every page: scope, state of the connection, account, and tabs. */
export function Frame({ session, name, tabs, current, language, onLanguage, children }: FrameProps): ReactNode {
  const { at } = useAdmin();
  const t = useText();
  return (
    <>
      <a className="rc-skip" href="#main" onClick={skip}>
        {t("common.skip")}
      </a>
      <header className="rc-top">
        <div className="rc-top__bar">
          <Brand to={writeRoute(at, {})} />
          <span className="rc-top__sep" />
          <Scopes current={current} />
          {tabs.visible.length > 0 && <Find tabs={tabs} />}
          <div className="rc-top__end">
            <Live />
            <Themes />
            <Account session={session} name={name} language={language} onLanguage={onLanguage} />
          </div>
        </div>
        <TabBar tabs={tabs} current={current} />
        <Away />
      </header>
      <main className="rc-main" id="main" tabIndex={-1}>
        {children}
      </main>
    </>
  );
}

/** Chooses among the scopes of the user. The tab stays the same. */
function Scopes({ current }: { current: string | undefined }): ReactNode {
  const { at, scopes, product } = useAdmin();
  const { navigate } = useNavigation();
  const t = useText();
  const title = scopes.find(({ id }) => id === at)?.title ?? at;
  const depth = Math.min(...scopes.map(({ id }) => id.split("/").length));
  const entries = scopes.map((scope) => ({
    id: scope.id,
    label: (
      <span style={{ paddingInlineStart: `${scope.id.split("/").length - depth}rem` }}>
        {scope.title} <small>{scope.kind}</small>
      </span>
    ),
    checked: scope.id === at,
    onSelect: () => navigate(writeRoute(scope.id, { ...(current !== undefined && { tab: current }) })),
  }));
  const label = (
    <>
      <span className="rc-sr">{t("common.scope")} </span>
      <b>{title}</b>
      <span className="rc-muted rc-tenant__product">{product}</span>
      {scopes.length > 1 && <Icon name="down" small />}
    </>
  );
  if (scopes.length < 2) return <span className="rc-tenant">{label}</span>;
  return (
    <Menu
      kind="quiet"
      className="rc-tenant"
      label={t("common.scope.choose")}
      button={label}
      groups={[{ id: "scopes", label: t("common.scope.choose"), entries }]}
    />
  );
}

function Live(): ReactNode {
  const isAway = useAsOf() !== undefined;
  const isLate = useLate();
  const t = useText();
  const state = isAway ? "offline" : isLate ? "late" : "live";
  return (
    <span
      className="rc-live"
      data-state={state === "live" ? "on" : "off"}
      title={state === "late" ? t("common.late.help") : undefined}
    >
      {t(`common.${state}`)}
    </span>
  );
}

/** How long the stream of changes may be away before the page says so. It begins a moment after the page. */
const GRACE = 3_000;

/** Whether the server answers, but sends no changes. */
function useLate(): boolean {
  const { connected } = useRoles();
  const [isLate, set] = useState(false);
  useEffect(() => {
    if (connected) return;
    const timer = setTimeout(() => set(true), GRACE);
    return () => {
      clearTimeout(timer);
      set(false);
    };
  }, [connected]);
  return isLate;
}

/** The note that the server cannot be reached, with the time of the state. */
function Away(): ReactNode {
  const time = useAsOf();
  const t = useText();
  return (
    <div role="status">
      {time !== undefined && (
        <p className="rc-away">
          <Icon name="warn" />
          <span>
            <b>{t("common.error.unreachable")}</b> {t("common.offline.help", { time })}
          </span>
        </p>
      )}
    </div>
  );
}

const THEMES: readonly Theme[] = ["system", "light", "dark"];

function Themes(): ReactNode {
  const [theme, choose] = useTheme();
  const t = useText();
  const entries = THEMES.map((id) => ({
    id,
    label: t(`common.theme.${id}`),
    checked: id === theme,
    onSelect: () => choose(id),
  }));
  const label = t("common.theme");
  return <Menu kind="quiet" iconOnly icon="theme" label={label} button={label} groups={[{ id: "theme", entries }]} />;
}

interface AccountProps {
  session: LoginSession;
  name: string;
  language: string;
  onLanguage: (id: string) => void;
}

function Account({ session, name, language, onLanguage }: AccountProps): ReactNode {
  const t = useText();
  const toast = useToast();
  const { logout, error } = useLogout(session);
  useEffect(() => {
    if (error === undefined) return;
    toast({ text: t("common.logout.failed", { why: whyNot(error, t) }) });
  }, [error]);
  // The document is left, and the drafts of roles with it.
  const leave = (): void =>
    leaving(
      logout,
      unsavedChanges(() => true),
    );
  const groups: MenuGroup[] = [
    {
      id: "language",
      label: t("common.language"),
      entries: LANGUAGES.map((known) => ({
        id: known.id,
        label: known.name,
        checked: known.id === language,
        onSelect: () => onLanguage(known.id),
      })),
    },
    {
      id: "session",
      label: session.state.subject,
      entries: [{ id: "logout", label: t("common.logout"), icon: "out", onSelect: leave }],
    },
  ];
  const button = (
    <>
      <span className="rc-sr">{t("common.account")} </span>
      <Avatar name={name} />
      <span className="rc-me__name">{name}</span>
    </>
  );
  return <Menu kind="quiet" className="rc-tenant" label={t("common.account")} button={button} groups={groups} />;
}

function TabBar({ tabs: { visible }, current }: { tabs: Tabs; current: string | undefined }): ReactNode {
  const { place } = useNavigation();
  const t = useText();
  const list = useRef<HTMLUListElement>(null);
  // A narrow window shows the current tab.
  useEffect(() => {
    list.current?.querySelector("[aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
  }, [current]);
  if (visible.length === 0) return null;
  // With a single tab, the entry has its name.
  const [only] = visible;
  const title = t(visible.length === 1 && only !== undefined ? only.title : "common.title");
  return (
    <nav className="rc-tabs" aria-label={title}>
      <span className="rc-tabs__title">{title}</span>
      {visible.length > 1 && (
        <ul ref={list}>
          {visible.map((tab) => (
            <li key={tab.id}>
              <Link to={place({ tab: tab.id })} aria-current={tab.id === current ? "page" : undefined}>
                {t(tab.title)}
              </Link>
            </li>
          ))}
        </ul>
      )}
    </nav>
  );
}

/** The address of a tab that the user may not see, or that the product does not have. */
export function HiddenTab({ tabs, current }: { tabs: Tabs; current: string }): ReactNode {
  const { at, abilities, product, scopes } = useAdmin();
  const { place } = useNavigation();
  const t = useText();
  const meant = TABS.find(({ id }) => id === current);
  const known = tabs.known.find(({ id }) => id === current);
  const first = tabs.visible[0];
  const actions = first && (
    <ButtonLink kind="primary" to={place({ tab: first.id })}>
      {t("common.tab.go", { tab: t(first.title) })}
    </ButtonLink>
  );
  const scope = scopes.find(({ id }) => id === at)?.title ?? at;
  if (meant === undefined) {
    return (
      <Empty level={1} icon="search" title={t("common.page.missing")} actions={actions}>
        {t("common.page.missing.help")}
      </Empty>
    );
  }
  if (known === undefined) {
    return (
      <Empty
        level={1}
        icon="search"
        title={t("common.tab.missing", { product, tab: t(meant.title) })}
        actions={actions}
      >
        {t("common.tab.missing.help")}
      </Empty>
    );
  }
  const needed = known.needs.flatMap((name) => abilities[name] ?? []);
  const permission = [...new Set(needed)].join(` ${t("common.or")} `);
  return (
    <Empty level={1} icon="lock" title={t("common.tab.hidden", { tab: t(known.title) })} actions={actions}>
      {t("common.tab.hidden.help", { permission, scope })}
    </Empty>
  );
}
