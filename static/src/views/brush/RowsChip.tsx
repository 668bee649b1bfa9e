/** Under a table with marked cells: makes their values its selection. */
import { session } from "../../app/session";
import { Button } from "../../theme";
import { block, type Cursor } from "../table/cursor";
import type { ViewColumn } from "../view";
import { canBrush, select, selectionOf } from "./edit";
import { selectionWords, type Condition, type Scalar } from "./selection";
import s from "../table/table.module.css";

const MOST_ROWS = 200;

/** The values of the marked cells, column by column. */
export function conditionsOf(cursor: Cursor, columns: readonly ViewColumn[], row: (i: number) => unknown[] | undefined): Condition[] {
  const marked = block(cursor);
  const rows = Array.from({ length: Math.min(MOST_ROWS, marked.bottom - marked.top + 1) }, (_, i) => row(marked.top + i)).filter((each) => each !== undefined);
  return columns.slice(marked.left, marked.right + 1).map((column, i) => {
    const found = rows.map((each) => each[marked.left + i]);
    const values = [...new Set(found.filter((v): v is Scalar => v !== null && v !== undefined))];
    return { column: column.name, ...(values.length ? { values } : {}), ...(found.some((v) => v === null) ? { missing: true } : {}) };
  });
}

export function RowsChip({ cell, cursor, columns, row }: { cell: string; cursor: Cursor; columns: readonly ViewColumn[]; row: (i: number) => unknown[] | undefined }) {
  if (!canBrush(cell)) return null;
  const conditions = conditionsOf(cursor, columns, row);
  const now = selectionOf(cell);
  if (JSON.stringify(now?.conditions) === JSON.stringify(conditions)) return null;
  return (
    <div className={`${s.marked} nodrag`}>
      <span>{selectionWords({ conditions })}</span>
      <Button variant="link" onClick={() => select(cell, { conditions })}>Select these values</Button>
      <Button variant="link" onClick={() => { select(cell, { conditions }); session.ui.set({ filterOpen: cell }); }}>Filter other cells</Button>
    </div>
  );
}
