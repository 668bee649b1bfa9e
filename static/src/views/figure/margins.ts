/** Room for the names of axes, known before Plotly measures them: what does not fit its margins it draws a second time. */
import type { Trace } from "../view";
import type { Palette } from "./palette";

export interface Margins {
  l: number;
  r: number;
  t: number;
  b: number;
}

type Json = Record<string, unknown>;

const SIZE = 11;
/** A title across or along an axis: its line, its distance from the labels, and the smallest margin, which Plotly adds to each. */
const TITLE = 24;
const LABELS_BELOW = 17;
const MOST_TICKS = 9;
const STEPS = [2, 5, 10];
const LETTERS = ["", "k", "M", "B"];
/** Plotly leaves a twentieth free above and below. */
const AIR = 0.05;

let pen: CanvasRenderingContext2D | null | undefined;

/** Width of the widest text, as the page would draw it. */
export function widest(texts: readonly string[], family: string): number {
  pen ??= typeof document === "undefined" ? null : document.createElement("canvas").getContext("2d");
  if (!pen) return Math.max(0, ...texts.map((text) => text.length * 6.6));
  pen.font = `${SIZE}px ${family}`;
  return Math.max(0, ...texts.map((text) => pen!.measureText(text).width));
}

function numbers(data: unknown): number[] {
  return Array.isArray(data) ? data.filter((value): value is number => typeof value === "number" && Number.isFinite(value)) : [];
}

/** Smallest and largest value along y, whiskers and the foot of bars included. */
function reach(traces: readonly Trace[]): [number, number] | undefined {
  let [low, high] = [Infinity, -Infinity];
  for (const trace of traces) {
    const values = numbers(trace.y);
    const errors = (trace.error_y as Json | undefined)?.array;
    for (let i = 0; i < values.length; i++) {
      const error = Array.isArray(errors) ? Number(errors[i]) || 0 : 0;
      low = Math.min(low, values[i]! - error);
      high = Math.max(high, values[i]! + error);
    }
    if (trace.type === "bar") low = Math.min(low, 0);
  }
  const air = (high - low) * AIR;
  return high > low ? [low && low - air, high + air] : undefined;
}

/** Round numbers between two on an axis of some pixels, as Plotly chooses and writes them: 0, 20k, 40k. */
export function ticksOf(low: number, high: number, pixels: number): { at: number; text: string }[] {
  const rough = (high - low) / (Math.min(MOST_TICKS, Math.max(4, pixels / 40)) + 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = (STEPS.find((each) => each * power >= rough) ?? 10) * power;
  const digits = Math.floor(Math.log10(Math.max(Math.abs(low), Math.abs(high))) + 0.01);
  const thousands = digits > 3 ? Math.min(LETTERS.length - 1, Math.round((digits - 1) / 3)) : 0;
  const unit = 1_000 ** thousands;
  const decimals = Math.max(0, -Math.floor(Math.log10(step / unit) + 0.01));
  const text = (value: number) => `${(value / unit).toFixed(decimals).replace(/\B(?<!\.\d*)(?=(\d{3})+(?!\d))/g, ",")}${LETTERS[thousands]}`.replace("-", "−");
  const [first, last] = [Math.ceil(low / step), Math.floor(high / step)];
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => ({ at: (first + i) * step, text: text((first + i) * step) }));
}

/** The widest of them. */
export function tickLabels(low: number, high: number, pixels: number): string[] {
  const ticks = ticksOf(low, high, pixels).map(({ text }) => text);
  return low < 0 ? [...ticks.slice(-1), ...ticks.slice(0, 1)] : ticks.slice(-1);
}

const titled = (axis: unknown) => Boolean(((axis as Json | undefined)?.title as Json | undefined)?.text);

/** What labels on the left need: names of categories, or numbers. */
function left(traces: readonly Trace[], height: number, family: string): number | undefined {
  const names = traces.flatMap((trace) => (Array.isArray(trace.y) ? trace.y : [])).filter((value) => typeof value === "string");
  if (names.length) return undefined;
  const range = reach(traces);
  return range && Math.ceil(widest(tickLabels(...range, height), family)) + 1;
}

/** Margins at least as wide as these are drawn once; undefined sides are left to Plotly. */
export function expected(traces: readonly Trace[], layout: Json, height: number, palette: Palette): Partial<Margins> {
  if (traces.some(({ type }) => type === "heatmap" || type === "box")) return {};
  const below = LABELS_BELOW + (titled(layout.xaxis) ? TITLE : 0);
  const labels = left(traces, height - below - 10, palette.sans);
  return {
    ...(labels === undefined ? {} : { l: labels + (titled(layout.yaxis) ? TITLE : 0) }),
    b: below,
  };
}

/** The larger of both on each side. */
export function widened(margins: Margins, other: Partial<Margins> = {}): Margins {
  const side = (name: keyof Margins) => Math.max(margins[name], other[name] ?? 0);
  return { l: side("l"), r: side("r"), t: side("t"), b: side("b") };
}

/** A redraw this soon after the last one belongs to the same gesture or run. */
const SOON = 2_000;

/** What a chart was last drawn with. */
export class Fitted {
  #key = "";
  #at = -Infinity;
  #margins: Margins | undefined;

  /** The margins to keep at least, when the chart was drawn the same way a moment ago. */
  recall(key: string, now: number): Margins | undefined {
    return key === this.#key && now - this.#at < SOON ? this.#margins : undefined;
  }

  keep(key: string, now: number, { l, r, t, b }: Margins): void {
    this.#key = key;
    this.#at = now;
    this.#margins = { l, r, t, b };
  }
}
