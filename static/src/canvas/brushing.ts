/** Brushing as the surface knows it: whose selection filters whom, and the commands for it. */
import { session } from "../app/session";
import { invert, select, selectionOf } from "../views/brush/edit";
import { columnsOf, selectionWords, type Selection } from "../views/brush/selection";

export { canBrush, selectionOf } from "../views/brush/edit";

export const SELECTION = "selection";
export const FILTERS = "filters";

export const invertSelection = (cell: string) => invert(cell);

/** Whether a cell gives a condition that may filter others, by a selection or by being set. */
export function canFilter(cell: string): boolean {
  return session.can("editor") && session.kinds[session.doc.record(cell)?.kind ?? ""]?.outputs[SELECTION] === "predicate";
}

export function clearSelection(cell: string): void {
  select(cell, null);
  session.ui.say("Selection cleared");
}

/** Cells that the selection of a cell filters. */
export function filteredBy(cell: string): string[] {
  return session.doc.edgeList().filter((edge) => edge.from === cell && edge.fromPort === SELECTION && edge.toPort === FILTERS).map((edge) => edge.to);
}

/** Cells whose selections filter this one. */
export function filtering(cell: string): string[] {
  return session.doc.edgeList().filter((edge) => edge.to === cell && edge.toPort === FILTERS).map((edge) => edge.from);
}

/** "dep_delay 15 to 60 · 3 linked cells". */
export function brushWords(selection: Selection, linked: number): string {
  const cells = linked === 0 ? "" : ` · ${linked} linked cell${linked === 1 ? "" : "s"}`;
  return `${selectionWords(selection)}${cells}`;
}

/** The columns that arrive at the tables of a cell, as far as they are known. */
function arriving(cell: string): Set<string> | undefined {
  const kind = session.kinds[session.doc.record(cell)?.kind ?? ""];
  const edges = session.doc.edgeList().filter((edge) => edge.to === cell && kind?.inputs[edge.toPort] === "table");
  const found = edges.map((edge) => session.results.get(edge.from).schema?.[edge.fromPort]);
  if (!found.length || found.some((each) => each === undefined)) return undefined;
  return new Set(found.flatMap((columns) => columns ?? []).map((column) => column.name));
}

/** Why the selection of one cell cannot filter another; undefined when it can. */
export function whyNoFilter(from: string, to: string): string | undefined {
  const selection = selectionOf(from);
  const columns = arriving(to);
  const lacking = selection && columns ? columnsOf(selection).filter((name) => !columns.has(name)) : [];
  if (lacking.length) return `Has no column ${lacking[0]}`;
  return session.edits.whyNot(from, SELECTION, to, FILTERS);
}

/** Every other cell that reads a table, those that can be filtered first. */
export function filterTargets(cell: string): { id: string; linked: boolean; reason: string | undefined }[] {
  const linked = new Set(filteredBy(cell));
  return session.doc.records().filter((other) => other.id !== cell && FILTERS in (session.kinds[other.kind]?.inputs ?? {}))
    .map((other) => ({ id: other.id, linked: linked.has(other.id), reason: whyNoFilter(cell, other.id) }))
    .sort((a, b) => Number(Boolean(a.reason)) - Number(Boolean(b.reason)));
}

export function setFilter(from: string, to: string, on: boolean): void {
  session.undo.stopCapturing();
  if (on) session.edits.connect(from, SELECTION, to, FILTERS);
  else session.edits.removeEdges(session.doc.edgeList().filter((e) => e.from === from && e.fromPort === SELECTION && e.to === to && e.toPort === FILTERS).map((e) => e.id));
  session.undo.stopCapturing();
}
