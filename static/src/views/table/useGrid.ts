/** Scrolling, pages and the cursor of one grid. */
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore, type KeyboardEvent, type RefObject } from "react";
import { fetchPage } from "../../app/api";
import type { TableViewData } from "../view";
import { moved, tsv, type Cursor } from "./cursor";
import { Pages } from "./pages";
import { ROW, reveal, rowWindow, scaleOf } from "./scroll";

/** The pages of a view; the same object as long as the view stays. */
export function usePages(cell: string, fingerprint: string, view: TableViewData, total: number): Pages {
  const pages = useMemo(
    () => new Pages((k, signal) => fetchPage(cell, fingerprint, k, signal).then((p) => p.rows), view.rows, total),
    [cell, fingerprint, view, total],
  );
  useEffect(() => () => pages.stop(), [pages]);
  useSyncExternalStore(pages.subscribe, () => pages.version);
  return pages;
}

/** Rows scrolled past, in px of all rows; kept finer than the scroll bar can say when that is scaled. */
export function useScroll(ref: RefObject<HTMLDivElement | null>, rows: number, viewport: number, live: boolean) {
  const [offset, setOffset] = useState(0);
  const exact = useRef(0);
  const scale = scaleOf(rows, viewport);
  const limit = Math.max(0, rows * ROW - viewport);

  const goTo = useCallback((next: number) => {
    exact.current = Math.max(0, Math.min(limit, next));
    setOffset(exact.current);
    if (ref.current) ref.current.scrollTop = exact.current / scale;
  }, [limit, scale, ref]);

  const onScroll = useCallback(() => {
    const top = ref.current?.scrollTop ?? 0;
    // A scroll that we caused ourselves says less than what we know.
    if (Math.abs(top - exact.current / scale) > 1) exact.current = Math.min(limit, top * scale);
    setOffset(exact.current);
  }, [limit, scale, ref]);

  useEffect(() => {
    const element = ref.current;
    if (!element || !live || scale <= 1) return;
    const wheel = (event: WheelEvent) => {
      if (event.ctrlKey || event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) return;
      event.preventDefault();
      goTo(exact.current + event.deltaY * (event.deltaMode === 1 ? ROW : 1));
    };
    element.addEventListener("wheel", wheel, { passive: false });
    return () => element.removeEventListener("wheel", wheel);
  }, [goTo, live, scale, ref]);

  return { window: rowWindow(offset, viewport, rows, live ? undefined : 0), offset, goTo, onScroll };
}

interface Keys {
  cursor: Cursor | null;
  setCursor: (cursor: Cursor) => void;
  rows: number;
  columns: number;
  viewport: number;
  offset: number;
  goTo: (offset: number) => void;
  showColumn: (index: number) => void;
  pages: Pages;
}

/** Keys of the APG grid pattern; what the grid uses does not reach the canvas. */
export function useKeys({ cursor, setCursor, rows, columns, viewport, offset, goTo, showColumn, pages }: Keys) {
  return (event: KeyboardEvent) => {
    const mod = event.ctrlKey || event.metaKey;
    if (event.key === "Escape") {
      event.stopPropagation();
      (event.currentTarget as HTMLElement).closest<HTMLElement>("[data-cell-id]")?.focus();
      return;
    }
    const now = cursor ?? { row: Math.floor(offset / ROW), column: 0, anchor: [Math.floor(offset / ROW), 0] as [number, number] };
    if (mod && event.key.toLowerCase() === "c" && cursor && !globalThis.getSelection()?.toString()) {
      event.preventDefault();
      event.stopPropagation();
      void navigator.clipboard.writeText(tsv(cursor, (i) => pages.row(i)));
      return;
    }
    const next = event.altKey ? undefined : moved(now, { key: event.key, shift: event.shiftKey, mod }, { rows, columns, page: Math.max(1, Math.floor(viewport / ROW) - 1) });
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    setCursor(next);
    goTo(reveal(next.row, offset, viewport));
    showColumn(next.column);
  };
}
