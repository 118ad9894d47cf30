/// <reference lib="webworker" />
/** Computes impacts in a worker, so that no frame waits for them. */

import { Engine, init } from "rolecall";
import { impactBase, impactOf } from "./impact.js";
import type { ImpactBase, MakeEngine } from "./impact-types.js";
import type { ImpactAnswer, ImpactRequest, ImpactState } from "./impact-messages.js";

const make = ((policy: object, directory: object) => Engine.from(policy, directory)) as unknown as MakeEngine;

let base: Promise<ImpactBase> | undefined;

async function stateOf(request: ImpactRequest & { kind: "state" }): Promise<ImpactBase> {
  await init();
  const { policy, directory } = JSON.parse(request.json) as ImpactState;
  return impactBase(make, policy, directory, new Date());
}

async function answer(request: ImpactRequest & { kind: "impact" }): Promise<ImpactAnswer> {
  const { id, commands } = request;
  try {
    const state = await base;
    if (state === undefined) throw new Error("there is no state yet");
    return { kind: "impact", id, impact: impactOf(state, commands, new Date()) };
  } catch (error) {
    return { kind: "impact", id, error: detailsOf(error) };
  }
}

/** Returns the words of an error, which a message can carry. */
function detailsOf(error: unknown): { code: string; message: string; help?: string } {
  const {
    issues = [],
    code,
    message,
    help,
  } = error as {
    issues?: readonly { code: string; message: string; help?: string }[];
    code?: string;
    message?: string;
    help?: string;
  };
  const [first] = issues;
  const found = { code: first?.code ?? code ?? "error", message: first?.message ?? message ?? String(error) };
  const hint = first?.help ?? help;
  return hint === undefined ? found : { ...found, help: hint };
}

// Other parts of the page may use the same worker, with messages of other kinds.
self.addEventListener("message", ({ data }: MessageEvent<ImpactRequest>) => {
  if (data.kind === "state") {
    base = stateOf(data);
    base.catch(() => undefined);
  } else if (data.kind === "impact") {
    void answer(data).then((message) => self.postMessage(message));
  }
});
