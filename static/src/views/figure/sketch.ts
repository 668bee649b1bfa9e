/** A chart as a few outlines: the same marks at the same places as Plotly's, for the moment until Plotly has drawn them. Pure. */
import type { Trace } from "../view";
import { ticksOf, widest, type Margins } from "./margins";
import type { Palette } from "./palette";
import { obj } from "./traces";

type Json = Record<string, unknown>;

export interface Outline {
  d: string;
  fill?: string;
  stroke?: string;
  width?: number;
  opacity?: number;
}

export interface Word {
  x: number;
  y: number;
  text: string;
  anchor: "start" | "middle" | "end";
  /** Along the axis of y. */
  turned?: boolean;
  mono?: boolean;
}

/** A label of an axis of dates, at its milliseconds. */
export interface Tick {
  at: number;
  text: string;
}

export interface Sketch {
  outlines: Outline[];
  words: Word[];
  /** The lines of the axes and of the grid. */
  axes: string;
}

interface Scale {
  /** Pixels of a value; NaN where it has no place. */
  at: (value: unknown) => number;
  /** Pixels of a value that was read already. */
  pixel: (read: number) => number;
  /** Pixels of a distance between values. */
  long: (values: number) => number;
  range: [number, number];
  names: string[] | null;
}

const AIR = 0.05;
const GAP = 0.16;
const list = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);
const round = (value: number) => Math.round(value * 10) / 10;
/** Keys stand on the axis of y. */
const lying = (trace: Trace) => trace.orientation === "h";
const isBar = (trace: Trace) => trace.type === "bar";
const isDrawn = (trace: Trace) => isBar(trace) || trace.type === "scatter";

/** Milliseconds of a moment; Plotly, too, takes those without a zone as they are written. */
function moment(value: unknown): number {
  const text = String(value);
  return Date.parse(text.includes("T") && !/(Z|[+-]\d\d:?\d\d)$/.test(text) ? `${text}Z` : text);
}

/** Where a value stands on an axis: moments in milliseconds, logarithms where it is one. */
function reading(axis: Json): (value: unknown) => number {
  if (axis.type === "date") return moment;
  const plain = (value: unknown) => (typeof value === "number" ? value : NaN);
  return axis.type === "log" ? (value) => Math.log10(plain(value)) : plain;
}

/** Ends of the bars along the axis of values, stacked where the layout says so. */
function stacked(bars: readonly Trace[], layout: Json): [number, number][][] {
  const valuesOf = (bar: Trace) => list(lying(bar) ? bar.x : bar.y);
  const sums = new Map<unknown, number>();
  if (layout.barnorm === "percent") {
    for (const bar of bars) for (const [i, key] of keysOf(bar).entries()) sums.set(key, (sums.get(key) ?? 0) + Number(valuesOf(bar)[i] ?? 0));
  }
  const feet = new Map<unknown, number>();
  return bars.map((bar) => valuesOf(bar).map((value, i) => {
    const key = keysOf(bar)[i];
    const sum = sums.get(key);
    const size = Number(value ?? 0) * (sum ? 100 / sum : 1);
    const foot = layout.barmode === "stack" ? (feet.get(key) ?? 0) : 0;
    feet.set(key, foot + size);
    return [foot, foot + size];
  }));
}

/** An axis over pixels, its range taken from the layout or from what stands on it. */
function scaleOf(axis: Json, values: readonly unknown[], pixels: [number, number], air: number, zero: boolean): Scale | undefined {
  const texts = values.filter((value): value is string => typeof value === "string");
  const named = axis.type === "category" || (axis.type === undefined && texts.length > 0);
  const names = named ? [...new Set([...list(axis.categoryarray), ...values].filter((value) => value !== null && value !== undefined).map(String))] : null;
  const order = new Map(names?.map((name, i) => [name, i]));
  const read = names ? (value: unknown) => order.get(String(value)) ?? NaN : reading(axis);
  const given = list(axis.range).map((end) => (typeof end === "string" ? Date.parse(end) : Number(end)));
  const all = values.map(read).filter(Number.isFinite);
  let [low, high] = names ? [-0.5, names.length - 0.5] : [Math.min(...all), Math.max(...all)];
  if (!names && given.length !== 2) {
    const room = (high - low) * air;
    [low, high] = [zero && low >= 0 ? 0 : low - room, zero && high <= 0 ? 0 : high + room];
  }
  if (given.length === 2) [low, high] = given as [number, number];
  if (!(high > low)) return undefined;
  const factor = (pixels[1] - pixels[0]) / (high - low);
  const pixel = (place: number) => pixels[0] + (place - low) * factor;
  return { at: (value) => pixel(read(value)), pixel, long: (length) => Math.abs(length * factor), range: [low, high], names };
}

