/** The numbers a chart draws, as CSV: pure. */
import type { FigureViewData, Trace } from "../view";
import { isBand, obj } from "./traces";

type Cell = string | number | boolean | null | undefined;

/** Spreadsheets run what begins with these; a quote before it keeps it text. */
const FORMULA = /^[=+\-@\t\r]/;

function quoted(value: Cell): string {
  if (value === null || value === undefined) return "";
  if (typeof value !== "string") return String(value);
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

const list = (value: unknown): Cell[] => (Array.isArray(value) ? (value as Cell[]) : []);

function panelOf(trace: Trace, panels: readonly string[]): Cell {
  const at = obj(trace.meta).panel;
  return typeof at === "number" ? panels[at] : undefined;
}

interface Row {
  panel: Cell;
  series: Cell;
  [name: string]: Cell;
}

function grid(trace: Trace, shared: Pick<Row, "panel" | "series">): Row[] {
  const [x, y] = [list(trace.x), list(trace.y)];
  return list(trace.z).flatMap((row, j) => list(row).map((value, i) => ({ ...shared, x: x[i], y: y[j], value })));
}

function boxes(trace: Trace, shared: Pick<Row, "panel" | "series">): Row[] {
  const names = ["lowerfence", "q1", "median", "q3", "upperfence", "mean"];
  return list(trace.x).map((x, i) => ({ ...shared, x, ...Object.fromEntries(names.map((name) => [name, list(trace[name])[i]])) }));
}

function marks(trace: Trace, shared: Pick<Row, "panel" | "series">): Row[] {
  const lying = trace.orientation === "h";
  const [x, y] = lying ? [list(trace.y), list(trace.x)] : [list(trace.x), list(trace.y)];
  const bars = obj(lying ? trace.error_x : trace.error_y);
  const [up, down] = [list(bars.array), list(bars.arrayminus)];
  const end = (i: number, by: Cell, sign: 1 | -1) => (typeof by === "number" && typeof y[i] === "number" ? Number((y[i] + sign * by).toPrecision(6)) : undefined);
  return x.map((each, i) => ({ ...shared, x: each, y: y[i], ...(up.length ? { low: end(i, down[i], -1), high: end(i, up[i], 1) } : {}) }));
}

function rowsOf(trace: Trace, panels: readonly string[]): Row[] {
  const shared = { panel: panelOf(trace, panels), series: trace.name || undefined };
  if (trace.type === "pie") return list(trace.labels).map((x, i) => ({ panel: undefined, series: undefined, x, y: list(trace.values)[i] }));
  if (Array.isArray(trace.z)) return grid(trace, shared);
  return trace.type === "box" ? boxes(trace, shared) : marks(trace, shared);
}

function title(view: FigureViewData, axis: string): string {
  return String(obj(obj(obj(view.figure.layout)[axis]).title).text ?? "");
}

/** One line a mark; columns that are empty throughout are left out. Axes are named as in the chart. */
export function csvOf(view: FigureViewData): string {
  const traces = (view.figure.data ?? []).filter((t) => !isBand(t));
  const panels = list(obj(obj(view.figure.layout).meta).panels).map(String);
  const rows = traces.flatMap((t) => rowsOf(t, panels));
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((name) => rows.some((row) => row[name] !== undefined));
  const lying = traces.some((t) => t.orientation === "h");
  const words: Record<string, string> = { x: title(view, lying ? "yaxis" : "xaxis") || "x", y: title(view, lying ? "xaxis" : "yaxis") || "value", value: String(obj(obj(traces[0]?.colorbar).title).text ?? "value") };
  const head = names.map((name) => quoted(words[name] ?? name));
  return [head.join(","), ...rows.map((row) => names.map((name) => quoted(row[name])).join(","))].join("\r\n") + "\r\n";
}
