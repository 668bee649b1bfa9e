/** The runs of a cell: when, who, how long, how it ended. */
import { useEffect, useState } from "react";
import { api, canvasPath } from "../app/api";
import { useCellResult } from "../app/hooks";
import { session } from "../app/session";
import { count, duration } from "../theme/format";
import s from "./inspector.module.css";

interface RunRow {
  id: string;
  state: string;
  actor?: { name?: string } | string | null;
  started_at?: string | number | null;
  created_at?: string | number | null;
  elapsed_ms?: number | null;
  rows?: number | null;
  error?: string | { message?: string } | null;
}

const WORDS: Record<string, string> = { done: "Done", failed: "Error", stopped: "Stopped", running: "Running", queued: "Queued", cancelled: "Stopped" };

function when(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return "";
  const date = new Date(typeof value === "number" ? value * 1000 : value);
  const today = date.toDateString() === new Date().toDateString();
  return date.toLocaleString(undefined, today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" });
}

/** Someone by their key: oneself, or a person who is here now. */
function nameOf(actor: string): string {
  const same = (id: string) => id === actor || `user:${id}` === actor || `guest:${id}` === actor;
  if (same(String(session.bootstrap.user.id))) return "You";
  return session.presence.peers().find((peer) => same(peer.user.id))?.user.name ?? (/^(?:user|guest):/.test(actor) ? "" : actor);
}

export function HistoryTab({ cell }: { cell: string }) {
  const [runs, setRuns] = useState<RunRow[] | null>(null);
  const [error, setError] = useState("");
  const { state, run } = useCellResult(cell);
  useEffect(() => {
    const abort = new AbortController();
    api.get<RunRow[] | { runs: RunRow[] }>(canvasPath(`cells/${cell}/runs`), abort.signal).then(
      (found) => { setRuns(Array.isArray(found) ? found : found.runs); setError(""); },
      (e: Error) => { if (!abort.signal.aborted) setError(e.message); },
    );
    return () => abort.abort();
  }, [cell, state, run]);
  if (error) return <p className={`${s.section} ${s.bad}`}>{error}</p>;
  if (!runs) return <p className={`${s.section} ${s.quiet}`}>Loading runs</p>;
  if (!runs.length) return <p className={`${s.section} ${s.quiet}`}>This cell has not run yet.</p>;
  return (
    <ul aria-label="Runs">
      {runs.map((r) => {
        const actor = typeof r.actor === "string" ? nameOf(r.actor) : r.actor?.name;
        const reason = typeof r.error === "string" ? r.error : r.error?.message;
        return (
          <li key={r.id} className={s.run}>
            <div className={s.runTop}>
              <span>{WORDS[r.state] ?? r.state}</span>
              <span className={s.small}>{when(r.started_at ?? r.created_at)}</span>
            </div>
            <div className={s.small}>
              {[actor, r.rows !== null && r.rows !== undefined ? `${count(r.rows)} rows` : "", r.elapsed_ms ? duration(r.elapsed_ms) : ""].filter(Boolean).join(" · ")}
            </div>
            {reason && <div className={s.bad}>{reason}</div>}
          </li>
        );
      })}
    </ul>
  );
}
