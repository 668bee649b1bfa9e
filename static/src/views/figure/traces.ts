/** One trace in our colours, by what it is: bars, lines, areas, boxes, violins, maps, pies. */
import type { Trace } from "../view";
import { lastPoint } from "./labels";
import { colour, faded, sequential, slots, type Palette } from "./palette";

type Json = Record<string, unknown>;

export const obj = (value: unknown): Json => (typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {});

export interface Look {
  palette: Palette;
  /** Lines are labelled at their ends. */
  direct: boolean;
  /** The column whose categories a pie shows. */
  x: string;
}

/** A trace that draws the interval around another: no line of its own, filled, not hovered. */
export function isBand(trace: Trace): boolean {
  return obj(trace.meta).band === true || Boolean(trace.fill && obj(trace.line).width === 0);
}

/** What stands beside a series without being one: its trend, the thin boxes in violins. */
export function isExtra(trace: Trace): boolean {
  const meta = obj(trace.meta);
  return meta.trend === true || meta.thin === true;
}

export function isLine(trace: Trace): boolean {
  const meta = obj(trace.meta);
  return trace.type === "scatter" && String(trace.mode ?? "lines").includes("lines") && !isBand(trace) && !isExtra(trace) && meta.violin === undefined;
}

function whiskers(value: unknown, p: Palette): unknown {
  return value ? { ...obj(value), color: p.ink3, thickness: 1, width: 3 } : undefined;
}

/** Slim, with its title along it, so that the width goes to the map. */
function colorbar(own: Json, p: Palette): Json {
  const title = { ...obj(own.title), side: "right", font: { size: 11, color: p.ink3, family: p.sans } };
  return { thickness: 6, outlinewidth: 0, len: 0.8, xpad: 4, nticks: 4, tickfont: { size: 11, color: p.ink3 }, ...own, title };
}

function map(out: Trace, p: Palette): Trace {
  const scale = out.colorscale ?? sequential(p);
  const gaps = out.type === "heatmap" ? { xgap: 1, ygap: 1, hoverongaps: false } : {};
  return { ...out, ...gaps, colorscale: scale, colorbar: colorbar(obj(out.colorbar), p) };
}

/** Slices in the colours of their categories, named beside them in ink. */
function pie(out: Trace, p: Palette, column: string): Trace {
  const labels = (Array.isArray(out.labels) ? out.labels : []).map(String);
  const colors = slots(column, labels.map((each) => (each.startsWith("other (") ? "other" : each))).map((slot) => colour(p, slot));
  return {
    ...out, textinfo: "label+percent", textposition: "outside", automargin: true, outsidetextfont: { size: 11, color: p.ink },
    marker: { ...obj(out.marker), colors, line: { color: p.surface, width: 1.5 } },
  };
}

function line(out: Trace, hue: string, look: Look): Trace {
  const trace = out;
  const marks = look.direct || trace.mode === "lines+markers"
    ? { mode: "lines+markers", marker: { color: hue, size: look.direct ? lastPoint(trace, 7) : 5, line: { width: 0 } }, cliponaxis: false } : {};
  const area = trace.fill || trace.stackgroup ? { fillcolor: faded(hue, trace.stackgroup ? 0.5 : 0.22) } : {};
  return { ...out, ...area, line: { shape: "linear", ...obj(trace.line), color: hue, width: trace.stackgroup ? 1 : 2 }, showlegend: look.direct ? false : trace.showlegend, ...marks };
}

function extra(out: Trace, hue: string, p: Palette): Trace {
  if (out.type === "box") return { ...out, line: { color: p.ink2, width: 1 }, fillcolor: p.surface, hoverinfo: "y", whiskerwidth: 0 };
  return { ...out, line: { color: hue, width: 2.5 }, showlegend: false };
}

export function styled(trace: Trace, hue: string, look: Look): Trace {
  const { palette: p } = look;
  const out: Trace = { ...trace, error_y: whiskers(trace.error_y, p), error_x: whiskers(trace.error_x, p) };
  if (isBand(trace)) return { ...out, mode: "lines", line: { width: 0 }, fillcolor: faded(hue, 0.18), hoverinfo: "skip", showlegend: false };
  if (isExtra(trace)) return extra(out, hue, p);
  if (trace.type === "heatmap" || trace.type === "contour") return map(out, p);
  if (trace.type === "pie") return pie(out, p, look.x);
  if (trace.type === "box") return { ...out, line: { color: hue, width: 1.25 }, fillcolor: faded(hue, 0.22), marker: { color: hue, size: 3, ...obj(trace.marker) } };
  if (obj(trace.meta).violin !== undefined) return { ...out, line: { color: hue, width: 1.25 }, fillcolor: faded(hue, 0.3), showlegend: false };
  if (isLine(trace)) return line(out, hue, look);
  const own = obj(trace.marker);
  const fixed = typeof own.color === "object" ? {} : { color: hue };
  if (trace.type === "scatter") return { ...out, marker: { size: 5, opacity: 0.65, ...own, ...fixed, line: { width: 0 } } };
  return { ...out, marker: { ...own, ...fixed, line: { width: 0 } } };
}
