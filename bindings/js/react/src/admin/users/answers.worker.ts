/// <reference lib="webworker" />
/** Answers questions about people with an engine in the browser. The server enforces; this explains. */

import { Engine, init } from "rolecall";
import type { Documents, Message, Questions, Reply } from "./logic/answers.js";

let engine: Promise<Engine> | undefined;

async function compile({ policy, directory }: Documents): Promise<Engine> {
  await init();
  return Engine.from(policy, directory);
}

type Answers = { [K in keyof Questions]: (engine: Engine, ask: Questions[K]["ask"]) => Questions[K]["answer"] };

const ANSWERS: Answers = {
  person: (compiled, { subject, at, time }) => {
    const session = compiled.session(subject, { at, time });
    const menus = compiled.policy.menus.map((name) => [name, session.menu(name).items] as const);
    return { effective: session.effective(), menus: Object.fromEntries(menus) };
  },
  why: (compiled, { subject, at, time, permission }) =>
    compiled.explain({ subject, permission, at, context: { time } }),
  violations: (compiled, { time }) => compiled.violations({ time }),
};

async function reply(message: Exclude<Message, Documents>): Promise<Reply> {
  const { id, kind, ask } = message;
  try {
    if (engine === undefined) throw new Error("there are no documents yet");
    const answer = ANSWERS[kind] as (engine: Engine, ask: unknown) => unknown;
    return { id, answer: answer(await engine, ask) };
  } catch (error) {
    const {
      code = "error",
      message: text = String(error),
      help,
    } = error as { code?: string; message?: string; help?: string };
    return { id, error: { code, message: text, ...(help === undefined ? {} : { help }) } };
  }
}

// Other parts may share the worker, so messages of other kinds are theirs.
self.addEventListener("message", ({ data }: MessageEvent<Message>) => {
  if (data.kind === "documents") {
    engine = compile(data);
    // The question that needs it reports the failure.
    engine.catch(() => undefined);
  } else if (data.kind in ANSWERS) void reply(data).then((answer) => self.postMessage(answer));
});
