// Type-checked, never run: code of a user of `rolecall/client`.
import { Engine, PortableSession } from "rolecall";
import { connect, openPass, ClientError, type Connection, type Live } from "rolecall/client";
import { openView, type View, type ViewSession } from "rolecall/view";

/** Tests of an application need no server. */
export const fake: Live<{ can(permission: string): boolean }> = {
  current: { can: () => true },
  connection: { connected: true, since: new Date() },
  onChange: () => () => undefined,
  close: () => undefined,
};

/** What pages ask for is the same of every session. */
interface Asks {
  can(permission: string): boolean;
  menu(id: string): { items: readonly { id: string }[] };
  readonly validUntil: number | null | undefined;
}

export function viewed(view: View, session: PortableSession): Asks[] {
  const opened: ViewSession = openView(view);
  return [opened, opened.at("main", new Date()), session];
}

export async function use(): Promise<boolean> {
  const live: Live<Engine> = await connect(Engine, "https://roles.example.com", { token: "t", maxAge: 1000 });
  const own: Live<PortableSession> = await connect(PortableSession, "https://roles.example.com", {
    pass: () => "p",
    at: "main",
  });
  const ended: () => void = live.onChange(({ connection }) => connection.connected);
  const now: Connection = own.connection;
  const session: PortableSession = await openPass(PortableSession, "p", {
    expected: { keys: { keys: [] }, issuer: "i" },
  });
  ended();
  // @ts-expect-error an engine needs a token
  void connect(Engine, "https://roles.example.com", {});
  return (
    now.connected &&
    session.can("a:view") &&
    own.current.can(1) &&
    live.current.policy.permissions.length > 0 &&
    ClientError !== undefined
  );
}
