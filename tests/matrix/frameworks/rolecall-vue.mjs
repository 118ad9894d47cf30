import { createRoles } from "@rolecall/vue";
import { CONTEXT, VIEW } from "./fixtures.mjs";

export default async function probe() {
  const roles = createRoles(JSON.parse(VIEW), { now: () => new Date(CONTEXT.time) });
  return roles.can("segments:view") && !roles.can("segments:edit");
}
