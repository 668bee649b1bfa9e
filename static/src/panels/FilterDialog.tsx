/** Which cells a selection filters: a tick for each. */
import { useCellRecord, useEdges, useUiPart } from "../app/hooks";
import { session } from "../app/session";
import { brushWords, canBrush, filterTargets, selectionOf, setFilter } from "../canvas/brushing";
import { Button, Dialog, DialogActions, Icon } from "../theme";
import s from "./filter.module.css";

function unset(cell: string): string {
  return canBrush(cell) ? "Nothing is selected yet: linked cells show all rows." : "Linked cells keep the rows that fit what is set.";
}

function Body({ cell }: { cell: string }) {
  useEdges();
  useCellRecord(cell);
  const targets = filterTargets(cell);
  const selection = selectionOf(cell);
  const free = targets.filter((t) => !t.reason && !t.linked);
  return (
    <>
      <p className={s.says}>{selection ? brushWords(selection, targets.filter((t) => t.linked).length) : unset(cell)}</p>
      {targets.length === 0 && <p className={s.says}>No other cell on this canvas reads a table.</p>}
      <ul className={s.list}>
        {targets.map(({ id, linked, reason }) => {
          const record = session.doc.record(id);
          return (
            <li key={id}>
              <label className={s.line} data-off={Boolean(reason && !linked)}>
                <input type="checkbox" checked={linked} disabled={Boolean(reason) && !linked} onChange={(e) => setFilter(cell, id, e.target.checked)} />
                <Icon name={session.kinds[record?.kind ?? ""]?.icon ?? "box"} />
                <span className={s.name}>{session.edits.label(record)}</span>
                {reason && !linked && <span className={s.why}>{reason}</span>}
              </label>
            </li>
          );
        })}
      </ul>
      <DialogActions>
        {free.length > 1 && <Button onClick={() => free.forEach((t) => setFilter(cell, t.id, true))}>Filter all that fit</Button>}
        <Button variant="filled" onClick={() => session.ui.set({ filterOpen: null })}>Done</Button>
      </DialogActions>
    </>
  );
}

export function FilterDialog() {
  const cell = useUiPart((ui) => ui.filterOpen);
  if (!cell || !session.doc.record(cell)) return null;
  return (
    <Dialog open title={`Filter by ${session.edits.label(session.doc.record(cell))}`} onClose={() => session.ui.set({ filterOpen: null })}>
      <Body cell={cell} />
    </Dialog>
  );
}
