import "@angular/compiler";
import { provideRoles, Roles } from "@rolecall/angular";

export default async function probe() {
  return typeof provideRoles === "function" && typeof Roles === "function";
}
