/** Imports people from a table, with a preview of each row. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useDelayed } from "../delayed.js";
import { reloadAll } from "../data.js";
import { useText, type MessageKey } from "../messages/index.js";
import { useAdmin, useScopeTitle } from "../provider.js";
import {
  Button,
  Check,
  CopyCommand,
  Dialog,
  ErrorNote,
  Field,
  Note,
  Refused,
  TableWrap,
  TextArea,
  useToast,
} from "../ui/index.js";
import { shellWord } from "../shell-word.js";
import { useUnsavedDialog } from "../unsaved.js";
import { type ImportRow, ordered, outcome, OUTCOMES, unreadable } from "./logic/import.js";

/** The answer of the server to a table. */
interface Answer {
  rows: readonly ImportRow[];
  added: number;
  changed: number;
  unchanged: number;
  refused: number;
}

interface Draft {
  csv: string;
  active: boolean;
  goodRows: boolean;
}

/** A dialog that imports a table of people. */
export function ImportDialog({ onClose }: { onClose: () => void }): ReactNode {
  const t = useText();
  const { client, at } = useAdmin();
  const scope = useScopeTitle()(at);
  const toast = useToast();
  const queries = useQueryClient();
  const [draft, set] = useState<Draft>({ csv: "", active: false, goodRows: false });
  const close = useUnsavedDialog(draft.csv === "" ? 0 : 1, onClose);
  const [pending, work] = useState(false);
  const [error, fail] = useState<unknown>();
  const change = (part: Partial<Draft>): void => {
    fail(undefined);
    set((before) => ({ ...before, ...part }));
  };
  const problem = draft.csv === "" ? undefined : unreadable(draft.csv);
  const preview = usePreview(draft, problem === undefined && draft.csv !== "");
  const answer = preview.data;
  const n = answer === undefined ? 0 : answer.added + answer.changed;
  const isReady = preview.isCurrent && answer !== undefined && n > 0 && (answer.refused === 0 || draft.goodRows);
  const apply = async (): Promise<void> => {
    work(true);
    try {
      const { added, changed } = (await client.import({ ...draft, at })) as unknown as Answer;
      await reloadAll(queries);
      toast({ text: t("users.import.done", { added, changed }), command: line(at, draft) });
      close();
    } catch (cause) {
      fail(cause);
      work(false);
    }
  };
  return (
    <Dialog
      busy={pending}
      wide
      title={t("users.import.title", { scope })}
      onClose={close}
      footer={
        <>
          <Button disabled={pending} onClick={close}>
            {t("common.cancel")}
          </Button>
          <Button kind="primary" pending={pending} disabled={!isReady} onClick={() => void apply()}>
            {t("users.import.do", { n })}
          </Button>
        </>
      }
    >
      <p className="rc-small rc-muted">{t("users.import.help")}</p>
      <Source draft={draft} onChange={change} error={problem} />
      <Check checked={draft.active} onChange={(active) => change({ active })}>
        {t("users.import.active")}
      </Check>
      {preview.error !== null && <ErrorNote error={preview.error} lead={t("users.import.not")} />}
      {error !== undefined && <Refused error={error} lead={t("users.import.not")} />}
      {answer !== undefined && <Preview answer={answer} />}
      {answer !== undefined && answer.refused > 0 && (
        <Check checked={draft.goodRows} onChange={(goodRows) => change({ goodRows })}>
          {t("users.import.good")}
        </Check>
      )}
      <CopyCommand line command={line(at, draft)} />
    </Dialog>
  );
}

function line(at: string, { active, goodRows }: Draft): string {
  return ["rolecall admin import people.csv --at", shellWord(at), active && "--active", goodRows && "--good-rows"]
    .filter(Boolean)
    .join(" ");
}

function usePreview(draft: Draft, isReadable: boolean) {
  const { client, at } = useAdmin();
  const asked = useDelayed(draft, 300);
  // The table and the choice below it are previewed a moment after they change.
  const isCurrent = isReadable && asked.csv === draft.csv && asked.active === draft.active;
  const { data, error, isFetching } = useQuery({
    queryKey: ["rolecall-import", at, asked.csv, asked.active],
    // Refused rows are shown, whether or not they are left out.
    queryFn: async ({ signal }) =>
      (await client.import(
        { csv: asked.csv, active: asked.active, goodRows: true, at },
        { dryRun: true, signal },
      )) as unknown as Answer,
    enabled: isCurrent,
    retry: false,
    staleTime: 0,
    gcTime: 0,
  });
  return { data, error, isCurrent: isCurrent && !isFetching };
}

interface SourceProps {
  draft: Draft;
  onChange: (part: Partial<Draft>) => void;
  error: "empty" | "columns" | "rows" | undefined;
}

/** A file or pasted text. */
function Source({ draft, onChange, error }: SourceProps): ReactNode {
  const t = useText();
  return (
    <>
      <Field label={t("users.import.file")}>
        {(control) => (
          <input
            {...control}
            type="file"
            accept=".csv,text/csv,text/plain"
            className="rc-file"
            onChange={({ target }) => void target.files?.[0]?.text().then((csv) => onChange({ csv }))}
          />
        )}
      </Field>
      <Field label={t("users.import.text")} error={error && t(`users.import.${error}`)}>
        {(control) => (
          <TextArea
            {...control}
            rows={4}
            className="rc-code"
            spellCheck={false}
            placeholder={"email,name,roles,scope,until"}
            value={draft.csv}
            onChange={({ target }) => onChange({ csv: target.value })}
          />
        )}
      </Field>
    </>
  );
}

const ROWS_SHOWN = 200;

function Preview({ answer }: { answer: Answer }): ReactNode {
  const t = useText();
  const counts = OUTCOMES.flatMap((kind) =>
    answer[kind] > 0
      ? [t(kind === "refused" ? "users.import.refused.n" : `users.import.${kind}`, { n: answer[kind] })]
      : [],
  );
  return (
    <>
      <Note kind={answer.refused > 0 ? "warn" : "info"} lead={t("users.import.preview")}>
        {counts.join(", ")}
      </Note>
      <TableWrap label={t("users.import.preview")}>
        <table className="rc-table rc-import">
          <thead>
            <tr>
              {(["line", "who", "outcome"] as const).map((column) => (
                <th key={column} scope="col">
                  {t(`users.import.${column}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {ordered(answer.rows)
              .slice(0, ROWS_SHOWN)
              .map((row) => (
                <PreviewRow key={row.line} row={row} />
              ))}
          </tbody>
        </table>
      </TableWrap>
    </>
  );
}

function PreviewRow({ row }: { row: ImportRow }): ReactNode {
  const t = useText();
  const kind = outcome(row);
  const key: MessageKey = `users.import.row.${kind}`;
  return (
    <tr>
      <td className="rc-num">{row.line}</td>
      <td>{row.subject}</td>
      <td>
        <b className={kind === "refused" ? "rc-losetext" : undefined}>{t(key)}</b>
        {row.refused !== undefined && (
          <span className="rc-help">{[row.refused.message, row.refused.help].filter(Boolean).join("; ")}</span>
        )}
      </td>
    </tr>
  );
}
