import { Engine, init } from "rolecall";
import { CONTEXT, DIRECTORY, POLICY } from "./fixtures.mjs";

export default async function probe() {
  await init();
  const session = Engine.from(POLICY, DIRECTORY).session("user:ada", CONTEXT);
  return session.can("segments:view") && !session.can("segments:edit");
}
