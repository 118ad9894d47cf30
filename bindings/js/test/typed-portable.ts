// Read by the type checker, never run: what a user of `rolecall/portable` writes must be typed.
import { init, PortableSession, RequestError } from "rolecall/portable";
export async function use(bytes: Uint8Array): Promise<boolean> {
  await init();
  const session: PortableSession = PortableSession.fromBytes(bytes, { time: new Date() });
  // @ts-expect-error a permission is a text or a number
  if (!(session instanceof RequestError)) session.can({});
  return session.can("a:view") && session.menu("main").items.length > 0;
}
