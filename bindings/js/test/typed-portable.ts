// Type-checked, never run: code of a user of `rolecall/portable`.
import { init, PortableSession, RequestError } from "rolecall/portable";
export async function use(bytes: Uint8Array): Promise<boolean> {
  await init();
  const session: PortableSession = PortableSession.fromBytes(bytes, { time: new Date() });
  // @ts-expect-error a permission is a text or a number
  if (!(session instanceof RequestError)) session.can({});
  return session.can("a:view") && session.menu("main").items.length > 0;
}
