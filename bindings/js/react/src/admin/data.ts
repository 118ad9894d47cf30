/** Lists, views and commands of administration as hooks. */

import {
  type QueryClient,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
  type UseQueryResult,
} from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type {
  Administration,
  Command,
  CommandOptions,
  CommandResult,
  Lists,
  Page,
  Versioned,
  Views,
} from "rolecall/client";
import { commandLine } from "./command-line.js";
import { useAway } from "./away.js";
import { type Failure, failureOf } from "./failure.js";
import { keepOf } from "./keep.js";
import { useText } from "./messages/index.js";
import { useAdmin } from "./provider.js";
import { sentence } from "./ui/state.js";
import { useToast } from "./ui/toast.js";
import { type Changed, isUntouched, undo } from "./undo.js";

/** The first part of the key of every query of administration. */
const ROOT = "rolecall";

/** Parameters of a list or view. The scope is that of the `AdminProvider` unless they name another one. */
type Here<P> = Omit<P, "at" | "after"> & { at?: string };

/** A list, as far as its pages are loaded. */
export interface List<Row> {
  rows: readonly Row[];
  /** The number of rows of all pages; undefined before the first is loaded. */
  total: number | undefined;
  /** The version of the state that answered, for `ifMatch`. */
  version: number | undefined;
  /** Nothing is loaded yet. */
  loading: boolean;
  /** Rows of other parameters are shown while those of the present ones are loaded. */
  stale: boolean;
  error: unknown;
  hasMore: boolean;
  /** Loads the next page. */
  more: () => void;
  loadingMore: boolean;
  /** The next page could not be loaded; `error` says why. */
  moreFailed?: boolean | undefined;
  /** Loads the list again. */
  reload: () => void;
}

export interface ListOptions {
  /** Loads nothing while it is `false`. */
  enabled?: boolean;
}

