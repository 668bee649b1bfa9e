/** Names of series written at the ends of their lines, moved apart where they would overlap. */
import type { Trace } from "../view";
import type { Palette } from "./palette";

const LINE_HEIGHT = 13;
const CHARACTER = 6.2;
const MAX_MARGIN = 132;

function values(data: unknown): unknown[] {
  return Array.isArray(data) ? data : [];
}

/** Index of the last point that has a value. */
export function lastIndex(trace: Trace): number {
  const y = values(trace.y);
  for (let i = y.length - 1; i >= 0; i--) if (typeof y[i] === "number" && Number.isFinite(y[i])) return i;
  return -1;
}

/** Marker sizes that show only the last point. */
export function lastPoint(trace: Trace, size: number): number[] | number {
  const y = values(trace.y);
  if (!y.length) return 0;
  const last = lastIndex(trace);
  return y.map((_, i) => (i === last ? size : 0));
}

/** Room on the right for the longest name. */
export function marginFor(lines: readonly Trace[]): number {
  const longest = Math.max(0, ...lines.map((t) => String(t.name ?? "").length));
  return Math.round(Math.min(MAX_MARGIN, 18 + longest * CHARACTER));
}

/** Moves positions (px from the top) apart to at least one line, keeping their order and centre. */
export function spread(positions: readonly number[], gap = LINE_HEIGHT): number[] {
  const order = positions.map((_, i) => i).sort((a, b) => positions[a]! - positions[b]!);
  const out = [...positions];
  for (let pass = 0; pass < 12; pass++) {
    let moved = false;
    for (let k = 1; k < order.length; k++) {
      const [a, b] = [order[k - 1]!, order[k]!];
      const lack = gap - (out[b]! - out[a]!);
      if (lack <= 0.01) continue;
      out[a]! -= lack / 2;
      out[b]! += lack / 2;
      moved = true;
    }
    if (!moved) break;
  }
  return out;
}

function shortened(name: string): string {
  return name.length > 18 ? `${name.slice(0, 17)}…` : name;
}

export function endLabels(lines: readonly Trace[], { palette, size }: { palette: Palette; size: [number, number] }): Record<string, unknown>[] {
  const all = lines.flatMap((t) => values(t.y).filter((v): v is number => typeof v === "number" && Number.isFinite(v)));
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const plot = Math.max(1, size[1] - 60);
  const ends = lines.map((t) => Number(values(t.y)[lastIndex(t)] ?? low));
  const wanted = ends.map((v) => ((high - v) / (high - low || 1)) * plot);
  const placed = spread(wanted);
  return lines.map((t, i) => ({
    x: values(t.x)[lastIndex(t)], y: ends[i], xref: "x", yref: "y", text: escaped(shortened(String(t.name))), hovertext: String(t.name), showarrow: false,
    xanchor: "left", xshift: 8, yshift: wanted[i]! - placed[i]!, font: { size: 11, color: palette.ink },
  }));
}

/** Plotly reads a little HTML in texts; data must not. */
export function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
