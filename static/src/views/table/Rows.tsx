/** The rows on screen. They and their cells flow: a positioned one would be a layer of its own to paint, a thousand a table. */
import { memo } from "react";
import { cx } from "../../theme/classes";
import { MISSING } from "../../theme/format";
import { block, type Cursor } from "./cursor";
import type { RowWindow } from "./scroll";
import s from "./table.module.css";
import { mayExceed } from "./widths";

export interface PlacedColumn {
  index: number;
  left: number;
  width: number;
  numeric: boolean;
  format: (value: unknown) => string;
}

export interface RowsProps {
  id: string;
  window: RowWindow;
  columns: readonly PlacedColumn[];
  row: (index: number) => unknown[] | undefined;
  cursor: Cursor | null;
  /** Whether a row belongs to the selection of this table. */
  chosen?: (row: readonly unknown[]) => boolean;
  top: number;
  /** Changes when pages arrive, so that a memoised list draws again. */
  version: number;
}

function Value({ value, column }: { value: unknown; column: PlacedColumn }) {
  if (value === null || value === undefined) return <span className={s.missing} aria-label="missing">{MISSING}</span>;
  return column.format(value);
}

export const Rows = memo(function Rows({ id, window, columns, row, cursor, chosen, top }: RowsProps) {
  const marked = cursor && block(cursor);
  const drawn = [];
  const indent = columns[0]?.left;
  for (let i = window.first; i < window.last; i++) {
    const values = row(i);
    const inRows = marked && i >= marked.top && i <= marked.bottom;
    const taken = Boolean(values && chosen?.(values));
    drawn.push(
      <div key={i} role="row" aria-rowindex={i + 2} aria-selected={chosen ? taken : undefined} className={cx(s.row, taken && s.taken)} style={{ paddingLeft: indent }}>
        {columns.map((c) => {
          const within = inRows && c.index >= marked.left && c.index <= marked.right;
          const active = cursor?.row === i && cursor.column === c.index;
          const shown = values ? c.format(values[c.index]) : "";
          return (
            <div
              key={c.index} id={`${id}-${i}-${c.index}`} role="gridcell" aria-colindex={c.index + 1} aria-selected={within || undefined}
              data-at={`${i},${c.index}`} title={shown.length * 7 > c.width - 20 ? shown : undefined}
              className={cx(s.cell, mayExceed(shown, c.width) && s.cut, c.numeric && s.number, within && s.within, active && s.active)} style={{ width: c.width }}
            >
              {values ? <Value value={values[c.index]} column={c} /> : <span className={s.bone} />}
            </div>
          );
        })}
      </div>,
    );
  }
  return <div role="rowgroup" className={s.rows} style={{ top: top + window.top }}>{drawn}</div>;
});
