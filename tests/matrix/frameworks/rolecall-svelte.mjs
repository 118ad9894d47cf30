import { getRoles, setRoles } from "@rolecall/svelte";

export default async function probe() {
  return typeof getRoles === "function" && typeof setRoles === "function";
}
