/** Answers of an engine in a worker, of the documents that the actor may see. */

import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { useAdmin } from "../provider.js";
import { useNow } from "../ui/index.js";
import type { Message, Questions, Reply } from "./logic/answers.js";
import { type Catalogue, catalogueOf, type PolicyText } from "./logic/catalogue.js";

/** Asks the worker. */
type Ask = <K extends keyof Questions>(kind: K, ask: Questions[K]["ask"]) => Promise<Questions[K]["answer"]>;

/** What answers questions about people. */
export interface Answers {
  ask: Ask;
  catalogue: Catalogue;
  /** The scopes at and below the one that is shown. */
  scopes: readonly string[];
  version: number;
}

/** The answers, or why nothing can be answered. */
export interface AnswersState {
  answers: Answers | undefined;
  error: unknown;
  retry: () => void;
}

let next = 0;

function asker(worker: Worker): Ask {
  return (kind, ask) => {
    next += 1;
    const id = next;
    return new Promise((resolve, reject) => {
      const answered = ({ data }: MessageEvent<Reply>): void => {
        if (data.id !== id) return;
        worker.removeEventListener("message", answered);
        if ("answer" in data) resolve(data.answer as never);
        else reject(data.error);
      };
      worker.addEventListener("message", answered);
      worker.postMessage({ kind, id, ask } as Message);
    });
  };
}

/** Makes a worker of `answers.worker.js`. The application makes it, because its bundler has to see the address. */
export type NewWorker = () => Worker;

/** Loads the documents and starts the worker, which ends with the component. */
export function useAnswers(make: NewWorker | undefined, allowed = true): AnswersState {
  const enabled = allowed && make !== undefined;
  const { client, at } = useAdmin();
  const { data, error, refetch } = useQuery({
    queryKey: ["rolecall", at, "documents"],
    queryFn: ({ signal }) => client.documents(at, { signal }),
    enabled,
  });
  const [worker, set] = useState<Worker>();
  useEffect(() => {
    if (!enabled) return;
    const made = (make as NewWorker)();
    set(made);
    return () => made.terminate();
  }, [enabled, make]);
  const answers = useMemo(() => {
    if (worker === undefined || data === undefined) return undefined;
    const { policy, directory, version } = data;
    worker.postMessage({ kind: "documents", policy, directory } satisfies Message);
    const scopes = (directory as { scopes?: string[] }).scopes ?? [];
    return { ask: asker(worker), catalogue: catalogueOf(policy as PolicyText), scopes, version };
  }, [worker, data]);
  return { answers, error, retry: () => void refetch() };
}

/** Returns one answer; that of the question before while the next one is worked out. */
export function useQuestion<K extends keyof Questions>(
  answers: Answers | undefined,
  kind: K,
  ask: Questions[K]["ask"],
  enabled = true,
): UseQueryResult<Questions[K]["answer"]> {
  return useQuery({
    queryKey: ["rolecall-worker", answers?.version, kind, ask],
    queryFn: () => (answers as Answers).ask(kind, ask),
    enabled: enabled && answers !== undefined,
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 60_000,
  });
}

/** Returns the time of a question: a stated one, or now to the minute. */
export function useTime(stated: string | undefined): string {
  const now = useNow();
  return stated ?? new Date(Math.floor(now.getTime() / 60_000) * 60_000).toISOString();
}
