/** The pages before the console: login, the end of a session, and no access. */

import { Button, Empty, ErrorNote, Note, Skeleton, useText } from "@rolecall/react/admin";
import { type ReactNode, useEffect, useState } from "react";
import { type LoginPage, type LoginProvider, LoginSession } from "rolecall/client";
import { Mark } from "./mark";
import { SERVER } from "./routes";
import { endOf, reasonOf } from "./end";
import { useLogout, whyNot } from "./logout";
import { loginHref, useLoaded } from "./session";

/** A page with one panel. */
export function Door({ children }: { children: ReactNode }): ReactNode {
  return (
    <main className="rc-door" id="main">
      <div className="rc-panel">
        <span className="rc-brand">
          <Mark />
          <span>Rolecall</span>
        </span>
        {children}
      </div>
    </main>
  );
}

/** Lists the ways to log in. Each leads back to the page that was asked for. */
export function Login({ at }: { at: string | undefined }): ReactNode {
  const t = useText();
  const tenant = at?.split("/")[0];
  const [page, retry] = useLoaded(() => providersOf(tenant), `login ${tenant}`);
  return (
    <Door>
      <h1>{t("common.login")}</h1>
      <p className="rc-muted">{t("common.login.help")}</p>
      <Failed />
      {page.state === "loading" && <Skeleton rows={2} columns={1} />}
      {page.state === "error" && <ErrorNote error={page.error} retry={retry} />}
      {page.state === "ready" && <Providers page={page.value} />}
    </Door>
  );
}

/** Returns the ways to log in at a tenant; those of every tenant if there is no such tenant. */
async function providersOf(tenant: string | undefined): Promise<LoginPage> {
  if (tenant !== undefined) {
    try {
      return await LoginSession.page(SERVER, { at: tenant });
    } catch {
      // The address names a tenant that does not exist, or that has no ways of its own.
    }
  }
  return LoginSession.page(SERVER);
}

function Providers({ page: { providers, notice } }: { page: LoginPage }): ReactNode {
  const t = useText();
  if (providers.length === 0) return <Note kind="warn">{t("common.login.none")}</Note>;
  const button = (provider: LoginProvider, index: number): ReactNode => (
    <a key={provider.id} className={index === 0 ? "rc-btn rc-btn--primary" : "rc-btn"} href={loginHref(provider)}>
      {t("common.login.with", { provider: provider.title })}
    </a>
  );
  const support = providers.filter((provider) => provider.support === true);
  return (
    <>
      {providers.filter((provider) => provider.support !== true).map(button)}
      {support.length > 0 && <h2>{t("common.login.support")}</h2>}
      {notice !== undefined && <Note>{notice}</Note>}
      {support.map((provider) => button(provider, 1))}
    </>
  );
}

/** The reason why the last login failed, which the server puts into the address. */
function Failed(): ReactNode {
  const t = useText();
  const code = new URLSearchParams(location.search).get("login_error");
  if (code === null) return null;
  const reason = reasonOf(code);
  // The address does not say after how many minutes.
  const isKnown = reason !== undefined && reason !== "idle";
  return (
    <Note kind="lose" alert lead={t("common.login.failed")}>
      {isKnown ? t(`common.reason.${reason}`) : t("common.login.failed.other", { code })}
    </Note>
  );
}

interface EndedProps {
  error: unknown;
  session: LoginSession;
  onLogin: () => void;
}

/** The reason why the session ended, with the way back to the same page. */
export function Ended({ error, session, onLogin }: EndedProps): ReactNode {
  const t = useText();
  const [{ reason, minutes }, know] = useState(() => endOf(error, session.state, new Date()));
  useEffect(() => {
    if (reason !== undefined) return;
    // The stream says only that the session has ended.
    const ask = session.fetch("/v1/session", { headers: { "rolecall-background": "1" } });
    const learn = async (): Promise<void> => {
      const { error } = (await (await ask).json()) as { error?: unknown };
      know(endOf(error, session.state, new Date()));
    };
    // Without an answer, the page gives no reason.
    learn().catch(() => undefined);
  }, [reason, session]);
  return (
    <Door>
      <h1>{t("common.ended")}</h1>
      <p className="rc-muted">
        {reason === undefined ? t("common.ended.other") : t(`common.reason.${reason}`, { minutes })}{" "}
        {t("common.ended.back")}
      </p>
      <Button kind="primary" onClick={onLogin}>
        {t("common.ended.login")}
      </Button>
    </Door>
  );
}

/** The page of a user who may not see anything here. It offers to log out. */
export function NoAccess({ title, text, session }: { title: string; text: string; session: LoginSession }): ReactNode {
  const t = useText();
  const { logout, error } = useLogout(session);
  return (
    <Empty level={1} icon="lock" title={title} actions={<Button onClick={logout}>{t("common.logout")}</Button>}>
      {text} {error !== undefined && t("common.logout.failed", { why: whyNot(error, t) })}
    </Empty>
  );
}
