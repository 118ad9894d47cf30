/** The console: login, scope, frame, and the page of a tab. */

import { RolecallProvider, useRoles } from "@rolecall/react";
import {
  type Abilities,
  AdminProvider,
  createQueries,
  ErrorNote,
  type Language,
  LanguageProvider,
  NavigationProvider,
  Skeleton,
  useAdmin,
  useText,
} from "@rolecall/react/admin";
import { type ReactNode, Suspense, useEffect, useMemo, useState } from "react";
import { Redirect, Router } from "wouter";
import { pageOf, readRoute, writeRoute } from "./address";
import { Boundary } from "./boundary";
import { useChanges } from "./changes";
import { Door, Ended, Login, NoAccess } from "./door";
import { hasEnded } from "./end";
import { Frame, HiddenTab } from "./frame";
import { aroundNavigation, Leave } from "./leave";
import { usePreferredLanguage } from "./preferences";
import { BASE, PageProvider, useBegin, usePath, useRouter } from "./routes";
import {
  abilitiesOf,
  type Entrance,
  enter,
  newer,
  open,
  type Opened,
  placesOf,
  type Rights,
  shut,
  useLoaded,
} from "./session";
import { TABS, useTabs } from "./tabs";

export function App(): ReactNode {
  const [language, choose] = usePreferredLanguage();
  if (language === undefined) return null;
  return (
    <LanguageProvider value={language}>
      <Router base={BASE} aroundNav={aroundNavigation}>
        <Entering language={language} onLanguage={choose} />
        <Leave />
      </Router>
    </LanguageProvider>
  );
}

interface Preferred {
  language: Language;
  onLanguage: (id: string) => void;
}

/** Finds the session of the browser. */
function Entering(preferred: Preferred): ReactNode {
  const [entrance, retry] = useLoaded(enter, "session");
  const path = usePath();
  // The script of the page comes with the session, and not after it.
  useEffect(() => (TABS.find(({ id }) => id === readRoute(path).tab) ?? TABS[0])?.page.prepare(), []);
  if (entrance.state === "loading") return null;
  if (entrance.state === "error") {
    return (
      <Door>
        <ErrorNote error={entrance.error} retry={retry} />
      </Door>
    );
  }
  if (entrance.value === undefined) return <Login at={readRoute(path).scope} />;
  return <Scoped key={entrance.value.count} {...preferred} entrance={entrance.value} onEnd={retry} />;
}

interface ScopedProps extends Preferred {
  entrance: Entrance;
  onEnd: () => void;
}

/** Opens the scope of the address, or the first of the user. */
function Scoped({ entrance, onEnd, ...preferred }: ScopedProps): ReactNode {
  const { session } = entrance;
  const [scopes, setScopes] = useState(entrance.scopes);
  const path = usePath();
  const { scope } = readRoute(path);
  const t = useText();
  const first = scopes.find(({ id }) => id === session.state.at) ?? scopes[0];
  useEffect(() => session.followActivity(), [session]);
  if (first === undefined) {
    const name = session.state.subject;
    return (
      <Door>
        <NoAccess session={session} title={t("common.scope.none")} text={t("common.scope.none.help", { name })} />
      </Door>
    );
  }
  if (scope === undefined) return <Redirect to={writeRoute(first.id, {})} replace />;
  if (!scopes.some(({ id }) => id === scope)) return <Foreign scope={scope} first={first.id} />;
  const reload = async (): Promise<void> => {
    // Without an answer, the scopes of before stay.
    const places = await placesOf().catch(() => undefined);
    if (places !== undefined) setScopes((before) => newer(before, places.scopes));
  };
  const props = { ...preferred, entrance: { ...entrance, scopes }, onEnd, onChange: () => void reload() };
  return <Opening key={scope} {...props} at={scope} />;
}

/** A scope of the address that is not one of the user's. Nothing says whether it exists. */
function Foreign({ scope, first }: { scope: string; first: string }): ReactNode {
  const t = useText();
  return (
    <Door>
      <h1>{t("common.scope.unknown", { scope })}</h1>
      <p className="rc-muted">{t("common.scope.unknown.help")}</p>
      <a className="rc-btn rc-btn--primary" href={BASE + writeRoute(first, {})}>
        {first}
      </a>
    </Door>
  );
}

interface OpeningProps extends ScopedProps {
  at: string;
  /** The state has changed. */
  onChange: () => void;
}

