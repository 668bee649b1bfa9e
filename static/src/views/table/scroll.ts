/** Which rows are on screen: plain up to half a million, scaled above, since browsers cap the height of an element. */
export const ROW = 28;
const MAX_HEIGHT = 10_000_000;
const PLAIN_ROWS = 500_000;
const SPARE = 4;

export interface RowWindow {
  first: number;
  last: number;
  /** Where the first drawn row stands inside the scrolled content, in px. */
  top: number;
}

/** Height of the scrolled content for that many rows. */
export function contentHeight(rows: number): number {
  return rows <= PLAIN_ROWS ? rows * ROW : Math.min(rows * ROW, MAX_HEIGHT);
}

/** Rows-space px for one px of the scroll bar. */
export function scaleOf(rows: number, viewport: number): number {
  const shown = contentHeight(rows) - viewport;
  return shown <= 0 ? 1 : Math.max(1, (rows * ROW - viewport) / shown);
}

/** The rows to draw when `offset` px of all rows have been scrolled past (`scrollTop` of the element = offset / scale),
 * with some to spare above and below where people may scroll on. */
export function rowWindow(offset: number, viewport: number, rows: number, spare = SPARE): RowWindow {
  const scale = scaleOf(rows, viewport);
  const clamped = Math.max(0, Math.min(offset, Math.max(0, rows * ROW - viewport)));
  const first = Math.max(0, Math.floor(clamped / ROW) - spare);
  const last = Math.min(rows, Math.ceil((clamped + viewport) / ROW) + spare);
  return { first, last, top: clamped / scale - (clamped - first * ROW) };
}

/** The offset that brings a row into view, or the same offset when it already is. */
export function reveal(row: number, offset: number, viewport: number): number {
  if (row * ROW < offset) return row * ROW;
  if ((row + 1) * ROW > offset + viewport) return (row + 1) * ROW - viewport;
  return offset;
}
