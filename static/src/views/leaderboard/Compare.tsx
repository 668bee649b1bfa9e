/** Quality against prediction time, and how sure it is that the best is better than the others. */
import { type LeaderboardData, scoreWords } from "./data";
import s from "./leaderboard.module.css";

const W = 590;
const H = 220;
/** Room to the right of the last dot, for its name. */
const NAMES = 220;
const LONGEST = 34;

const short = (name: string) => (name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name);

export function Compare({ view }: { view: LeaderboardData }) {
  const spots = view.pareto ?? [];
  if (!spots.length) return <p className={s.note}>The comparison is drawn when the search ends.</p>;
  const times = spots.map((p) => Math.max(p.predict_ms, 0.01));
  const lo = Math.log10(Math.min(...times)) - 0.1;
  const hi = Math.log10(Math.max(...times)) + 0.1;
  const scores = spots.map((p) => p.score);
  const [low, high] = [Math.min(...scores), Math.max(...scores)];
  const up = view.metric.greater_is_better;
  const px = (ms: number) => 52 + ((Math.log10(Math.max(ms, 0.01)) - lo) / (hi - lo || 1)) * (W - 52 - NAMES);
  const py = (v: number) => 12 + (up ? (high - v) / (high - low || 1) : (v - low) / (high - low || 1)) * (H - 50);
  const front = spots.filter((p) => p.best).sort((a, b) => a.predict_ms - b.predict_ms);
  // Names only where they do not run into one another; the others tell theirs when pointed at.
  const named = front.slice().reverse().filter((p, i, all) => all.slice(0, i).every((o) => Math.abs(py(o.score) - py(p.score)) > 14));
  return (
    <div className={s.section}>
      <svg className={s.pareto} viewBox={`0 0 ${W} ${H}`} role="img" aria-label={`${view.metric.words} against prediction time; ${front.map((p) => p.name).join(", ")} are not beaten in both`}>
        <path className={s.axis} d={`M46,6V${H - 28}H${W - NAMES + 12}`} />
        <text x={42} y={16} textAnchor="end">{scoreWords(up ? high : low)}</text>
        <text x={42} y={H - 34} textAnchor="end">{scoreWords(up ? low : high)}</text>
        <text x={(W - NAMES + 46) / 2} y={H - 6} textAnchor="middle">Milliseconds for 1,000 rows ({Math.min(...times).toFixed(1)} to {Math.max(...times).toFixed(1)})</text>
        <path className={s.front} d={front.map((p, i) => `${i ? "L" : "M"}${px(p.predict_ms)},${py(p.score)}`).join("")} />
        {spots.map((p) => <circle key={p.id} className={p.best ? s.dotLead : s.dot} cx={px(p.predict_ms)} cy={py(p.score)} r={4}><title>{`${p.name}: ${scoreWords(p.score)}, ${p.predict_ms.toFixed(1)} ms`}</title></circle>)}
        {named.map((p) => <text key={p.id} x={px(p.predict_ms) + 6} y={py(p.score) + 14}>{short(p.name)}</text>)}
      </svg>
      <ul className={s.versus}>
        {Object.entries(view.versus ?? {}).map(([id, said]) => (
          <li key={id}>
            The best is {said.clear ? "clearly" : "not clearly"} better than <b>{view.rows.find((r) => r.id === id)?.name ?? id}</b>: by {scoreWords(said.better_by)}{" "}
            <span className={s.quiet}>({scoreWords(said.low)} to {scoreWords(said.high)} at 95%, on the same rows)</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
