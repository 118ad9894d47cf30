import { createStore } from "rolecall/store";
import { CONTEXT, VIEW } from "./fixtures.mjs";

export default async function probe() {
  const answers = createStore(JSON.parse(VIEW), { now: () => new Date(CONTEXT.time) }).get();
  return answers.can("segments:view") && !answers.can("segments:edit");
}
