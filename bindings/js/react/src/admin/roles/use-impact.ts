/** The effect of a draft, from the worker, and what the server says to it. */

import { useEffect, useMemo, useRef, useState } from "react";
import type { Administration } from "rolecall/client";
import { useAway } from "../away.js";
import { useAdmin } from "../provider.js";
import type { RoleWorld } from "./data.js";
import type { Command } from "./draft.js";
import type { Impact } from "./impact-types.js";
import type { ImpactAnswer, ImpactRequest } from "./impact-messages.js";

/** The effect of a draft. */
export interface ImpactState {
  /** The last effect. It stays while the next one is computed. */
  impact: Impact | undefined;
  /** Whether it is that of an earlier draft. */
  isStale: boolean;
  error: unknown;
}

const NONE: ImpactState = { impact: undefined, isStale: false, error: undefined };

/** Starts the worker of impacts: the file `@rolecall/react/admin/impact.worker.js`, as the bundler of the page has it. */
export type MakeWorker = () => Worker;

/** Computes effects on the people of a state. */
export type ImpactSource = (commands: readonly Command[]) => Promise<Impact>;

/** Returns what computes effects, in a worker that ends with the component. */
export function useImpactSource(world: RoleWorld | undefined, make: MakeWorker): ImpactSource | undefined {
  const [worker, set] = useState<Worker>();
  const first = useRef(make);
  useEffect(() => {
    const made = first.current();
    set(made);
    return () => {
      ended.get(made)?.forEach((end) => end());
      made.terminate();
    };
  }, []);
  return useMemo(() => {
    if (worker === undefined || world === undefined) return undefined;
    const { policy, directory } = world;
    worker.postMessage({ kind: "state", json: JSON.stringify({ policy, directory }) } satisfies ImpactRequest);
    return (commands) => asked(worker, commands);
  }, [worker, world]);
}

let next = 0;

/** The functions that end the open requests to a worker. */
const ended = new WeakMap<Worker, Set<() => void>>();

/** Sends commands to a worker, and returns its answer. */
function asked(worker: Worker, commands: readonly Command[]): Promise<Impact> {
  next += 1;
  const id = next;
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      worker.removeEventListener("message", answered);
      worker.removeEventListener("error", fail);
      worker.removeEventListener("messageerror", fail);
      ended.get(worker)?.delete(fail);
    };
    const answered = ({ data }: MessageEvent<ImpactAnswer>): void => {
      if (data.kind !== "impact" || data.id !== id) return;
      settle();
      if ("impact" in data) resolve(data.impact);
      else reject(data.error);
    };
    const fail = (event?: Event): void => {
      settle();
      const message = event instanceof ErrorEvent && event.message !== "" ? event.message : "the worker ended";
      reject({ code: "worker", message });
    };
    ended.set(worker, (ended.get(worker) ?? new Set()).add(fail));
    worker.addEventListener("message", answered);
    worker.addEventListener("error", fail);
    worker.addEventListener("messageerror", fail);
    worker.postMessage({ kind: "impact", id, commands } satisfies ImpactRequest);
  });
}

/** Returns the effect of commands. */
export function useImpact(source: ImpactSource | undefined, commands: readonly Command[]): ImpactState {
  const [state, set] = useState(NONE);
  const key = JSON.stringify(commands);
  useEffect(() => {
    if (source === undefined || commands.length === 0) {
      set(NONE);
      return;
    }
    let isCurrent = true;
    set((now) => ({ ...now, isStale: true }));
    source(commands).then(
      (impact) => isCurrent && set({ impact, isStale: false, error: undefined }),
      (error: unknown) => isCurrent && set({ impact: undefined, isStale: false, error }),
    );
    return () => {
      isCurrent = false;
    };
  }, [source, key]);
  return state;
}

/** How long a draft rests before the server is asked about it. */
const REST = 350;

/** The answer of the server to a draft. */
export interface Verdict {
  /** The reason for a refusal. */
  error: unknown;
  isChecked: boolean;
}

const UNCHECKED: Verdict = { error: undefined, isChecked: false };

/** Requests a dry run of the server once a draft rests, and again when the server is back. */
export function useVerdict(commands: readonly Command[], enabled: boolean): Verdict {
  const { client } = useAdmin();
  const isAway = useAway() !== undefined;
  const [verdict, set] = useState(UNCHECKED);
  const key = useMemo(() => JSON.stringify(commands), [commands]);
  useEffect(() => {
    set(UNCHECKED);
    if (!enabled || isAway || commands.length === 0) return;
    const control = new AbortController();
    const timer = setTimeout(() => {
      void dryRun(client, commands, control.signal).then(
        (error) => control.signal.aborted || set({ error, isChecked: true }),
        (error: unknown) => control.signal.aborted || set({ error, isChecked: true }),
      );
    }, REST);
    return () => {
      clearTimeout(timer);
      control.abort();
    };
  }, [client, key, enabled, isAway]);
  return verdict;
}

/** Returns why the server would refuse commands, if it would. */
async function dryRun(client: Administration, commands: readonly Command[], signal: AbortSignal): Promise<unknown> {
  const [first, ...more] = commands;
  const options = { dryRun: true, background: true, signal };
  if (first !== undefined && more.length === 0) {
    await client.command(first as never, options);
    return undefined;
  }
  const { results } = await client.transaction(commands as never, options);
  return results.find((result) => result.error !== undefined)?.error;
}
