/** Turns a server figure, which carries no looks, into one drawn in our colours: pure, given the palette. */
import type { FigureViewData, Trace } from "../view";
import { axis, days } from "./axes";
import { endLabels, escaped, marginFor } from "./labels";
import { colour, slots, type Palette } from "./palette";
import { expected, widened, type Margins } from "./margins";
import { template } from "./template";
import { isBand, isExtra, isLine, obj, styled } from "./traces";

export interface StyleOptions {
  size: [number, number];
  palette: Palette;
  /** Zoom and hover state survive while this stays the same. */
  revision: string;
  /** The column that splits the chart into series: its values keep their colour on every chart. */
  by: string;
  /** The column of the x axis. */
  x?: string;
  /** Margins that fitted a moment ago: while an answer is on its way a chart only grows them. */
  fitted?: Margins;
}

type Json = Record<string, unknown>;

/** Which series a trace belongs to; a band belongs to the series of its line. */
function seriesOf(trace: Trace): string {
  return String(obj(trace.meta).series ?? trace.legendgroup ?? trace.name ?? "");
}

/** The slot of each series: the first colour when there is one, else by category; the server orders them by frequency. */
export function slotsOf(traces: readonly Trace[], column: string): Map<string, number> {
  const names = new Map<string, string>();
  for (const t of traces) if (!isBand(t) && !isExtra(t)) names.set(seriesOf(t), String(t.name ?? ""));
  const keys = [...names.keys()];
  if (keys.length <= 1) return new Map(keys.map((k) => [k, 0]));
  const found = slots(column, [...names.values()]);
  return new Map(keys.map((k, i) => [k, found[i] ?? -1]));
}

/** The axes of all panels, with titles in words. */
function axes(layout: Json, traces: readonly Trace[], p: Palette): Json {
  const lying = traces.some((t) => t.orientation === "h");
  const names = Object.keys(layout).filter((key) => /^[xy]axis\d*$/.test(key));
  const out: Json = {};
  // Small panels have room for few ticks.
  const few = names.length > 2 ? { nticks: 3, tickangle: 0 } : {};
  for (const key of new Set(["xaxis", "yaxis", ...names])) {
    const own = { ...axis(obj(layout[key]), p), ...few };
    if (key[0] === "x") out[key] = { ...own, ...(key === "xaxis" ? days(traces) : {}), ...(lying ? { showgrid: true, showline: false } : {}) };
    else out[key] = { ...own, ...(lying ? { showgrid: false } : {}) };
  }
  return out;
}

/** Names of panels and reference lines: text of ours over data, so it is made harmless. */
function notes(layout: Json, p: Palette): Json[] {
  return ((layout.annotations as Json[] | undefined) ?? []).map((note) => {
    if (note.name !== "panel" && note.name !== "reference") return note;
    const look = note.name === "panel" ? { font: { size: 11, color: p.ink, family: p.sans } } : { font: { size: 11, color: p.ink2 }, bgcolor: p.surface, borderpad: 1 };
    return { ...note, text: escaped(String(note.text ?? "")), ...look };
  });
}

function shapes(layout: Json, p: Palette): Json[] {
  return ((layout.shapes as Json[] | undefined) ?? []).map((each) => (each.name === "reference" ? { ...each, line: { color: p.ink2, width: 1.25, dash: "dot" } } : each));
}

/** Data and layout ready for Plotly. */
export function styleFigure(view: FigureViewData, o: StyleOptions): { data: Trace[]; layout: Json } {
  const traces = view.figure.data ?? [];
  const layout = obj(view.figure.layout);
  const series = slotsOf(traces, o.by);
  const lines = traces.filter(isLine);
  const panels = obj(layout.meta).panels !== undefined;
  const direct = !panels && lines.length > 1 && lines.length <= 4 && lines.every((t) => t.name && !t.stackgroup);
  const look = { palette: o.palette, direct, x: o.x ?? "" };
  const data = traces.map((t) => styled(t, colour(o.palette, series.get(seriesOf(t)) ?? 0), look));
  const legend = !direct && series.size > 1;
  const own = layout.template !== undefined && Object.keys(obj(layout.template)).length > 0;
  const pie = traces.some((t) => t.type === "pie");
  const plain = !panels && !pie;
  const margin = { l: 18, t: legend ? 30 : panels ? 24 : pie ? 12 : 10, b: pie ? 14 : 10, r: direct ? marginFor(lines) : 14 };
  const log = obj(layout.yaxis).type === "log";
  const room = plain && !own && !log ? expected(traces, layout, o.size[1], o.palette) : {};
  return {
    data,
    layout: {
      ...layout,
      template: own ? layout.template : template(o.palette),
      width: o.size[0], height: o.size[1], autosize: false,
      margin: { ...widened(widened(margin, room), o.fitted), pad: 0, ...obj(layout.margin) },
      ...(pie ? {} : axes(layout, traces, o.palette)),
      annotations: [...notes(layout, o.palette), ...(direct ? endLabels(lines, o) : [])], shapes: shapes(layout, o.palette),
      showlegend: legend, title: undefined, uirevision: o.revision, hovermode: lines.length > 1 && !panels ? "x unified" : "closest", dragmode: "zoom",
    },
  };
}
