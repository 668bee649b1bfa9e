/** The ranked pipelines: score with the whiskers of its folds, times and size; a click picks what the model gives. */
import { Icon, cx } from "../../theme";
import { count } from "../../theme/format";
import { type LeaderRow, type LeaderboardData, scoreRange, scoreWords, sizeWords } from "./data";
import { Guards } from "./Guards";
import s from "./leaderboard.module.css";
import { pathOf } from "./plots";

const WIDE = 120;

export function Whiskers({ row, range, lead }: { row: LeaderRow; range: [number, number]; lead: boolean }) {
  const px = (v: number) => Math.min(WIDE - 3, Math.max(3, ((v - range[0]) / (range[1] - range[0] || 1)) * WIDE));
  const low = Math.min(...row.folds, row.score);
  const high = Math.max(...row.folds, row.score);
  const words = row.folds.length > 1 ? `folds from ${scoreWords(low)} to ${scoreWords(high)}` : row.family === "dummy" ? "no folds" : "one fold so far";
  return (
    <svg className={s.whiskers} viewBox={`0 0 ${WIDE} 14`} preserveAspectRatio="none" role="img" aria-label={words}>
      <path className={s.rail} d={`M0,7H${WIDE}`} />
      {row.folds.length > 1 && <path className={s.whisker} d={`M${px(low)},7H${px(high)}`} />}
      {row.family === "dummy" ? <path className={s.baseline} d={`M${px(row.score)},2V12`} /> : <ellipse className={lead ? s.dotLead : s.dot} cx={px(row.score)} cy={7} rx={3} ry={3.4} />}
    </svg>
  );
}

/** The score of the best pipeline so far, over time. */
function Progress({ view }: { view: LeaderboardData }) {
  const { curve } = view;
  if (curve.length < 2) return null;
  const xs = curve.map((p) => p.seconds);
  const ys = curve.map((p) => p.score);
  const [low, high] = [Math.min(...ys), Math.max(...ys)];
  const end = Math.max(xs.at(-1) ?? 1, view.elapsed ?? 0);
  const px = (v: number) => (v / (end || 1)) * 100;
  const py = (v: number) => 22 - ((v - low) / (high - low || 1)) * 20;
  return (
    <svg className={s.progress} viewBox="0 0 100 24" preserveAspectRatio="none" role="img" aria-label={`Best so far, from ${scoreWords(ys[0]!)} to ${scoreWords(ys.at(-1)!)}`}>
      <path d={`${pathOf(xs, ys, px, py)}L100,${py(ys.at(-1)!)}`} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}

function stateWords(view: LeaderboardData): string {
  const spent = `${(view.elapsed ?? 0).toFixed(1)} s`;
  const trials = `${count(view.trials ?? 0)} trials`;
  if (view.state === "starting") return "Reading the table";
  const of = view.budget.trials ? `${count(view.trials ?? 0)} of ${count(view.budget.trials)} trials, ${spent}` : `${spent} of ${view.budget.seconds} s, ${trials}`;
  if (view.state === "searching") return of;
  return view.state === "stopped" ? `Stopped early: ${of}` : `${trials} in ${spent}`;
}

interface BoardProps {
  cell: string;
  view: LeaderboardData;
  picked: string;
  onPick?: (id: string) => void;
}

export function Board({ cell, view, picked, onPick }: BoardProps) {
  const range = scoreRange(view.rows);
  const wrong = view.guards.filter((g) => g.severity === "error");
  const chosen = picked === "best" ? view.best : picked;
  return (
    <div className={s.board}>
      <div className={s.head}>
        <span className={s.state}>{stateWords(view)}</span>
        {view.test && <span>Locked rows: <b>{scoreWords(view.test.score)}</b> ({scoreWords(view.test.low)} to {scoreWords(view.test.high)})</span>}
        <Progress view={view} />
      </div>
      {wrong.length > 0 && <Guards cell={cell} guards={wrong} />}
      <table>
        <thead>
          <tr>
            <th scope="col">#</th>
            <th scope="col">Pipeline</th>
            <th scope="col" className={s.metric}>{view.metric.words}, {view.split.folds} folds{view.metric.greater_is_better ? "" : ", less is better"}</th>
            <th scope="col" className={s.number}>Mean</th>
            <th scope="col" className={s.number}>Fit</th>
            <th scope="col" className={s.number} title="Milliseconds to predict a thousand rows">1k rows</th>
            <th scope="col" className={s.number}>Size</th>
          </tr>
        </thead>
        <tbody>
          {view.rows.map((row) => {
            const can = onPick && (view.kept?.includes(row.id) || row.id === view.best);
            return (
              <tr key={row.id} data-pipeline={row.id} className={cx(row.id === chosen && s.chosen, (row.quick || row.family === "dummy" || !row.complete) && s.muted)}>
                <td>{row.rank}</td>
                <td className={s.name} title={row.name}>
                  {can ? <button type="button" aria-pressed={row.id === chosen} onClick={() => onPick(row.id === view.best ? "best" : row.id)}>{row.name}</button> : row.name}
                  {row.id === chosen && view.kept && <Icon name="check" />}
                </td>
                <td><Whiskers row={row} range={range} lead={row.id === view.best} /></td>
                <td className={s.number}>{scoreWords(row.score)}</td>
                <td className={s.number}>{row.family === "dummy" ? "" : `${row.fit_seconds.toFixed(1)} s`}</td>
                <td className={s.number}>{row.family === "dummy" ? "" : `${row.predict_ms.toFixed(1)} ms`}</td>
                <td className={s.number}>{row.family === "dummy" ? "" : sizeWords(row.bytes)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