/** Connects at a scope. */
function Opening({ entrance, at, onChange, ...preferred }: OpeningProps): ReactNode {
  const { session, product, scopes } = entrance;
  const [opened, retry] = useLoaded(() => open(session, at), at, shut);
  const navigation = useRouter(at);
  const [queries] = useState(createQueries);
  const [known, setKnown] = useState<Abilities>();
  const live = opened.state === "ready" ? opened.value.live : undefined;
  useEffect(() => () => live?.close(), [live]);
  const props = useMemo(
    () => ({ product, scopes, at, subject: session.state.subject, queries }),
    [product, scopes, at, session, queries],
  );
  if (opened.state === "error") {
    if (hasEnded(opened.error)) return <Ended error={opened.error} session={session} onLogin={preferred.onEnd} />;
    return (
      <Door>
        <ErrorNote error={opened.error} retry={retry} />
      </Door>
    );
  }
  if (opened.state === "loading") return <Opening.Shape />;
  const { client, abilities } = opened.value;
  const changes = {
    onRights: (rights: Rights) => setKnown((before) => newer(before ?? abilities, abilitiesOf(rights))),
    onChange,
  };
  return (
    <RolecallProvider source={opened.value.live}>
      <NavigationProvider value={navigation}>
        <AdminProvider {...props} client={client} abilities={known ?? abilities} language={preferred.language}>
          <Inside {...preferred} {...changes} entrance={entrance} opened={opened.value} />
        </AdminProvider>
      </NavigationProvider>
    </RolecallProvider>
  );
}

/** The shape of a page while it is loading. */
function Waiting({ title }: { title: string }): ReactNode {
  return (
    <>
      <h1 className="rc-sr">{title}</h1>
      <Skeleton rows={8} columns={4} />
    </>
  );
}

/** The shape of the frame while it is loading. */
Opening.Shape = function Shape(): ReactNode {
  const t = useText();
  return (
    <>
      <header className="rc-top">
        <div className="rc-top__bar" />
        <div className="rc-tabs" />
      </header>
      <main className="rc-main" id="main">
        <Waiting title={t("common.title")} />
      </main>
    </>
  );
};

interface InsideProps extends Preferred {
  entrance: Entrance;
  opened: Opened;
  onEnd: () => void;
  onRights: (rights: Rights) => void;
  onChange: () => void;
}

/** The frame with the page of the tab. */
function Inside({ entrance, opened, language, onLanguage, onEnd, onRights, onChange }: InsideProps): ReactNode {
  const { at } = useAdmin();
  const tabs = useTabs();
  const { error } = useRoles();
  const path = usePath();
  const route = readRoute(path);
  const { tab, rest } = route;
  useBegin(tab === undefined ? undefined : pageOf(route));
  const t = useText();
  const ended = useChanges(onRights, onChange) ?? (hasEnded(error) ? error : undefined);
  const found = tabs.visible.find(({ id }) => id === tab);
  const title = found === undefined ? t("common.title") : t(found.title);
  useEffect(() => {
    document.title = `${title} · ${entrance.product}`;
  }, [title, entrance.product]);
  const page = useMemo(() => ({ scope: at, tab: tab ?? "", rest }), [at, path]);
  // Input stays while the server is away. Only the end of the session removes it.
  if (ended !== undefined) return <Ended error={ended} session={entrance.session} onLogin={onEnd} />;
  const first = tabs.visible[0];
  if (tab === undefined && first !== undefined) return <Redirect to={writeRoute(at, { tab: first.id })} replace />;
  const props = {
    session: entrance.session,
    name: opened.name,
    tabs,
    current: found?.id,
    language: language.locale,
    onLanguage,
  };
  return (
    <Frame {...props}>
      {first === undefined ? (
        <NoAccess
          session={entrance.session}
          title={t("common.access.none")}
          text={t("common.access.none.help", { name: opened.name, scope: at })}
        />
      ) : found === undefined ? (
        <HiddenTab tabs={tabs} current={tab ?? ""} />
      ) : (
        <Boundary key={found.id} at={path} lead={t("common.error.part")} onRetry={found.page.again}>
          <Suspense fallback={<Waiting title={title} />}>
            <PageProvider value={page}>
              <found.page />
            </PageProvider>
          </Suspense>
        </Boundary>
      )}
    </Frame>
  );
}
