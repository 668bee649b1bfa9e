/** Small plots of a model's evaluation, drawn as inline SVG in the colours of the theme. */
import type { ReactNode } from "react";
import s from "./leaderboard.module.css";

const SIZE = 168;
const LEFT = 34;
const BOTTOM = 26;

interface Axis {
  label: string;
  range: [number, number];
}

interface PlotProps {
  title: string;
  x: Axis;
  y: Axis;
  children: (px: (v: number) => number, py: (v: number) => number) => ReactNode;
}

const shown = (v: number) => v.toLocaleString(undefined, { maximumSignificantDigits: 3, notation: Math.abs(v) >= 10_000 ? "compact" : "standard" });

/** A square plot with the ends of both axes written. */
export function Plot({ title, x, y, children }: PlotProps) {
  const px = (v: number) => LEFT + ((v - x.range[0]) / (x.range[1] - x.range[0] || 1)) * (SIZE - LEFT - 6);
  const py = (v: number) => SIZE - BOTTOM - ((v - y.range[0]) / (y.range[1] - y.range[0] || 1)) * (SIZE - BOTTOM - 8);
  const bottom = SIZE - BOTTOM;
  return (
    <figure className={s.plot}>
      <figcaption>{title}</figcaption>
      <svg viewBox={`0 0 ${SIZE} ${SIZE}`} width={SIZE} height={SIZE} role="img" aria-label={`${title}: ${y.label} against ${x.label}`}>
        <path className={s.axis} d={`M${LEFT},8V${bottom}H${SIZE - 6}`} />
        <text x={LEFT - 4} y={bottom} textAnchor="end">{shown(y.range[0])}</text>
        <text x={LEFT - 4} y={14} textAnchor="end">{shown(y.range[1])}</text>
        <text x={LEFT} y={bottom + 11}>{shown(x.range[0])}</text>
        <text x={SIZE - 6} y={bottom + 11} textAnchor="end">{shown(x.range[1])}</text>
        <text x={(LEFT + SIZE) / 2} y={SIZE - 3} textAnchor="middle">{x.label}</text>
        <text x={10} y={bottom / 2} textAnchor="middle" transform={`rotate(-90 10 ${bottom / 2})`}>{y.label}</text>
        {children(px, py)}
      </svg>
    </figure>
  );
}

export function pathOf(xs: readonly number[], ys: readonly number[], px: (v: number) => number, py: (v: number) => number): string {
  return xs.map((v, i) => `${i ? "L" : "M"}${px(v).toFixed(1)},${py(ys[i] ?? 0).toFixed(1)}`).join("");
}

export const SHARE: [number, number] = [0, 1];

/** A curve between shares, with the diagonal of chance where there is one. */
export function ShareCurve({ title, xs, ys, x, y, diagonal = false }: { title: string; xs: number[]; ys: number[]; x: string; y: string; diagonal?: boolean }) {
  return (
    <Plot title={title} x={{ label: x, range: SHARE }} y={{ label: y, range: SHARE }}>
      {(px, py) => (
        <>
          {diagonal && <path className={s.chance} d={`M${px(0)},${py(0)}L${px(1)},${py(1)}`} />}
          <path className={s.curve} d={pathOf(xs, ys, px, py)} />
        </>
      )}
    </Plot>
  );
}

export function rangeOf(...lists: readonly number[][]): [number, number] {
  const all = lists.flat();
  return [Math.min(...all), Math.max(...all)];
}
