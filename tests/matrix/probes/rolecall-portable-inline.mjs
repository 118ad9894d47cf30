import { init, PortableSession } from "rolecall/portable/inline";
import { CONTEXT, SESSION } from "./fixtures.mjs";

export default async function probe() {
  await init();
  const session = PortableSession.fromBytes(SESSION, { time: CONTEXT.time });
  return session.can("segments:view") && !session.can("segments:edit");
}
