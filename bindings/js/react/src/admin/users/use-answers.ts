/** Answers of an engine in a worker, of the documents that the actor may see. */

import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { actionText } from "../actions.js";
import { useDocuments } from "../data.js";
import { keepOf } from "../keep.js";
import { useText } from "../messages/index.js";
import { useAdmin } from "../provider.js";
import { useNow } from "../ui/index.js";
import type { Questions } from "./logic/answers.js";
import { type Ask, type Asker, asker } from "./logic/asker.js";
import { type Catalogue, catalogueOf, type PolicyText } from "./logic/catalogue.js";

/** The source of answers about people. */
export interface Answers {
  ask: Ask;
  catalogue: Catalogue;
  /** The scopes at and below the one that is shown. */
  scopes: readonly string[];
  version: number;
  /** Differs between workers and documents. */
  id: number;
}

/** The answers, or why nothing can be answered. */
export interface AnswersState {
  answers: Answers | undefined;
  /** Nothing is loaded: the user may not see the documents, or there is no worker. */
  isMissing: boolean;
  error: unknown;
  /** Loads the documents again, in another worker. */
  retry: () => void;
}

let made = 0;

/** Makes a worker of `answers.worker.js`. The application makes it, because its bundler has to see the address. */
export type NewWorker = () => Worker;

/** Loads the documents and starts the worker, which ends with the component. */
export function useAnswers(make: NewWorker | undefined, allowed = true): AnswersState {
  const enabled = allowed && make !== undefined;
  const t = useText();
  const { data, error, refetch } = useDocuments(enabled);
  const [worker, set] = useState<Asker>();
  const [round, again] = useState(0);
  // A function that is written in place is another one with each rendering.
  const latest = useRef(make);
  latest.current = make;
  useEffect(() => {
    if (!enabled) return;
    const started = asker((latest.current as NewWorker)());
    set(started);
    return () => started.end();
  }, [enabled, round]);
  const answers = useMemo(() => {
    if (worker === undefined || data === undefined) return undefined;
    const { policy, directory, version } = data;
    worker.tell({ policy, directory });
    const catalogue = catalogueOf(policy as PolicyText, (action) => actionText(t, action));
    const scopes = (directory as { scopes?: string[] }).scopes ?? [];
    made += 1;
    return { ask: worker.ask, catalogue, scopes, version, id: made };
  }, [worker, data, t]);
  const retry = (): void => {
    again((count) => count + 1);
    void refetch();
  };
  return { answers, isMissing: !enabled, error, retry };
}

/**
 * Returns one answer; that of the question before while the next one is worked out. With a topic, that is one of the same
 * topic.
 */
export function useQuestion<K extends keyof Questions>(
  answers: Answers | undefined,
  kind: K,
  ask: Questions[K]["ask"],
  enabled = true,
  topic?: string,
): UseQueryResult<Questions[K]["answer"]> {
  const { at } = useAdmin();
  return useQuery({
    queryKey: ["rolecall-worker", at, topic, answers?.id, kind, ask],
    queryFn: () => (answers as Answers).ask(kind, ask),
    enabled: enabled && answers !== undefined,
    placeholderData: keepOf(topic ?? at),
    retry: false,
    gcTime: 60_000,
  });
}

/** Returns the time of a question: a stated one, or now to the minute. */
export function useTime(stated: string | undefined): string {
  const now = useNow();
  return stated ?? new Date(Math.floor(now.getTime() / 60_000) * 60_000).toISOString();
}
