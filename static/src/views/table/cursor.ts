/** The active cell and the selected block of the grid, moved by keys; and the block as tab-separated text. */
export interface Cursor {
  row: number;
  column: number;
  /** Where the selection began; the cursor is its other corner. */
  anchor: [number, number];
}

interface Bounds {
  rows: number;
  columns: number;
  /** Rows moved by Page Up and Page Down. */
  page: number;
}

interface Key {
  key: string;
  shift: boolean;
  mod: boolean;
}

const clamp = (n: number, high: number) => Math.max(0, Math.min(n, high - 1));

/** Where a key moves the cursor, or undefined when the grid does not use that key. */
export function moved(cursor: Cursor, { key, shift, mod }: Key, { rows, columns, page }: Bounds): Cursor | undefined {
  const steps: Record<string, [number, number]> = {
    ArrowUp: [mod ? -rows : -1, 0], ArrowDown: [mod ? rows : 1, 0], ArrowLeft: [0, mod ? -columns : -1], ArrowRight: [0, mod ? columns : 1],
    PageUp: [-page, 0], PageDown: [page, 0], Home: [mod ? -rows : 0, -columns], End: [mod ? rows : 0, columns],
  };
  const step = steps[key];
  if (!step) return undefined;
  const row = clamp(cursor.row + step[0], rows);
  const column = clamp(cursor.column + step[1], columns);
  return { row, column, anchor: shift ? cursor.anchor : [row, column] };
}

export function block(cursor: Cursor): { top: number; bottom: number; left: number; right: number } {
  const [row, column] = cursor.anchor;
  return {
    top: Math.min(row, cursor.row), bottom: Math.max(row, cursor.row),
    left: Math.min(column, cursor.column), right: Math.max(column, cursor.column),
  };
}

/** Tab-separated text of the block; tabs and line ends inside a value become spaces. */
export function tsv(cursor: Cursor, row: (index: number) => unknown[] | undefined, limit = 10_000): string {
  const { top, bottom, left, right } = block(cursor);
  const lines: string[] = [];
  for (let i = top; i <= Math.min(bottom, top + limit - 1); i++) {
    const values = row(i)?.slice(left, right + 1) ?? [];
    lines.push(values.map((v) => (v === null || v === undefined ? "" : typeof v === "object" ? JSON.stringify(v) : String(v)).replace(/[\t\r\n]+/g, " ")).join("\t"));
  }
  return lines.join("\n");
}
