/** How the picked pipeline does on rows it did not learn from: every fold's validated rows together. */
import { count } from "../../theme/format";
import { Costs } from "./Costs";
import { type Learning, type LeaderboardData, type Report, scoreWords } from "./data";
import s from "./leaderboard.module.css";
import { Plot, SHARE, ShareCurve, pathOf, rangeOf } from "./plots";

export function Evaluation({ view, picked }: { view: LeaderboardData; picked: string }) {
  const id = picked === "best" ? (view.best ?? "") : picked;
  const report = view.reports?.[id];
  if (!report) return <p className={s.note}>{view.reports ? "Only the leading pipelines are evaluated. Pick one of them in the leaderboard." : "The evaluation is ready when the search ends."}</p>;
  return (
    <div className={s.section}>
      <p className={s.scores}>
        {Object.entries(report.scores).map(([name, value]) => <span key={name}>{name.replace(/_/g, " ")} <b>{scoreWords(value)}</b></span>)}
        <span className={s.quiet}>{count(report.rows)} rows, each judged by a model that did not see it</span>
      </p>
      <div className={s.plots}>
        {report.confusion && <Confusion table={report.confusion} classes={report.classes ?? []} />}
        {report.roc && <ShareCurve title="ROC" xs={report.roc.false_positive} ys={report.roc.true_positive} x="false positives" y="true positives" diagonal />}
        {report.precision_recall && <ShareCurve title="Precision and recall" xs={report.precision_recall.recall} ys={report.precision_recall.precision} x="recall" y="precision" />}
        {report.calibration && <Calibration bins={report.calibration} />}
        {report.residuals && <Residuals said={report.residuals} />}
        {view.learning && <LearningCurve said={view.learning} metric={view.metric.words} />}
        {report.thresholds && <Costs counts={report.thresholds} classes={report.classes ?? []} />}
      </div>
    </div>
  );
}

function Confusion({ table, classes }: { table: number[][]; classes: readonly string[] }) {
  const most = 12;
  return (
    <figure className={s.plot}>
      <figcaption>Confusion</figcaption>
      <table className={s.confusion}>
        <thead>
          <tr><th scope="col"><span className={s.quiet}>true, said</span></th>{classes.slice(0, most).map((c) => <th key={c} scope="col">{c}</th>)}</tr>
        </thead>
        <tbody>
          {table.slice(0, most).map((row, i) => {
            const total = row.reduce((a, b) => a + b, 0) || 1;
            return (
              <tr key={classes[i]}>
                <th scope="row">{classes[i]}</th>
                {row.slice(0, most).map((n, j) => <td key={classes[j]} style={{ "--share": `${Math.round((n / total) * 70)}%` } as React.CSSProperties}>{count(n)}</td>)}
              </tr>
            );
          })}
        </tbody>
      </table>
    </figure>
  );
}

function Calibration({ bins }: { bins: NonNullable<Report["calibration"]> }) {
  return (
    <Plot title="Calibration" x={{ label: "said", range: SHARE }} y={{ label: "came", range: SHARE }}>
      {(px, py) => (
        <>
          <path className={s.chance} d={`M${px(0)},${py(0)}L${px(1)},${py(1)}`} />
          {bins.map((b) => <path key={b.said} className={s.whisker} d={`M${px(b.said)},${py(b.low)}V${py(b.high)}`} />)}
          {bins.map((b) => <circle key={b.said} className={s.dotLead} cx={px(b.said)} cy={py(b.came)} r={2.6} />)}
        </>
      )}
    </Plot>
  );
}

/** Still rising at its end, more rows would help; flat, they would not. */
function LearningCurve({ said, metric }: { said: Learning; metric: string }) {
  const { points } = said;
  const xs = points.map((p) => p.rows);
  return (
    <Plot title={`Learning curve, ${metric}`} x={{ label: "rows learned from", range: [0, Math.max(...xs)] }} y={{ label: "score", range: rangeOf(points.flatMap((p) => [p.score, ...p.folds])) }}>
      {(px, py) => (
        <>
          <title>{said.name}</title>
          {points.map((p) => <path key={`w${p.rows}`} className={s.whisker} d={`M${px(p.rows)},${py(Math.min(...p.folds))}V${py(Math.max(...p.folds))}`} />)}
          <path className={s.curve} d={pathOf(xs, points.map((p) => p.score), px, py)} />
          {points.map((p) => <circle key={p.rows} className={s.dotLead} cx={px(p.rows)} cy={py(p.score)} r={2.6}><title>{`${count(p.rows)} rows: ${scoreWords(p.score)}`}</title></circle>)}
        </>
      )}
    </Plot>
  );
}

function Residuals({ said }: { said: NonNullable<Report["residuals"]> }) {
  const range = rangeOf(said.predicted, said.true);
  const { edges, counts } = said.histogram;
  return (
    <>
      <Plot title="Predicted and true" x={{ label: "predicted", range }} y={{ label: "true", range }}>
        {(px, py) => (
          <>
            {said.predicted.map((p, i) => <circle key={i} className={s.mark} cx={px(p)} cy={py(said.true[i] ?? 0)} r={1.6} />)}
            <path className={s.chance} d={`M${px(range[0])},${py(range[0])}L${px(range[1])},${py(range[1])}`} />
          </>
        )}
      </Plot>
      <Plot title="Errors" x={{ label: "predicted − true", range: [edges[0] ?? 0, edges.at(-1) ?? 1] }} y={{ label: "rows", range: [0, Math.max(...counts)] }}>
        {(px, py) => counts.map((n, i) => <rect key={i} className={s.bar} x={px(edges[i] ?? 0)} width={Math.max(0.5, px(edges[i + 1] ?? 0) - px(edges[i] ?? 0) - 0.5)} y={py(n)} height={py(0) - py(n)} />)}
      </Plot>
    </>
  );
}
