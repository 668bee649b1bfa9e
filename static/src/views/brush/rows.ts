/** Which rows of a table its own selection holds. Pure. */
import type { ViewColumn } from "../view";
import { passes } from "./axis";
import type { Condition, Selection } from "./selection";

function holds(c: Condition, type: string, value: unknown): boolean {
  if (value === null || value === undefined) return c.missing === true;
  if (c.values?.some((each) => String(each) === String(value))) return true;
  return Boolean(c.spans?.length) && passes({ column: c.column, type, how: "value", unit: "none" }, { column: c.column, spans: c.spans }, value, []);
}

/** Undefined where nothing is selected, or something that the rows on screen cannot tell. */
export function rowTest(selection: Selection | null, columns: readonly ViewColumn[]): ((row: readonly unknown[]) => boolean) | undefined {
  const parts = (selection?.conditions ?? []).map((c) => ({ c, at: columns.findIndex(({ name }) => name === c.column) }));
  if (!parts.length || parts.some(({ c, at }) => at < 0 || c.polygon || c.others || c.unit)) return undefined;
  return (row) => parts.every(({ c, at }) => holds(c, columns[at]!.type, row[at])) !== (selection?.invert === true);
}
