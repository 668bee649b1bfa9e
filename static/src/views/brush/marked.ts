/** Shows a selection in a drawn chart without a rerun: marks outside it are dimmed, stretches are shaded. Pure. */
import { faded, type Palette } from "../figure/palette";
import { obj } from "../figure/traces";
import type { BrushAxis, FigureViewData, Trace } from "../view";
import { inPolygon, passes } from "./axis";
import { keysOf } from "./gesture";
import type { Condition, Selection, Span } from "./selection";

type Json = Record<string, unknown>;

const OFF = 0.28;
const values = (data: unknown): unknown[] => (Array.isArray(data) ? data : []);

interface Place {
  axis: BrushAxis;
  side: "x" | "y";
  keys: unknown[];
}

function places(view: FigureViewData): Map<string, Place> {
  const out = new Map<string, Place>();
  for (const plan of ["x", "y"] as const) {
    const axis = view.brush?.[plan];
    const side = view.brush?.lying ? (plan === "x" ? "y" : "x") : plan;
    if (axis) out.set(axis.column, { axis, side, keys: keysOf(view, side) });
  }
  return out;
}

function named(c: Condition, name: string): boolean {
  if (name === "missing") return c.missing === true;
  return (c.values ?? []).some((each) => String(each) === name) || Boolean(c.others && !c.others.map(String).includes(name));
}

/** Whether mark i of a trace is selected; conditions on columns the chart does not show hold for all. */
function chosen(view: FigureViewData, selection: Selection, trace: Trace, i: number, at: Map<string, Place>): boolean {
  const panels = values(obj(obj(view.figure.layout).meta).panels);
  const all = selection.conditions.every((c) => {
    const place = at.get(c.column);
    if (c.against && c.polygon) return inPolygon(Number(values(trace.x)[i]), Number(values(trace.y)[i]), c.polygon);
    if (place) return passes(place.axis, c, trace.type === "pie" ? values(trace.labels)[i] : values(trace[place.side])[i], place.keys);
    if (c.column === view.brush?.series) return named(c, String(trace.name ?? ""));
    if (c.column === view.brush?.facet) return named(c, String(panels[Number(obj(trace.meta).panel ?? 0)]));
    return true;
  });
  return all !== (selection.invert === true);
}

function dimmed(view: FigureViewData, selection: Selection, data: readonly Trace[], at: Map<string, Place>): Trace[] {
  return data.map((trace) => {
    const points = trace.type === "bar" || (trace.type === "scatter" && trace.mode === "markers");
    if (trace.type === "pie") {
      const colors = values(obj(trace.marker).colors).map((hue, i) => (chosen(view, selection, trace, i, at) ? hue : faded(String(hue), OFF)));
      return { ...trace, marker: { ...obj(trace.marker), colors } };
    }
    if (!points) return trace;
    const n = Math.max(values(trace.x).length, values(trace.y).length);
    const selectedpoints = Array.from({ length: n }, (_, i) => i).filter((i) => chosen(view, selection, trace, i, at));
    const full = obj(trace.marker).opacity ?? 1;
    return { ...trace, selectedpoints, selected: { marker: { opacity: full } }, unselected: { marker: { opacity: OFF * Number(full) } } };
  });
}

/** Stretches of an axis that a condition covers, in its coordinates; categories by their numbers. */
function stretches(place: Place, c: Condition): [unknown, unknown][] {
  const { axis, keys } = place;
  if (axis.how === "category" || values(c.values).length) {
    const numbered = axis.how === "category";
    return keys.flatMap((key, i) => (passes(axis, c, key, keys) ? [numbered ? [i - 0.5, i + 0.5] : [Number(key) - 0.5, Number(key) + 0.5]] : []) as [unknown, unknown][]);
  }
  return values(c.spans).map((span) => [(span as Span).low ?? -1e300, (span as Span).high ?? 1e300]);
}

const SHADED = new Set(["line", "area", "heatmap", "density", "box", "violin"]);
const MOST = 60;

function shades(view: FigureViewData, selection: Selection, at: Map<string, Place>, p: Palette): Json[] {
  if (!SHADED.has(view.mark ?? "")) return [];
  const found = selection.conditions.flatMap((c) => { const place = at.get(c.column); return place ? [{ place, parts: stretches(place, c) }] : []; });
  const on = (side: "x" | "y") => found.find((each) => each.place.side === side)?.parts;
  const [xs, ys] = [on("x"), on("y")];
  if (!xs && !ys) return [];
  const look = { type: "rect", layer: "above", name: "selection", line: { color: p.accent, width: 1.25, ...(selection.invert ? { dash: "dot" } : {}) }, fillcolor: faded(p.accent, selection.invert ? 0.02 : 0.12) };
  const panels = Math.max(1, values(obj(obj(view.figure.layout).meta).panels).length);
  const wanted = selection.conditions.find((c) => c.column === view.brush?.facet);
  const out: Json[] = [];
  for (let panel = 0; panel < panels; panel++) {
    const name = values(obj(obj(view.figure.layout).meta).panels)[panel];
    if (wanted && name !== undefined && !named(wanted, String(name))) continue;
    const suffix = panel ? String(panel + 1) : "";
    for (const [x0, x1] of xs ?? [[0, 1] as [unknown, unknown]]) for (const [y0, y1] of ys ?? [[0, 1] as [unknown, unknown]]) {
      out.push({ ...look, x0, x1, y0, y1, xref: xs ? `x${suffix}` : `x${suffix} domain`, yref: ys ? `y${suffix}` : `y${suffix} domain` });
    }
  }
  return out.slice(0, MOST);
}

/** A styled figure with its selection shown. */
export function withSelection(figure: { data: Trace[]; layout: Json }, view: FigureViewData, selection: Selection | null, p: Palette): { data: Trace[]; layout: Json } {
  const layout = { ...figure.layout, selections: [], selectionrevision: JSON.stringify(selection) };
  if (!selection || !view.brush) return { data: figure.data, layout };
  const at = places(view);
  return { data: dimmed(view, selection, figure.data, at), layout: { ...layout, shapes: [...(values(figure.layout.shapes) as Json[]), ...shades(view, selection, at, p)] } };
}
