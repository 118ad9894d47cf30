import { createRoles } from "@rolecall/fastify";
import { Engine } from "rolecall/inline";
import { DIRECTORY, POLICY } from "./fixtures.mjs";

export default async function probe() {
  const engine = Engine.from(POLICY, DIRECTORY);
  const roles = createRoles(engine, { subject: () => "user:ada", at: () => "acme" });
  return typeof roles.needs("segments:view") === "function";
}
