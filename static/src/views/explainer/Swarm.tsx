/** A beeswarm: one dot for each row and column, pushed left or right, shaded from low to high values. */
import { slim, swarm, type BeeswarmData } from "./data";
import s from "./explainer.module.css";

const LANE = 24;
const NAMES = 120;
const RIGHT = 8;

export function Swarm({ data, width, scale, onRow }: { data: BeeswarmData; width: number; scale: string; onRow?: (row: number) => void }) {
  const all = data.lanes.flatMap((lane) => lane.dots.map((dot) => dot[0]));
  const [low, high] = [Math.min(0, ...all), Math.max(0, ...all)];
  const x = (value: number) => NAMES + ((value - low) / (high - low || 1)) * (width - NAMES - RIGHT);
  const height = data.lanes.length * LANE;
  return (
    <>
      <p className={s.words}>Push of each value on the {scale}, {data.rows} rows{data.exact ? "" : ", sampled"}. <Shades /></p>
      <svg className={s.svg} viewBox={`0 0 ${width} ${height + 18}`} role="group" aria-label={`Beeswarm of ${data.lanes.length} columns`}>
        <line className={s.axis} x1={x(0)} x2={x(0)} y1={0} y2={height} />
        {data.lanes.map((lane, place) => {
          const y = place * LANE + LANE / 2;
          const offsets = swarm(lane.dots.map((dot) => x(dot[0])), 4);
          return (
            <g key={lane.column}>
              <line className={s.hair} x1={NAMES} x2={width - RIGHT} y1={y} y2={y} />
              <text className={s.label} x={0} y={y + 4}>{lane.column.length > 15 ? `${lane.column.slice(0, 14)}…` : lane.column}<title>{`${lane.column}: mean push ${slim(lane.mean)}`}</title></text>
              {lane.dots.map((dot, i) => (
                // Rows are also reached with the row field of “One row”; a thousand tab stops would help nobody.
                 
                <circle key={dot[2]} className={s.dot} cx={x(dot[0])} cy={y + (offsets[i] ?? 0) * (LANE / 2 - 3)} r={2.6} style={{ fill: shade(dot[1]) }} onClick={onRow && (() => onRow(dot[2]))} data-row={dot[2]}>
                  <title>{`Row ${dot[2]}: ${slim(dot[0], true)}`}</title>
                </circle>
              ))}
            </g>
          );
        })}
        <text className={s.tick} x={NAMES} y={height + 14}>{slim(low)} lowers</text>
        <text className={s.tick} x={width - RIGHT} y={height + 14} textAnchor="end">raises {slim(high, true)}</text>
      </svg>
    </>
  );
}

function shade(share: number | null): string {
  return share === null ? "var(--ink-3)" : `color-mix(in oklab, var(--data-2) ${Math.round(share * 100)}%, var(--data-1))`;
}

function Shades() {
  return <span>Low values <span aria-hidden style={{ color: shade(0) }}>●</span> to high <span aria-hidden style={{ color: shade(1) }}>●</span>, words <span aria-hidden style={{ color: shade(null) }}>●</span></span>;
}
