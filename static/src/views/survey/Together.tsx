/** What goes together: correlations as a shaded table, and what goes with the target, leaks first. */
import { useState } from "react";
import { cx } from "../../theme";
import { count } from "../../theme/format";
import type { Associations, SurveyData } from "./data";
import s from "./survey.module.css";

const KINDS = [["pearson", "Pearson", "numbers"], ["spearman", "Spearman", "numbers"], ["cramer", "Cramér's V", "categories"]] as const;

export function Correlations({ found, rows }: { found: Associations; rows: number }) {
  const offered = KINDS.filter(([key]) => found[key].length > 1);
  const [chosen, choose] = useState<string>("");
  const [key, title, side] = offered.find(([each]) => each === chosen) ?? offered[0] ?? [];
  if (!key || !side) return null;
  const names = found[side];
  const all = key === "pearson" || found.n >= rows;
  return (
    <section className={s.section} aria-label="Correlations">
      <div className={s.sectionHead}>
        <h3>Correlations</h3>
        <div role="group" aria-label="Measure" className={s.measures}>
          {offered.map(([each, label]) => (
            <button key={each} type="button" aria-pressed={each === key} className={cx(s.measure, "nodrag")} onClick={() => choose(each)}>{label}</button>
          ))}
        </div>
      </div>
      <div className={s.scrolling}>
        <table className={s.grid}>
          <caption className="visually-hidden">{title} of each pair of columns</caption>
          <thead><tr><td />{names.map((n) => <th key={n} scope="col" title={n}><span>{n}</span></th>)}</tr></thead>
          <tbody>
            {names.map((row, i) => (
              <tr key={row}>
                <th scope="row" title={row}>{row}</th>
                {names.map((column, j) => {
                  const value = found[key][i]?.[j] ?? null;
                  const tint = value === null || i === j ? undefined : { background: `color-mix(in oklab, var(${value < 0 ? "--data-2" : "--data-1"}) ${Math.round(Math.abs(value) * 60)}%, var(--surface))` };
                  return <td key={column} style={tint} className={i === j ? s.self : undefined}>{i === j ? "" : value === null ? "–" : value.toFixed(2)}</td>;
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className={s.small}>{all ? "From all rows" : `From ${count(found.n)} rows drawn at random`}</p>
    </section>
  );
}

const MEASURES: Record<string, string> = { pearson: "correlation", eta: "correlation ratio", cramer: "Cramér's V", missing: "whether it is missing" };

export function Target({ target }: { target: NonNullable<SurveyData["target"]> }) {
  return (
    <section className={s.section} aria-label={`What goes with ${target.column}`}>
      <div className={s.sectionHead}><h3>Goes with <code>{target.column}</code></h3></div>
      <ul className={s.withTarget}>
        {target.with.slice(0, 12).map((each) => (
          <li key={each.column}>
            <span className={s.name} title={each.column}>{each.column}</span>
            <span className={s.track} aria-hidden><span style={{ width: `${Math.abs(each.strength) * 100}%` }} /></span>
            <span className={s.number} title={MEASURES[each.measure]}>{each.strength.toFixed(2)}</span>
            {each.leak && <p className={s.leak}>{each.words}. Is it known before {target.column} is?</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}
