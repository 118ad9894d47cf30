import { Engine, init } from "rolecall/snapshot";
import { CONTEXT, SNAPSHOT } from "./fixtures.mjs";

export default async function probe() {
  await init();
  const session = Engine.fromSnapshot(SNAPSHOT).session("user:ada", CONTEXT);
  return session.can("segments:view") && !session.can("segments:edit");
}
