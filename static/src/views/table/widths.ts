/** Widths of columns: guessed from names and values, then as dragged. */
import type { ViewColumn } from "../view";

export const MIN_WIDTH = 72;
const MAX_GUESS = 220;
const CHARACTER = 7.4;

/** `under` is the line below the name: type and share of missing values. */
export function guessWidth(column: ViewColumn, shown: readonly string[], under = column.type): number {
  const longest = shown.reduce((n, text) => Math.max(n, text.length), 0);
  const name = Math.max(column.name.length * CHARACTER, under.length * 6.1);
  return Math.round(Math.min(MAX_GUESS, Math.max(96, name + 24, longest * CHARACTER + 20)));
}

/** Whether a text could be wider than its column, were its letters wide. */
export function mayExceed(text: string, width: number, character = 8.5): boolean {
  return text.length * character > width - 20;
}

/** How much the surface is scaled around this element: screen px per own px. */
export function zoomOf(element: HTMLElement): number {
  return element.offsetWidth ? element.getBoundingClientRect().width / element.offsetWidth : 1;
}

/** Width after a drag of so many screen px. */
export function draggedWidth(start: number, screenPx: number, zoom: number): number {
  return Math.max(MIN_WIDTH, Math.round(start + screenPx / (zoom || 1)));
}
