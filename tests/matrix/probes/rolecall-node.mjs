import { core, Engine } from "@rolecall/node";
import { CONTEXT, DIRECTORY, POLICY } from "./fixtures.mjs";

export default async function probe() {
  const session = Engine.from(POLICY, DIRECTORY).session("user:ada", CONTEXT);
  const isRight = session.can("segments:view") && !session.can("segments:edit");
  return isRight && core !== "native" ? core : isRight;
}
