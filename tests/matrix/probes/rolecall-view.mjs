import { openView } from "rolecall/view";
import { CONTEXT, VIEW } from "./fixtures.mjs";

export default async function probe() {
  const view = openView(JSON.parse(VIEW), CONTEXT.time);
  return view.can("segments:view") && !view.can("segments:edit");
}
