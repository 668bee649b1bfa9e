/** Rows of a table under profile heads: an ARIA grid of our own, virtual both ways, paged by 200. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useId, useMemo, useRef, useState, type PointerEvent } from "react";
import { session } from "../app/session";
import { useCanEdit, useCellRecord, useCellResult } from "../app/hooks";
import { Button, cx } from "../theme";
import { columnFormat, count, isNumeric } from "../theme/format";
import { RowsChip } from "./brush/RowsChip";
import { rowTest } from "./brush/rows";
import { readSelection } from "./brush/selection";
import { Quiet } from "./Quiet";
import { HeadCell, underName } from "./table/HeadCell";
import { Ingest } from "./table/Ingest";
import { ingestNotes } from "./table/notes";
import { Rows, type PlacedColumn } from "./table/Rows";
import { contentHeight } from "./table/scroll";
import type { Cursor } from "./table/cursor";
import s from "./table/table.module.css";
import { useKeys, usePages, useScroll } from "./table/useGrid";
import { guessWidth } from "./table/widths";
import type { TableViewData, ViewProps } from "./view";

const HEAD = 46;
const HEAD_PROFILED = 66;
const NOTES = 27;

/** Formats and first widths, from the rows that came with the view. */
function useColumns(view: TableViewData) {
  return useMemo(() => view.columns.map((column, index) => {
    const sample = view.rows.slice(0, 60).map((row) => row[index]);
    const format = columnFormat(column.name, column.type, sample);
    return { index, column, format, numeric: isNumeric(column.type), guess: guessWidth(column, sample.map(format), underName(column.type, view.profile?.[column.name]?.missing)) };
  }), [view]);
}

/** Changing a data cell's types: a param, so no new upload and one undo step. */
function useTypes(cell: string): ((column: string, type: string) => void) | undefined {
  const record = useCellRecord(cell);
  const canEdit = useCanEdit();
  const schema = session.kinds[record?.kind ?? ""]?.params as { properties?: Record<string, unknown> } | undefined;
  if (!record || !canEdit || !schema?.properties?.types) return undefined;
  return (column, type) => session.edits.setParam(cell, "types", { ...(record.params.types as object | undefined), [column]: type });
}

export default function TableView({ cell, view, dimmed, size, interactive }: ViewProps<TableViewData>) {
  const id = useId();
  const grid = useRef<HTMLDivElement>(null);
  const result = useCellResult(cell);
  const onType = useTypes(cell);
  const canEdit = useCanEdit();
  const suggests = result.schema !== null && Object.keys(result.schema).length > 0;
  const columns = useColumns(view);
  const notes = useMemo(() => ingestNotes(view.source), [view.source]);
  const [widths, setWidths] = useState<Record<string, number>>({});
  const [cursor, setCursor] = useState<Cursor | null>(null);

  const selected = JSON.stringify(useCellRecord(cell)?.params.selection ?? null);
  const chosen = useMemo(() => rowTest(readSelection({ selection: JSON.parse(selected) as unknown }), view.columns), [selected, view.columns]);

  const total = view.total ?? view.rows.length;
  const head = view.profile ? HEAD_PROFILED : HEAD;
  const noted = notes.words.length > 0 || notes.almost.length > 0;
  const height = size[1] - (noted ? NOTES : 0);
  const viewport = Math.max(0, height - head);
  const pages = usePages(cell, result.step?.fingerprint ?? result.fingerprint, view, total);
  const { window, offset, goTo, onScroll } = useScroll(grid, total, viewport, interactive);

  // eslint-disable-next-line react-hooks/incompatible-library -- its functions are only called while drawing
  const across = useVirtualizer({
    horizontal: true, count: columns.length, overscan: interactive ? 2 : 0, initialRect: { width: size[0], height },
    getScrollElement: () => grid.current,
    estimateSize: (i) => widths[columns[i]?.column.name ?? ""] ?? columns[i]?.guess ?? 100,
  });
  const items = across.getVirtualItems();
  const setWidth = (name: string, width: number) => { setWidths((now) => ({ ...now, [name]: width })); queueMicrotask(() => across.measure()); };
  const placed: PlacedColumn[] = items.flatMap((item) => {
    const c = columns[item.index];
    return c ? [{ index: item.index, left: item.start, width: item.size, numeric: c.numeric, format: c.format }] : [];
  });

  if (interactive || window.last <= view.rows.length) pages.want(window.first, window.last);
  const row = useCallback((i: number) => pages.row(i), [pages]);
  const onKeyDown = useKeys({
    cursor, setCursor, rows: total, columns: columns.length, viewport, offset, goTo, pages, showColumn: (i) => across.scrollToIndex(i),
  });
  const onPointerDown = (event: PointerEvent) => {
    const at = (event.target as Element).closest<HTMLElement>("[data-at]")?.dataset.at?.split(",").map(Number) as [number, number] | undefined;
    if (!interactive || !at) return;
    setCursor({ row: at[0], column: at[1], anchor: event.shiftKey && cursor ? cursor.anchor : at });
  };

  if (!columns.length) return <Quiet>This table has no columns</Quiet>;
  const broken = interactive && pages.failed(Math.min(window.first + 4, total - 1));
  return (
    <div className={s.frame}>
      {noted && <Ingest notes={notes} onType={onType} />}
      <div
        ref={grid} role="grid" aria-label="Rows" aria-rowcount={total + 1} aria-colcount={columns.length} tabIndex={interactive ? 0 : -1} data-edge-keys
        aria-activedescendant={cursor ? `${id}-${cursor.row}-${cursor.column}` : undefined} aria-multiselectable
        className={cx(s.grid, interactive && s.live, interactive && "nowheel nodrag", Boolean(dimmed) && s.dim)}
        onScroll={onScroll} onKeyDown={interactive ? onKeyDown : undefined} onPointerDown={onPointerDown}
      >
        <div className={s.inner} style={{ width: across.getTotalSize(), height: head + contentHeight(total) }} role="presentation">
          <div role="rowgroup" className={s.heads} style={{ height: head }}>
            <div role="row" aria-rowindex={1}>
              {placed.map((p) => {
                const c = columns[p.index]!.column;
                return (
                  <HeadCell
                    key={p.index} column={c} index={p.index} left={p.left} width={p.width} numeric={p.numeric} profile={view.profile?.[c.name]}
                    unfit={notes.unfit[c.name]} onWidth={(w) => setWidth(c.name, w)} onType={interactive && onType ? (type) => onType(c.name, type) : undefined}
                    onSuggest={interactive && canEdit && suggests ? () => session.ui.set({ suggestOpen: { cell, columns: [c.name] } }) : undefined}
                  />
                );
              })}
            </div>
          </div>
          <Rows id={id} window={window} columns={placed} row={row} cursor={cursor} chosen={chosen} top={head} version={pages.version} />
        </div>
        {interactive && cursor && <RowsChip cell={cell} cursor={cursor} columns={view.columns} row={row} />}
        {broken && (
          <div className={s.notice}>
            These rows did not load ({count(window.first + 1)} to {count(window.last)})
            <Button variant="link" onClick={() => { pages.retry(); goTo(offset); pages.want(window.first, window.last); }}>Try again</Button>
          </div>
        )}
      </div>
    </div>
  );
}
