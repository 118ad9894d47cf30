import { createRoles, DeniedError } from "@rolecall/next";

export default async function probe() {
  return typeof createRoles === "function" && DeniedError.prototype instanceof Error;
}
