/** From Plotly's events in a chart to conditions: clicks, dragged boxes, drawn outlines. Pure. */
import { obj } from "../figure/traces";
import type { BrushInfo, FigureViewData, Trace } from "../view";
import { isOther, ofKey, ofRange } from "./axis";
import { isEmpty, type Condition, type Scalar } from "./selection";

/** What Plotly tells of a drag: ranges or outlines by axis ("x2"), in the coordinates of the data. */
export interface Dragged {
  range?: Record<string, unknown[]>;
  lassoPoints?: Record<string, unknown[]>;
}

export interface Clicked {
  data: Trace;
  pointNumber: number | number[];
  x?: unknown;
  y?: unknown;
  label?: unknown;
}

const values = (data: unknown): unknown[] => (Array.isArray(data) ? data : []);
const MAX_CORNERS = 40;

/** Which way a drag may go: along x where marks stand side by side, else anywhere. */
export function direction(view: FigureViewData): "h" | "v" | "any" {
  const along = ["bar", "line", "area", "histogram"].includes(view.mark ?? "");
  return along ? (view.brush?.lying ? "v" : "h") : "any";
}

/** All keys of an axis, in the order they are drawn. */
export function keysOf(view: FigureViewData, side: "x" | "y"): unknown[] {
  const layout = obj(view.figure.layout);
  const axis = obj(layout[`${side}axis`]);
  const ticks = values(axis.ticktext);
  if (ticks.length) return ticks;
  const fixed = values(axis.categoryarray);
  if (fixed.length) return fixed;
  const traces = (view.figure.data ?? []).filter((t) => obj(t.meta).band !== true);
  return [...new Set(traces.flatMap((t) => (t.type === "pie" ? values(t.labels) : values(t[side]))))];
}

/** The side of the screen an axis of the plan is on. */
function sideOf(brush: BrushInfo, plan: "x" | "y"): "x" | "y" {
  return brush.lying ? (plan === "x" ? "y" : "x") : plan;
}

function facet(view: FigureViewData, suffix: string): Condition[] {
  const panels = values(obj(obj(view.figure.layout).meta).panels);
  const name = panels[suffix ? Number(suffix) - 1 : 0];
  if (!view.brush?.facet || name === undefined) return [];
  return [name === "missing" ? { column: view.brush.facet, missing: true } : { column: view.brush.facet, values: [name as Scalar] }];
}

/** The conditions of a dragged box or outline; empty when it holds nothing. */
export function ofDrag(view: FigureViewData, event: Dragged): Condition[] {
  const { brush } = view;
  if (!brush) return [];
  const suffix = Object.keys(event.range ?? event.lassoPoints ?? {}).find((key) => key[0] === "x")?.slice(1) ?? "";
  if (event.lassoPoints && !event.range) return [...ofOutline(brush, event.lassoPoints, suffix), ...facet(view, suffix)];
  const found: Condition[] = [];
  const plans = direction(view) === "any" ? (["x", "y"] as const) : (["x"] as const);
  for (const plan of plans) {
    const axis = brush[plan];
    const side = sideOf(brush, plan);
    const range = event.range?.[`${side}${suffix}`];
    if (!axis || !range) continue;
    const keys = keysOf(view, side);
    const c = ofRange(axis, range[0], range[1], keys);
    if (!c) return [];
    // A box over all groups says nothing about them.
    const everything = axis.how === "category" && keys.length > 1 && keys.every((_, i) => i >= Math.min(Number(range[0]), Number(range[1])) && i <= Math.max(Number(range[0]), Number(range[1])));
    if (!everything || plans.length === 1) found.push(c);
  }
  return found.filter((c) => !isEmpty(c)).concat(found.length ? facet(view, suffix) : []);
}

function ofOutline(brush: BrushInfo, points: Record<string, unknown[]>, suffix: string): Condition[] {
  const [xs, ys] = [values(points[`x${suffix}`]), values(points[`y${suffix}`])];
  const { x, y } = brush;
  if (!x || !y || xs.length < 3) return [];
  const plain = [x, y].every((axis) => axis.how === "value" && (axis.type === "number" || axis.type === "integer"));
  if (!plain) return [];
  const step = Math.max(1, Math.ceil(xs.length / MAX_CORNERS));
  const polygon = xs.map((each, i): [number, number] => [Number(Number(each).toPrecision(5)), Number(Number(ys[i]).toPrecision(5))]).filter((_, i) => i % step === 0);
  return [{ column: x.column, against: y.column, polygon }];
}

function keyAt(side: "x" | "y", point: Clicked): unknown {
  const index = Array.isArray(point.pointNumber) ? undefined : point.pointNumber;
  return (index === undefined ? undefined : values(point.data[side])[index]) ?? point[side];
}

/** Points come with six digits: a value is its row within half of the last. */
function around(value: number): [number, number] {
  const half = value === 0 ? 5e-7 : 10 ** (Math.floor(Math.log10(Math.abs(value))) - 5) / 2;
  return [Number((value - half).toPrecision(8)), Number((value + half).toPrecision(8))];
}

/** The place of a point on both axes; its trend is no row. */
function ofPoint(view: FigureViewData, point: Clicked): Condition[] {
  if (obj(point.data.meta).trend === true) return [];
  const found = (["x", "y"] as const).flatMap((plan) => {
    const axis = view.brush?.[plan];
    const key = axis && keyAt(plan, point);
    if (!axis || key === undefined || key === null) return [];
    if (axis.how === "value" && axis.type === "number") { const [low, high] = around(Number(key)); return [{ column: axis.column, spans: [{ low, high, last: true }] }]; }
    if (axis.how === "time" || axis.type === "datetime") return ofRange(axis, key, key, keysOf(view, plan)) ?? [];
    return [ofKey(axis, key, keysOf(view, plan))];
  });
  return found.length === 2 ? [...found, ...series(view, point.data), ...facet(view, String(point.data.xaxis ?? "x").slice(1))] : [];
}

/** The conditions of a clicked mark: its place on the axes, and its series where there are several. */
export function ofClick(view: FigureViewData, point: Clicked): Condition[] {
  const { brush, mark } = view;
  if (!brush || ["density", "violin"].includes(mark ?? "")) return [];
  if (mark === "scatter") return ofPoint(view, point);
  if (mark === "pie" && brush.x) return [ofKey(brush.x, point.label, keysOf(view, "x"))];
  const found: Condition[] = [];
  for (const plan of mark === "heatmap" ? (["x", "y"] as const) : (["x"] as const)) {
    const axis = brush[plan];
    const side = sideOf(brush, plan);
    const key = axis && keyAt(side, point);
    if (axis && key !== undefined) found.push(ofKey(axis, key, keysOf(view, side)));
  }
  return found.length ? [...found, ...series(view, point.data), ...facet(view, String(point.data.xaxis ?? "x").slice(1))] : [];
}

function series(view: FigureViewData, trace: Trace): Condition[] {
  const column = view.brush?.series;
  const names = [...new Set((view.figure.data ?? []).filter((t) => obj(t.meta).band !== true).map((t) => String(t.name ?? "")))].filter(Boolean);
  if (!column || names.length < 2 || !trace.name) return [];
  if (isOther(trace.name)) return [{ column, others: names.filter((name) => !isOther(name)) }];
  return [trace.name === "missing" ? { column, missing: true } : { column, values: [trace.name] }];
}
