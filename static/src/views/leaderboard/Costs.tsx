/** The threshold of a yes-or-no model, chosen by what mistakes cost. */
import { useState } from "react";
import { NumberField } from "../../theme";
import type { Thresholds } from "./data";
import s from "./leaderboard.module.css";
import { Plot, pathOf, rangeOf } from "./plots";

export function Costs({ counts, classes }: { counts: Thresholds; classes: readonly string[] }) {
  const [miss, setMiss] = useState(5);
  const [alarm, setAlarm] = useState(1);
  const rows = (counts.true_positive[0] ?? 0) + (counts.false_positive[0] ?? 0) + (counts.true_negative[0] ?? 0) + (counts.false_negative[0] ?? 0);
  const cost = counts.threshold.map((_, i) => (miss * (counts.false_negative[i] ?? 0) + alarm * (counts.false_positive[i] ?? 0)) / (rows || 1));
  const best = cost.indexOf(Math.min(...cost));
  const yes = classes[1] ?? "yes";
  return (
    <div className={s.costs}>
      <Plot title="Threshold by cost" x={{ label: "threshold", range: [0, 1] }} y={{ label: "cost a row", range: rangeOf([0], cost) }}>
        {(px, py) => (
          <>
            <path className={s.chance} d={`M${px(counts.threshold[best] ?? 0.5)},${py(0)}V8`} />
            <path className={s.curve} d={pathOf(counts.threshold, cost, px, py)} />
          </>
        )}
      </Plot>
      <div className={s.form}>
        <label>A missed “{yes}” costs <NumberField value={miss} min={0} onChange={(v) => setMiss(v ?? 0)} aria-label={`Cost of a missed ${yes}`} /></label>
        <label>A false “{yes}” costs <NumberField value={alarm} min={0} onChange={(v) => setAlarm(v ?? 0)} aria-label={`Cost of a false ${yes}`} /></label>
        <p>Say “{yes}” from <b>{counts.threshold[best]?.toFixed(2)}</b> on: {counts.true_positive[best]} found, {counts.false_negative[best]} missed, {counts.false_positive[best]} false, of {rows} rows.</p>
      </div>
    </div>
  );
}
