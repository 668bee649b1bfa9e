/** One number, large, with its interval, its change and its course. */
import { cx } from "../theme/classes";
import { changeOf, numberWords, periodWords, sparkline } from "./metric";
import s from "./metric.module.css";
import type { ViewProps } from "./view";

export interface MetricData {
  type: "metric";
  value: number | string | null;
  low: number | null;
  high: number | null;
  exact: boolean;
  suffix: string;
  of: string;
  period: string;
  unit: string;
  course: [string, number][];
  against: { value: number | string | null; words: string } | null;
  summary: string;
}

const ARROWS = { up: "▲", down: "▼", same: "=" };
const SPARK = 44;

export default function MetricView({ view, size, dimmed }: ViewProps<MetricData>) {
  const change = changeOf(view);
  const width = size[0] - 32;
  const drawn = view.course.length > 1 && size[1] > 90;
  const line = drawn ? sparkline(view.course.map(([, value]) => value), width, SPARK) : null;
  const half = view.low !== null && view.high !== null && !view.exact ? (view.high - view.low) / 2 : null;
  return (
    <div className={cx(s.metric, Boolean(dimmed) && s.dim)} role="img" aria-label={view.summary}>
      <div className={s.of}>{view.of}{view.period && <span className={s.period}> {periodWords(view.period, view.unit)}</span>}</div>
      <div className={s.line}>
        <strong className={s.number}>{view.exact ? "" : "≈ "}{numberWords(view.value)}</strong>
        {view.suffix && <span className={s.suffix}>{view.suffix}</span>}
        {half !== null && <span className={s.interval}>±{numberWords(half)}</span>}
      </div>
      {change && <div className={s.change}><span aria-hidden>{ARROWS[change.way]}</span> {change.words} <span className={s.against}>against {periodWords(view.against?.words ?? "", view.unit)}</span></div>}
      {line && (
        <svg className={s.spark} width={width} height={SPARK} viewBox={`0 0 ${width} ${SPARK}`} aria-hidden>
          <path d={line.area} className={s.area} />
          <path d={line.path} className={s.path} />
          <circle cx={line.end[0]} cy={line.end[1]} r={3} className={s.end} />
        </svg>
      )}
    </div>
  );
}
