/** The footer of a card: size of the output, precision or reason, and the time or the one thing to do. */
import { useCanEdit, useCanRun, useNewer } from "../app/hooks";
import { runCells } from "../app/runs";
import { refresh } from "../app/sources";
import type { CellRecord } from "../document/schema";
import type { CellResult } from "../results/store";
import f from "./footer.module.css";
import { clock, duration, shape } from "./words";

export function CellFooter({ cell, result }: { cell: CellRecord; result: CellResult }) {
  const { left, middle, right } = parts(result);
  const again = result.state === "stale" || result.state === "stopped";
  const newer = useNewer(cell.id);
  const canRun = useCanRun();
  const canEdit = useCanEdit();
  return (
    <div className={f.footer}>
      {left && <span className={f.shape} title={left}>{left}</span>}
      {middle && <span title={middle}>{middle}</span>}
      <span className={f.space} />
      {again && canRun ? (
        <button type="button" className={`${f.textAction} nodrag`} onClick={() => runCells([cell.id])}>
          Run again
        </button>
      ) : newer && canEdit ? (
        <button type="button" className={`${f.textAction} nodrag`} onClick={() => refresh([cell.id])}>
          New version available
        </button>
      ) : (
        <span className={f.time}>{right}</span>
      )}
    </div>
  );
}

function parts(result: CellResult): { left: string; middle: string; right: string } {
  const { step, state, reason, problems } = result;
  const time = step ? duration(step.elapsed_ms) : "";
  const size = step ? shape(step.rows, step.columns) : "";
  if (state === "needs_settings") return { left: "Waiting for settings", middle: "", right: "" };
  if (state === "not_run") return { left: reason || problems[0] || "", middle: "", right: "" };
  if (state === "queued") return { left: reason || "Starts soon", middle: size, right: "" };
  if (state === "running") return { left: runningWords(result), middle: "", right: "" };
  if (state === "partial") return { left: step?.interval || size, middle: step?.note || "refining", right: time };
  if (state === "stale" || state === "blocked") return { left: reason || "Input changed", middle: size, right: "" };
  if (state === "error") return { left: step ? "Last result is of older settings" : "No result yet", middle: "", right: "" };
  if (state === "stopped") return { left: step?.interval || size || "No result yet", middle: reason, right: "" };
  if (state === "cached" && step?.finished_at) return { left: size, middle: `same inputs as ${clock(step.finished_at)}`, right: time };
  return { left: size, middle: step?.interval || step?.note || "", right: time };
}

function runningWords({ reason, estimateMs, step, outdated }: CellResult): string {
  if (reason) return reason;
  const about = estimateMs ? `about ${duration(estimateMs)}` : "";
  const elapsed = step && !outdated && step.elapsed_ms ? duration(step.elapsed_ms) : "";
  return [elapsed, about].filter(Boolean).join(", ") || "Working";
}
