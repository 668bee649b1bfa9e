/** Selecting without a pointer: the marks of a chart as a list of ticks, or a stretch of values in two fields. */
import { useCellRecord, useCellResult, useUiPart } from "../app/hooks";
import { session } from "../app/session";
import { Button, Dialog, DialogActions, TextField } from "../theme";
import { ofKey, passes } from "../views/brush/axis";
import { select, selectConditions, selectionOf } from "../views/brush/edit";
import { keysOf } from "../views/brush/gesture";
import type { Condition, Span } from "../views/brush/selection";
import type { BrushAxis, FigureViewData } from "../views/view";
import s from "./filter.module.css";

const SHOWN = 400;

function said(axis: BrushAxis, key: unknown): string {
  const span = ofKey(axis, key, []).spans?.[0];
  return axis.how === "bins" && span ? `${span.low} to ${span.high}` : String(key ?? "missing");
}

function Marks({ cell, axis, keys }: { cell: string; axis: BrushAxis; keys: unknown[] }) {
  const now = selectionOf(cell)?.conditions.find((c) => c.column === axis.column);
  return (
    <fieldset className={s.group}>
      <legend>{axis.column}</legend>
      <ul className={s.list}>
        {keys.slice(0, SHOWN).map((key) => (
          <li key={String(key)}>
            <label className={s.line}>
              <input type="checkbox" checked={now ? passes(axis, now, key, keys) : false} onChange={() => selectConditions(cell, [ofKey(axis, key, keys)], true)} />
              <span className={s.name}>{said(axis, key)}</span>
            </label>
          </li>
        ))}
      </ul>
    </fieldset>
  );
}

function Stretch({ cell, axis }: { cell: string; axis: BrushAxis }) {
  const conditions = selectionOf(cell)?.conditions ?? [];
  const span = conditions.find((c) => c.column === axis.column)?.spans?.[0] ?? { low: null, high: null };
  const put = (change: Partial<Span>) => {
    const next: Span = { ...span, ...change, last: true };
    const others = conditions.filter((c) => c.column !== axis.column);
    const own: Condition[] = next.low === null && next.high === null ? [] : [{ column: axis.column, spans: [next] }];
    select(cell, { ...selectionOf(cell), conditions: [...others, ...own] });
  };
  const read = (text: string) => (text.trim() === "" ? null : Number.isFinite(Number(text)) ? Number(text) : text.trim());
  const field = (side: "low" | "high", words: string) => (
    <label className={s.end}>{words}<TextField aria-label={`${axis.column} ${words.toLowerCase()}`} lazy value={span[side] === null ? "" : String(span[side])} onChange={(text) => put({ [side]: read(text) })} /></label>
  );
  return <fieldset className={s.group}><legend>{axis.column}</legend><div className={s.ends}>{field("low", "From")}{field("high", "To")}</div></fieldset>;
}

function Body({ cell }: { cell: string }) {
  useCellRecord(cell);
  const view = useCellResult(cell).step?.view as FigureViewData | undefined;
  const brush = view?.type === "figure" ? view.brush : undefined;
  if (!view || !brush) return <p className={s.says}>It has no marks yet. Run it first.</p>;
  const plans = (["x", "y"] as const).flatMap((plan) => { const axis = brush[plan]; return axis ? [{ axis, side: brush.lying ? (plan === "x" ? "y" as const : "x" as const) : plan }] : []; });
  return plans.map(({ axis, side }) => {
    const listed = axis.how !== "value" || (axis.type === "integer" && keysOf(view, side).length <= 100 && view.mark !== "scatter");
    return listed ? <Marks key={axis.column} cell={cell} axis={axis} keys={keysOf(view, side)} /> : <Stretch key={axis.column} cell={cell} axis={axis} />;
  });
}

export function ListDialog() {
  const cell = useUiPart((ui) => ui.listOpen);
  if (!cell || !session.doc.record(cell)) return null;
  const close = () => session.ui.set({ listOpen: null });
  return (
    <Dialog open title={`Select in ${session.edits.label(session.doc.record(cell))}`} onClose={close}>
      <Body cell={cell} />
      <DialogActions>
        <Button onClick={() => select(cell, null)}>Clear</Button>
        <Button onClick={() => session.ui.set({ listOpen: null, filterOpen: cell })}>Filter other cells</Button>
        <Button variant="filled" onClick={close}>Done</Button>
      </DialogActions>
    </Dialog>
  );
}
