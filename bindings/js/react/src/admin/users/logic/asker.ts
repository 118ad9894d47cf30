/** Questions to a worker, and its answers. */

import type { Documents, Message, Questions, Reply } from "./answers.js";

/** Sends questions to the worker, and returns its answers. */
export type Ask = <K extends keyof Questions>(kind: K, ask: Questions[K]["ask"]) => Promise<Questions[K]["answer"]>;

/** A worker with the questions that wait for it. */
export interface Asker {
  ask: Ask;
  /** Gives the worker the documents for the questions that follow. */
  tell: (documents: Omit<Documents, "kind">) => void;
  /** Ends the worker. Questions without an answer fail. */
  end: () => void;
}

interface Waiting {
  resolve: (answer: never) => void;
  reject: (error: unknown) => void;
}

const FAILED = { code: "worker.failed", message: "the worker that finds the answers has failed" };
const ENDED = { code: "worker.ended", message: "the worker that finds the answers has ended" };

let next = 0;

/** Returns what asks a worker. Every question settles: by its answer, or once the worker fails or ends. */
export function asker(worker: Worker): Asker {
  const waiting = new Map<number, Waiting>();
  let failure: unknown;
  const fail = (error: unknown): void => {
    failure ??= error;
    for (const { reject } of waiting.values()) reject(failure);
    waiting.clear();
  };
  worker.addEventListener("message", ({ data }: MessageEvent<Reply>) => {
    const found = waiting.get(data.id);
    if (found === undefined) return;
    waiting.delete(data.id);
    if ("answer" in data) found.resolve(data.answer as never);
    else found.reject(data.error);
  });
  worker.addEventListener("error", () => fail(FAILED));
  worker.addEventListener("messageerror", () => fail(FAILED));
  return {
    ask: (kind, ask) => {
      if (failure !== undefined) return Promise.reject(failure);
      next += 1;
      const id = next;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        worker.postMessage({ kind, id, ask } as Message);
      });
    },
    tell: ({ policy, directory }) => worker.postMessage({ kind: "documents", policy, directory } satisfies Message),
    end: () => {
      worker.terminate();
      fail(ENDED);
    },
  };
}
