/** "2 running, 1 queued": opens the queue, where each can be stopped. */
import { useCanRun } from "../app/hooks";
import { stopCells } from "../app/runs";
import { session } from "../app/session";
import { viewport } from "../canvas/viewport";
import { Button, Icon, IconButton, Popover } from "../theme";
import { percent } from "../theme/format";
import { useLate } from "../theme/late";
import s from "./panels.module.css";
import r from "./runs.module.css";
import { useQueue } from "./useQueue";

/** Runs that are over sooner would only flicker in the bar. */
const WORTH_SAYING_MS = 300;

export function queueWords(running: number, queued: number): string {
  return [running && `${running} running`, queued && `${queued} queued`].filter(Boolean).join(", ");
}

export function RunSummary() {
  const queue = useQueue();
  const canRun = useCanRun();
  const lasting = useLate(queue.length > 0, WORTH_SAYING_MS);
  if (!lasting) return null;
  const running = queue.filter((q) => q.state === "running").length;
  const goTo = (cell: string) => { session.ui.select([cell]); viewport()?.reveal(cell, true); };
  return (
    <Popover
      label="Runs" align="end"
      trigger={
        <button type="button" className={r.runs}>
          {running > 0 && <span className={r.busy}><Icon name="loader" className={r.spin} /></span>}
          <span className={running ? r.busy : undefined}>{queueWords(running, queue.length - running)}</span>
        </button>
      }
    >
      <ul className={r.queue}>
        {queue.map((q) => (
          <li key={q.cell} className={r.queueRow}>
            <button type="button" className={s.grow} onClick={() => goTo(q.cell)}>{q.title}</button>
            <span className={s.hint}>{q.state === "queued" ? "Queued" : q.fraction !== null ? percent(q.fraction) : "Running"}</span>
            {canRun && <IconButton icon="square" label={`Stop ${q.title}`} size={14} onClick={() => stopCells([q.cell])} />}
          </li>
        ))}
        {canRun && queue.length > 1 && <li className={r.queueRow}><Button variant="link" onClick={() => stopCells(queue.map((q) => q.cell))}>Stop all</Button></li>}
      </ul>
    </Popover>
  );
}