/** The smallest distance of two keys that are numbers or moments; 1 where there are not two. */
function apart(keys: readonly number[]): number {
  const sorted = [...new Set(keys.filter(Number.isFinite))].sort((a, b) => a - b);
  return sorted.length > 1 ? Math.min(...sorted.slice(1).map((key, i) => key - sorted[i]!)) : 1;
}

const keysOf = (bar: Trace) => list(lying(bar) ? bar.y : bar.x);

/** Keys of bars with the outer edges of the first and the last. */
function edged(bars: readonly Trace[], axis: Json): unknown[] {
  const keys = bars.flatMap(keysOf);
  const read = axis.type === "category" || keys.some((key) => typeof key === "string") ? undefined : reading(axis);
  if (!read || axis.type === "log" || !keys.length) return keys;
  const numbers = keys.map(read).filter(Number.isFinite);
  const half = apart(numbers) / 2;
  return [...keys, Math.min(...numbers) - half, Math.max(...numbers) + half];
}

/** A bar's thickness on the axis of its keys: its own, or what the smallest distance of two leaves. */
function thickness(bar: Trace, scale: Scale, i: number): number {
  const [own, key] = [Number(list(bar.width)[i] ?? bar.width), keysOf(bar)[i]];
  if (Number.isFinite(own) && typeof key === "number") return Math.abs(scale.at(key + own / 2) - scale.at(key - own / 2));
  return (1 - GAP) * (scale.names ? scale.long(1) : apart(keysOf(bar).map(scale.at)));
}

function barOutlines(bars: readonly Trace[], ends: readonly [number, number][][], x: Scale, y: Scale, layout: Json): Outline[] {
  const abreast = layout.barmode === "stack" || layout.barmode === "overlay" ? 1 : bars.length;
  return bars.map((bar, k) => {
    const [along, across] = lying(bar) ? [x, y] : [y, x];
    const d = keysOf(bar).map((key, i) => {
      const whole = thickness(bar, across, i);
      const [wide, middle] = [whole / abreast, across.at(key)];
      const from = middle - whole / 2 + (abreast > 1 ? k * wide : 0);
      const [a, b] = (ends[k]?.[i] ?? [0, 0]).map(along.at) as [number, number];
      if (![from, a, b].every(Number.isFinite)) return "";
      return lying(bar) ? `M${round(a)} ${round(from)}H${round(b)}v${round(wide)}H${round(a)}z` : `M${round(from)} ${round(a)}V${round(b)}h${round(wide)}V${round(a)}z`;
    }).join("");
    return { d, fill: String(obj(bar.marker).color ?? ""), opacity: Number(bar.opacity ?? 1) };
  });
}

/** Intervals of bars and points, as thin lines with feet left away. */
function whiskers(data: readonly Trace[], ends: ReadonlyMap<Trace, [number, number][]>, x: Scale, y: Scale): Outline[] {
  return data.flatMap((trace) => {
    const error = obj(lying(trace) ? trace.error_x : trace.error_y);
    const [up, down] = [list(error.array), list(error.arrayminus)];
    const d = keysOf(trace).map((key, i) => {
      const value = Number(ends.get(trace)?.[i]?.[1] ?? list(trace.y)[i]);
      const [a, b] = [value - Number(down[i] ?? up[i]), value + Number(up[i])];
      const [at, from, to] = (lying(trace) ? [y.at(key), x.at(a), x.at(b)] : [x.at(key), y.at(a), y.at(b)]).map(round) as [number, number, number];
      if (up[i] === null || up[i] === undefined || ![at, from, to].every(Number.isFinite)) return "";
      return lying(trace) ? `M${from} ${at}H${to}` : `M${at} ${from}V${to}`;
    }).join("");
    return d ? [{ d, stroke: String(error.color ?? ""), width: 1 }] : [];
  });
}

