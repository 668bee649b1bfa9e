/** Output name, run mode, precision, size and position: what every cell has. */
import { session } from "../app/session";
import { useCanEdit, useCanRun, useCellResult } from "../app/hooks";
import { api, canvasPath } from "../app/api";
import type { CellRecord } from "../document/schema";
import type { KindDeclaration } from "../schema.gen";
import { Button, NumberField, Select, TextField } from "../theme";
import { count, duration, percent } from "../theme/format";
import s from "./inspector.module.css";
import { Row } from "./Row";

/** How a cell follows changes by itself, and what it waits for all the same. */
function followed(kind: KindDeclaration | undefined): [string, string?] {
  if (kind?.code && kind.computes) return ["When inputs change", "Changed code always waits for Run"];
  if (kind?.dear) return ["On change, once quick", "Waits for Run until its last run took less than half a second"];
  return ["On every change"];
}

export function Naming({ record }: { record: CellRecord }) {
  const canEdit = useCanEdit();
  const kind = session.kinds[record.kind];
  const gives = Object.keys(kind?.outputs ?? {}).length > 0;
  const [onChange, caution] = followed(kind);
  return (
    <section className={s.section} aria-label="Cell">
      <h3 className={s.heading}>Cell</h3>
      <Row name="cell:title" label="Title">
        {(id) => <TextField id={id} lazy value={record.title} disabled={!canEdit} onChange={(title) => session.edits.rename(record.id, title)} />}
      </Row>
      {gives && (
        <Row name="cell:name" label="Output" help="The name that SQL and Python use for this table">
          {(id) => <TextField id={id} lazy mono value={record.name} disabled={!canEdit} onChange={(name) => { session.edits.setName(record.id, name); }} />}
        </Row>
      )}
      <Row name="cell:mode" label="Runs" help={caution}>
        {(id) => (
          <Select
            id={id} label="Runs" value={record.mode} disabled={!canEdit} onChange={(mode) => session.edits.setMode(record.id, mode)}
            choices={[{ value: "auto" as const, label: onChange }, { value: "manual" as const, label: "Only when asked" }]}
          />
        )}
      </Row>
    </section>
  );
}

export function Precision({ cell }: { cell: string }) {
  const canRun = useCanRun();
  const { step, state, fraction, estimateMs } = useCellResult(cell);
  if (!step) return null;
  const busy = state === "running" || state === "partial";
  const share = step.final ? 1 : (fraction ?? step.fraction);
  const exact = step.final;
  return (
    <section className={s.section} aria-label="Precision">
      <h3 className={s.heading}>Precision</h3>
      {!exact && <div className={s.gauge} aria-hidden><span style={{ width: `${Math.round(share * 100)}%` }} /></div>}
      <dl className={s.facts}>
        <dt>Rows seen</dt><dd>{exact ? "All" : percent(share)}</dd>
        <dt>Interval</dt><dd className={exact ? undefined : s.precision}>{exact ? "Exact" : step.interval || "Not known yet"}</dd>
        {step.rows !== null && <><dt>Rows</dt><dd>{count(step.rows)}</dd></>}
        {step.elapsed_ms > 0 && <><dt>Time</dt><dd>{duration(step.elapsed_ms)}</dd></>}
        {estimateMs !== null && !exact && <><dt>Estimate</dt><dd>{duration(estimateMs)}</dd></>}
      </dl>
      {busy && canRun && (
        <div className={s.buttons}>
          <Button onClick={() => void api.post(canvasPath("runs/stop"), { cells: [cell] }).catch((e: Error) => session.ui.toast(e.message))}>Stop here</Button>
        </div>
      )}
    </section>
  );
}

export function Geometry({ record }: { record: CellRecord }) {
  const canEdit = useCanEdit();
  const [x, y] = record.pos;
  const [w, h] = record.size;
  const put = (pos: [number, number], size: [number, number]) => session.edits.resizeCell(record.id, pos, size);
  const field = (label: string, prefix: string, value: number, min: number, set: (n: number) => void) => (
    <NumberField aria-label={label} prefix={prefix} value={Math.round(value)} min={min} max={min > 0 ? 4000 : 1_000_000} step={10} integer disabled={!canEdit} onChange={(n) => n !== null && set(n)} />
  );
  return (
    <section className={s.section} aria-label="Size and position">
      <h3 className={s.heading}>Size and position</h3>
      <div className={s.quad}>
        {field("X", "X", x, -1_000_000, (n) => put([n, y], [w, h]))}
        {field("Y", "Y", y, -1_000_000, (n) => put([x, n], [w, h]))}
        {field("Width", "W", w, 240, (n) => put([x, y], [n, h]))}
        {field("Height", "H", h, 120, (n) => put([x, y], [w, n]))}
      </div>
    </section>
  );
}
