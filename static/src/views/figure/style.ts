/** Turns a server figure, which carries no looks, into one drawn in our colours: pure, given the palette. */
import type { FigureViewData, Trace } from "../view";
import { axis, days } from "./axes";
import { expected, widened, type Margins } from "./margins";
import { endLabels, lastPoint, marginFor } from "./labels";
import { colour, faded, sequential, slots, type Palette } from "./palette";
import { template } from "./template";

export interface StyleOptions {
  size: [number, number];
  dimmed: number;
  palette: Palette;
  /** Zoom and hover state survive while this stays the same. */
  revision: string;
  /** The column that splits the chart into series: its values keep their colour on every chart. */
  by: string;
  /** Margins that fitted a moment ago: while an answer is on its way a chart only grows them. */
  fitted?: Margins;
}

type Json = Record<string, unknown>;

const obj = (value: unknown): Json => (typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {});

/** A trace that draws the interval around another: no line of its own, filled, not hovered. */
export function isBand(trace: Trace): boolean {
  return obj(trace.meta).band === true || Boolean(trace.fill && obj(trace.line).width === 0);
}

export function isLine(trace: Trace): boolean {
  return trace.type === "scatter" && String(trace.mode ?? "lines").includes("lines") && !isBand(trace);
}

/** Which series a trace belongs to; a band belongs to the series of its line. */
function seriesOf(trace: Trace): string {
  return String(obj(trace.meta).series ?? trace.legendgroup ?? trace.name ?? "");
}

/** The slot of each series: the first colour when there is one, else by category; the server orders them by frequency. */
export function slotsOf(traces: readonly Trace[], column: string): Map<string, number> {
  const names = new Map<string, string>();
  for (const t of traces) if (!isBand(t)) names.set(seriesOf(t), String(t.name ?? ""));
  const keys = [...names.keys()];
  if (keys.length <= 1) return new Map(keys.map((k) => [k, 0]));
  const found = slots(column, [...names.values()]);
  return new Map(keys.map((k, i) => [k, found[i] ?? -1]));
}

function whiskers(value: unknown, p: Palette): unknown {
  return value ? { ...obj(value), color: p.ink3, thickness: 1, width: 3 } : undefined;
}

/** Slim, with its title along it, so that the width goes to the map. */
function colorbar(own: Json, p: Palette): Json {
  const title = { ...obj(own.title), side: "right", font: { size: 11, color: p.ink3, family: p.sans } };
  return { thickness: 6, outlinewidth: 0, len: 0.8, xpad: 4, nticks: 4, tickfont: { size: 11, color: p.ink3 }, ...own, title };
}

function styled(trace: Trace, hue: string, o: StyleOptions, direct: boolean): Trace {
  const { palette: p, dimmed } = o;
  const opacity = (dimmed || 1) * (typeof trace.opacity === "number" ? trace.opacity : 1);
  const out: Trace = { ...trace, opacity, error_y: whiskers(trace.error_y, p), error_x: whiskers(trace.error_x, p) };
  if (isBand(trace)) return { ...out, mode: "lines", line: { width: 0 }, fillcolor: faded(hue, 0.18), hoverinfo: "skip", showlegend: false };
  if (trace.type === "heatmap") {
    const scale = obj(trace).colorscale ?? sequential(p);
    return { ...out, colorscale: scale, xgap: 1, ygap: 1, hoverongaps: false, colorbar: colorbar(obj(trace.colorbar), p) };
  }
  if (trace.type === "box" || trace.type === "violin") return { ...out, line: { color: hue, width: 1.25 }, fillcolor: faded(hue, 0.22), marker: { color: hue, size: 3, ...obj(trace.marker) } };
  if (isLine(trace)) {
    const marks = direct || trace.mode === "lines+markers"
      ? { mode: "lines+markers", marker: { color: hue, size: direct ? lastPoint(trace, 7) : 5, line: { width: 0 } }, cliponaxis: false } : {};
    return { ...out, line: { shape: "linear", ...obj(trace.line), color: hue, width: 2 }, showlegend: direct ? false : trace.showlegend, ...marks };
  }
  const own = obj(trace.marker);
  const fixed = typeof own.color === "object" ? {} : { color: hue };
  if (trace.type === "scatter") return { ...out, marker: { size: 5, opacity: 0.65, ...own, ...fixed, line: { width: 0 } } };
  return { ...out, marker: { ...own, ...fixed, line: { width: 0 } } };
}

/** Data and layout ready for Plotly. */
export function styleFigure(view: FigureViewData, o: StyleOptions): { data: Trace[]; layout: Json } {
  const traces = view.figure.data ?? [];
  const layout = obj(view.figure.layout);
  const series = slotsOf(traces, o.by);
  const lines = traces.filter(isLine);
  const direct = lines.length > 1 && lines.length <= 4 && lines.every((t) => t.name);
  const data = traces.map((t) => styled(t, colour(o.palette, series.get(seriesOf(t)) ?? 0), o, direct));
  const legend = !direct && series.size > 1;
  const own = layout.template !== undefined && Object.keys(obj(layout.template)).length > 0;
  const annotations = [...((layout.annotations as Json[] | undefined) ?? []), ...(direct ? endLabels(lines, o) : [])];
  const horizontal = traces.some((t) => t.orientation === "h");
  const margin = { l: 18, t: legend ? 30 : 10, b: 10, r: direct ? marginFor(lines) : 14 };
  const room = own ? {} : expected(traces, layout, o.size[1], o.palette);
  return {
    data,
    layout: {
      ...layout,
      template: own ? layout.template : template(o.palette),
      width: o.size[0], height: o.size[1], autosize: false,
      margin: { ...widened(widened(margin, room), o.fitted), pad: 0, ...obj(layout.margin) },
      xaxis: { ...axis(obj(layout.xaxis), o.palette), ...days(traces), ...(horizontal ? { showgrid: true, showline: false } : {}) },
      yaxis: { ...axis(obj(layout.yaxis), o.palette), ...(horizontal ? { showgrid: false } : {}) },
      annotations, showlegend: legend, title: undefined, uirevision: o.revision, hovermode: lines.length > 1 ? "x unified" : "closest", dragmode: "zoom",
    },
  };
}