/** How far intervals reach along the axis of values. */
function intervals(trace: Trace, ends?: [number, number][]): number[] {
  const error = obj(lying(trace) ? trace.error_x : trace.error_y);
  const [up, down] = [list(error.array), list(error.arrayminus)];
  return up.flatMap((each, i) => {
    const value = Number(ends?.[i]?.[1] ?? list(trace.y)[i]);
    return each === null ? [] : [value + Number(each), value - Number(down[i] ?? each)];
  });
}

/** A line through its points, broken where one is missing; closed down to zero or upon itself where it is filled. */
function lineOutlines(trace: Trace, x: Scale, y: Scale): Outline[] {
  const [xs, ys] = [list(trace.x), list(trace.y)];
  let pen = "M";
  const points = xs.map((value, i) => [x.at(value), y.at(ys[i])] as const);
  const path = points.map(([px, py]) => {
    if (!Number.isFinite(px) || !Number.isFinite(py)) return (pen = "M") && "";
    const step = `${pen}${round(px)} ${round(py)}`;
    pen = "L";
    return step;
  }).join("");
  const opacity = Number(trace.opacity ?? 1);
  const { color, width = 2 } = obj(trace.line) as { color?: string; width?: number };
  const foot = round(y.at(0));
  const closed = trace.fill === "tozeroy" && points.length ? `${path}L${round(points.at(-1)![0])} ${foot}L${round(points[0]![0])} ${foot}z` : `${path}z`;
  return [
    ...(trace.fill ? [{ d: closed, fill: String(trace.fillcolor ?? ""), opacity }] : []),
    ...(color && width > 0 ? [{ d: path, stroke: color, width, opacity }] : []),
  ];
}

/** Points as lines without length and with round ends: one path for all of them. */
function pointOutline(trace: Trace, x: Scale, y: Scale): Outline {
  const marker = obj(trace.marker);
  const ys = list(trace.y);
  const d = list(trace.x).map((value, i) => [x.at(value), y.at(ys[i])]).filter((at) => at.every(Number.isFinite)).map(([px, py]) => `M${round(px!)} ${round(py!)}h0`).join("");
  return { d, stroke: String(marker.color ?? ""), width: typeof marker.size === "number" ? marker.size : 5, opacity: Number(trace.opacity ?? 1) * Number(marker.opacity ?? 1) };
}

/** What stands beside the axis of y; the labels' width besides. */
function beside(y: Scale, axis: Json, plot: { left: number; top: number; height: number }): Word[] {
  const ticks = y.names ? y.names.map((name) => ({ at: name as unknown, text: name })) : axis.type === undefined ? ticksOf(...y.range, plot.height) : [];
  return ticks.map(({ at, text }) => ({ x: plot.left - 4, y: round(y.at(at) + 4), text, anchor: "end" }));
}

/** The dates that Plotly chose for this chart when it last drew it, over two lines where it broke them. */
function datesBelow(x: Scale, dates: readonly Tick[], plot: { left: number; right: number; bottom: number }): Word[] {
  const shown = dates.map(({ at, text }) => ({ place: round(x.pixel(at)), text })).filter(({ place }) => place >= plot.left && place <= plot.right);
  return shown.flatMap(({ place, text }) => text.split(/<br ?\/?>/).map((line, i): Word => ({ x: place, y: plot.bottom + 14 + i * 14, text: line, anchor: "middle" })));
}

