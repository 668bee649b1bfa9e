/** Dependence on one column as a curve with those of single rows, or on two as a field of shades. */
import { slim, type DependenceData } from "./data";
import s from "./explainer.module.css";

const LEFT = 52;
const BOTTOM = 34;
const TOP = 8;

function words(value: DependenceData["grid"][0][0], role: string): string {
  if (role === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return slim(value);
  return String(value ?? "missing").slice(0, role === "date" ? 10 : 14);
}

/** Where each grid value stands: along a scale for numbers, evenly for the rest. */
export function places(data: DependenceData, axis: number, from: number, to: number): number[] {
  const grid = data.grid[axis] ?? [];
  const numbers = grid.map((v) => (typeof v === "number" ? v : Number.NaN));
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  if (data.roles[axis] === "number" && high > low) return numbers.map((v) => from + ((v - low) / (high - low)) * (to - from));
  const step = (to - from) / Math.max(1, grid.length);
  return grid.map((_, i) => from + step * (i + 0.5));
}

export function Curve({ data, width, height, target }: { data: DependenceData; width: number; height: number; target: string }) {
  const mean = data.mean as number[];
  const all = [...mean, ...(data.curves ?? []).flat()];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const xs = places(data, 0, LEFT, width - 12);
  const y = (value: number) => TOP + (1 - (value - low) / (high - low || 1)) * (height - BOTTOM - TOP);
  const path = (values: readonly number[]) => values.map((v, i) => `${i ? "L" : "M"}${xs[i]!.toFixed(1)} ${y(v).toFixed(1)}`).join("");
  const bars = data.roles[0] === "category" || data.roles[0] === "boolean";
  const every = Math.max(1, Math.ceil(xs.length / Math.max(2, Math.floor(width / 90))));
  return (
    <svg className={s.svg} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`Mean prediction of ${target} over ${data.columns[0]}, from ${slim(Math.min(...mean))} to ${slim(Math.max(...mean))}`}>
      {[low, (low + high) / 2, high].map((tick) => (
        <g key={tick}>
          <line className={s.hair} x1={LEFT} x2={width - 12} y1={y(tick)} y2={y(tick)} />
          <text className={s.tick} x={LEFT - 6} y={y(tick) + 4} textAnchor="end">{slim(tick)}</text>
        </g>
      ))}
      {!bars && data.curves?.map((curve, i) => <path key={i} className={s.curve} d={path(curve)} />)}
      {bars ? mean.map((v, i) => <circle key={i} className={s.column} cx={xs[i]} cy={y(v)} r={6}><title>{`${words(data.grid[0]![i]!, data.roles[0]!)}: ${slim(v)}`}</title></circle>) : <path className={s.mean} d={path(mean)} />}
      {xs.map((x, i) => i % every === 0 && <text key={i} className={s.tick} x={x} y={height - 18} textAnchor="middle">{words(data.grid[0]![i]!, data.roles[0]!)}</text>)}
      <text className={s.label} x={(LEFT + width) / 2} y={height - 3} textAnchor="middle">{data.columns[0]}</text>
    </svg>
  );
}

export function Field({ data, width, height, target }: { data: DependenceData; width: number; height: number; target: string }) {
  const mean = data.mean as number[][];
  const [low, high] = [Math.min(...mean.flat()), Math.max(...mean.flat())];
  const [across, down] = [mean.length, mean[0]?.length ?? 1];
  const [w, h] = [(width - LEFT - 40) / across, (height - BOTTOM - TOP) / down];
  return (
    <svg className={s.svg} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`Mean prediction of ${target} over ${data.columns.join(" and ")}, from ${slim(low)} to ${slim(high)}`}>
      {mean.map((column, i) => column.map((value, j) => (
        <rect key={`${i}-${j}`} x={LEFT + 40 + i * w} y={TOP + (down - 1 - j) * h} width={w + 0.5} height={h + 0.5} style={{ fill: `color-mix(in oklab, var(--data-2) ${Math.round(((value - low) / (high - low || 1)) * 100)}%, var(--data-1))` }}>
          <title>{`${words(data.grid[0]![i]!, data.roles[0]!)}, ${words(data.grid[1]![j]!, data.roles[1]!)}: ${slim(value)}`}</title>
        </rect>
      )))}
      {[0, Math.floor(across / 2), across - 1].map((i) => <text key={`x${i}`} className={s.tick} x={LEFT + 40 + (i + 0.5) * w} y={height - 18} textAnchor="middle">{words(data.grid[0]![i]!, data.roles[0]!)}</text>)}
      {[0, Math.floor(down / 2), down - 1].map((j) => <text key={`y${j}`} className={s.tick} x={LEFT + 34} y={TOP + (down - 0.5 - j) * h + 4} textAnchor="end">{words(data.grid[1]![j]!, data.roles[1]!)}</text>)}
      <text className={s.label} x={(LEFT + width) / 2} y={height - 3} textAnchor="middle">{`${data.columns[0]} across, ${data.columns[1]} up; ${slim(low)} to ${slim(high)}`}</text>
    </svg>
  );
}