/** Returns rows that the server gives page by page. */
export function usePages<Row>(
  key: readonly unknown[],
  load: (client: Administration, after: string | undefined, signal: AbortSignal) => Promise<Page<Row> & Versioned>,
  { enabled = true }: ListOptions = {},
): List<Row> {
  const { client, at } = useAdmin();
  const query = useInfiniteQuery({
    queryKey: [ROOT, at, ...key],
    queryFn: ({ pageParam, signal }) => load(client, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
    placeholderData: keepOf(at),
    // Comparing every row of every page with each page that is loaded takes longer than showing it.
    structuralSharing: false,
    enabled,
  });
  const { data, error, isPending, isPlaceholderData, hasNextPage, fetchNextPage, isFetchingNextPage, refetch } = query;
  const rows = useMemo(() => data?.pages.flatMap((page) => page.rows) ?? [], [data]);
  const last = data?.pages.at(-1);
  return {
    rows,
    total: last?.total,
    version: last?.version,
    loading: isPending && enabled,
    stale: isPlaceholderData,
    error,
    hasMore: hasNextPage,
    more: useCallback(() => void fetchNextPage(), [fetchNextPage]),
    loadingMore: isFetchingNextPage,
    moreFailed: query.isFetchNextPageError,
    reload: useCallback(() => void refetch(), [refetch]),
  };
}

/** Returns a list of administration, page by page. */
export function useList<K extends keyof Lists>(
  kind: K,
  params: Here<Lists[K]["params"]>,
  options?: ListOptions,
): List<Lists[K]["row"]> {
  const { at } = useAdmin();
  const all = { at, ...params } as Lists[K]["params"];
  return usePages<Lists[K]["row"]>(
    ["list", kind, all],
    (client, after, signal) => client.list(kind, after === undefined ? all : { ...all, after }, { signal }),
    options,
  );
}

/** Returns a view of administration that is not a list, such as one user or the settings of a scope. */
export function useView<K extends keyof Views>(
  view: K,
  params: Here<Views[K]["params"]>,
  { enabled = true }: ListOptions = {},
): UseQueryResult<Views[K]["answer"] & { version: number }> {
  const { client, at } = useAdmin();
  const all = { at, ...params } as Views[K]["params"];
  return useQuery({
    queryKey: [ROOT, "view", view, all],
    queryFn: ({ signal }) => client.show(view, all, { signal }),
    enabled,
  });
}

/** Returns any other answer of administration, such as a matrix or the audit log. It is loaded again after changes. */
export function useAnswer<T>(
  key: readonly unknown[],
  ask: (client: Administration, signal: AbortSignal) => Promise<T>,
  { enabled = true }: ListOptions = {},
): UseQueryResult<T> {
  const { client, at } = useAdmin();
  return useQuery({
    queryKey: [ROOT, "answer", at, ...key],
    queryFn: ({ signal }) => ask(client, signal),
    placeholderData: keepOf(at),
    enabled,
  });
}

/** The documents behind the roles: the policy, and the directory as far as the user may see it. */
export function useDocuments(enabled = true): UseQueryResult<Awaited<ReturnType<Administration["documents"]>>> {
  const { at } = useAdmin();
  return useAnswer(["documents"], (client, signal) => client.documents(at, { signal }), { enabled });
}

/** Loads every list and view of administration again, such as when the server reports a change. */
export function reloadAll(queries: QueryClient): Promise<void> {
  return queries.invalidateQueries({ queryKey: [ROOT] });
}

/** Returns the function that loads every list and view of administration again. */
export function useReload(): () => Promise<void> {
  const queries = useQueryClient();
  return useCallback(() => reloadAll(queries), [queries]);
}

/** The options of a run: its report and its undo. */
export interface RunOptions extends Pick<CommandOptions, "ifMatch" | "id"> {
  /** The report after success. */
  done?: string | undefined;
  /** The commands that undo it; none if nothing does. By default those that bring back what the server changed. */
  undo?: readonly Command[] | undefined;
  /** Takes the answer. */
  answered?: ((effect: Effect) => void) | undefined;
}

/** One command, or several that are executed together or not at all. */
export type Commands = Command | readonly Command[];

/** Runs commands, and holds the refusal of the last. */
export interface CommandRunner {
  /** Runs commands. Returns whether they were executed; `failure` says why not. */
  run: (commands: Commands, options?: RunOptions) => Promise<boolean>;
  pending: boolean;
  /** The refusal or failure of the last run. */
  error: unknown;
  failure: Failure | undefined;
  /** Forgets the refusal. */
  reset: () => void;
}

/** The effect of commands. */
export type Effect =
  Awaited<ReturnType<Administration["command"]>> | Awaited<ReturnType<Administration["transaction"]>>;

/** Returns the changes of each command. A command that is repeated has its event as `before`. */
function changesOf(effect: Effect): (readonly Changed[])[] {
  const results: readonly CommandResult[] = "results" in effect ? effect.results : [effect];
  return results.map(({ event, before }) => (event ?? before)?.changes ?? []);
}

/** Returns an id for commands. Pages without encryption have no `randomUUID`. */
const newId = (): string => crypto.getRandomValues(new Uint32Array(4)).join("-");

const isList = (commands: Commands): commands is readonly Command[] => Array.isArray(commands);

/**
 * Returns what runs commands. What the server refuses is not shown as done: lists are loaded again after the answer, and
 * a refusal leaves what was typed.
 */
export function useCommand(): CommandRunner {
  const { client } = useAdmin();
  const toast = useToast();
  const reload = useReload();
  const t = useText();
  const [state, set] = useState<{ pending: boolean; error: unknown }>({ pending: false, error: undefined });
  const isAway = useAway() !== undefined;
  const isRunning = useRef(false);
  const attempt = useRef({ text: "", id: "" });
  const isShown = useRef(true);
  useEffect(() => {
    isShown.current = true;
    return () => {
      isShown.current = false;
    };
  }, []);

  const send = useCallback(
    (commands: Commands, options: CommandOptions): Promise<Effect> =>
      isList(commands) && commands.length !== 1
        ? client.transaction(commands, options)
        : client.command((isList(commands) ? commands[0] : commands) as Command, options),
    [client],
  );

  const run = useCallback(
    async (commands: Commands, { done, ifMatch, id, ...given }: RunOptions = {}): Promise<boolean> => {
      // A second press of the button while the first is under way is not a second command.
      if (isRunning.current) return false;
      if (isAway) {
        toast({ text: t("common.offline.wait") });
        return false;
      }
      isRunning.current = true;
      // An answer may be lost after the commands were executed. The server executes those with the same id once.
      const text = JSON.stringify(commands);
      if (text !== attempt.current.text) attempt.current = { text, id: newId() };
      const refused = (error: unknown): void => {
        const { message, unreachable } = failureOf(error);
        const why = unreachable ? t("common.error.unreachable") : sentence(message);
        toast({ text: t("common.refused", { why }) });
      };
      set({ pending: true, error: undefined });
      try {
        const effect = await send(commands, {
          ...(ifMatch !== undefined && { ifMatch }),
          id: id ?? attempt.current.id,
        });
        attempt.current = { text: "", id: "" };
        given.answered?.(effect);
        await reload();
        const changes = changesOf(effect);
        const backs =
          given.undo ?? (undo(isList(commands) ? commands : [commands], changes) as typeof given.undo) ?? [];
        const late = (): void => toast({ text: t("common.undo.late") });
        const back = async (): Promise<void> => {
          try {
            const trial = await send(backs, { dryRun: true });
            if (!isUntouched(changes.flat(), changesOf(trial).flat())) return late();
            await send(backs, { ifMatch: trial.version });
            await reload();
            toast({ text: t("common.undone"), command: commandLine(backs) });
          } catch (error) {
            if (failureOf(error).conflict) late();
            else refused(error);
          }
        };
        const action = backs.length === 0 ? undefined : { label: t("common.undo"), run: () => void back() };
        if (done !== undefined) toast({ text: done, action, command: commandLine(commands) });
        set({ pending: false, error: undefined });
        return true;
      } catch (error) {
        // The page may have been left since, and what would show the refusal with it.
        if (!isShown.current) refused(error);
        set({ pending: false, error });
        return false;
      } finally {
        isRunning.current = false;
      }
    },
    [send, reload, toast, t, isAway],
  );

  return {
    run,
    pending: state.pending,
    error: state.error,
    failure: state.error === undefined ? undefined : failureOf(state.error),
    reset: useCallback(() => set({ pending: false, error: undefined }), []),
  };
}