/** What stands under the axis of x, if there is room for it. */
function below(x: Scale, axis: Json, plot: { left: number; right: number; bottom: number; width: number }, family: string, dates: readonly Tick[]): Word[] {
  if (axis.type === "date") return datesBelow(x, dates, plot);
  const known = list(axis.ticktext).map(String);
  const ticks = x.names ? x.names.map((name, i) => ({ at: name as unknown, text: known[i] ?? name })) : axis.type === undefined ? ticksOf(...x.range, plot.width / 2) : [];
  const fits = ticks.length * (widest(ticks.map(({ text }) => text), family) + 4) <= plot.width;
  return fits ? ticks.map(({ at, text }) => ({ x: round(x.at(at)), y: plot.bottom + 14, text, anchor: "middle" })) : [];
}

function titles(layout: Json, [width, height]: [number, number], plot: { left: number; right: number; top: number; bottom: number }): Word[] {
  const title = (side: string) => String(obj(obj(layout[side]).title).text ?? "");
  const [x, y] = [title("xaxis"), title("yaxis")];
  const plain = (text: string) => !text.includes(" ");
  return [
    ...(x ? [{ x: (plot.left + Math.min(width, plot.right)) / 2, y: height - 12, text: x, anchor: "middle" as const, mono: plain(x) }] : []),
    ...(y ? [{ x: 13, y: (plot.top + plot.bottom) / 2, text: y, anchor: "middle" as const, turned: true, mono: plain(y) }] : []),
  ];
}

/** Undefined for charts of other shapes: their first picture is Plotly's. */
export function sketch(data: readonly Trace[], layout: Json, palette: Palette, dates: readonly Tick[] = []): Sketch | undefined {
  const plain = data.length > 0 && data.every(isDrawn) && obj(layout.meta).panels === undefined && !data.some((trace) => trace.stackgroup);
  if (!plain) return undefined;
  const [size, margin] = [[Number(layout.width), Number(layout.height)] as [number, number], layout.margin as Margins];
  const [xaxis, yaxis] = [obj(layout.xaxis), obj(layout.yaxis)];
  const bars = data.filter(isBar);
  const level = bars.some(lying);
  const ends = stacked(bars, layout);
  const lines = data.filter((trace) => !isBar(trace));
  const endsOf = new Map(bars.map((bar, i) => [bar, ends[i]!]));
  const reach = [...ends.flat(2), ...bars.flatMap((bar) => intervals(bar, endsOf.get(bar)))];
  const xs = [...(level ? reach : edged(bars, xaxis)), ...lines.flatMap((trace) => list(trace.x))];
  const ys = [...(level ? edged(bars, yaxis) : reach), ...lines.flatMap((trace) => [...list(trace.y), ...intervals(trace)])];
  const named = level ? Math.ceil(widest([...new Set(ys.map(String))], palette.sans)) + 5 + (obj(yaxis.title).text ? 24 : 0) : 0;
  const plot = { left: Math.max(margin.l, named), top: margin.t, right: size[0] - margin.r, bottom: size[1] - margin.b };
  const dots = lines.some((trace) => String(trace.mode).includes("markers"));
  const x = scaleOf(xaxis, xs, [plot.left, plot.right], level || dots ? AIR : 0, level);
  const y = scaleOf(yaxis, ys, [plot.bottom, plot.top], AIR, (bars.length > 0 && !level) || yaxis.rangemode === "tozero");
  if (!x || !y || plot.right - plot.left < 20 || plot.bottom - plot.top < 20) return undefined;
  const [height, width] = [plot.bottom - plot.top, plot.right - plot.left];
  const words = [...beside(y, yaxis, { ...plot, height }), ...below(x, xaxis, { ...plot, width }, palette.sans, dates), ...titles(layout, size, plot)];
  const grid = level || y.names ? "" : beside(y, yaxis, { ...plot, height }).map((word) => `M${plot.left} ${round(word.y - 4)}H${plot.right}`).join("");
  return {
    outlines: [
      ...barOutlines(bars, ends, x, y, layout),
      ...whiskers(data, endsOf, x, y),
      ...lines.flatMap((trace) => (String(trace.mode ?? "lines").includes("lines") ? lineOutlines(trace, x, y) : [pointOutline(trace, x, y)])),
    ].filter(({ d }) => d),
    words,
    axes: `${grid}${level ? "" : `M${plot.left} ${plot.bottom}H${plot.right}`}`,
  };
}
