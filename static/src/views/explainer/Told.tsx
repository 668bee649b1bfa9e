/** The tabs in words: one row, what flips it, where the model errs, the model in rules. */
import { percent } from "../../theme/format";
import { SignedBars } from "./Bars";
import { slim, type ExplainerData, type FlipData, type Leaf, type RowData } from "./data";
import s from "./explainer.module.css";

function Said({ view, data }: { view: ExplainerData; data: RowData | FlipData }) {
  const word = typeof data.prediction === "number" ? slim(data.prediction) : data.prediction;
  return <p className={s.said}>Row {data.row}: {view.target} {word} {data.probability !== undefined && <span>({percent(data.probability)} {"wanted" in data ? data.wanted : view.label})</span>}</p>;
}

export function OneRow({ view, data }: { view: ExplainerData; data: RowData }) {
  const bars = [
    ...data.pushes.map((each) => ({ name: each.column, hint: each.value, value: each.push })),
    ...(data.others ? [{ name: `${data.others} other columns`, value: data.rest }] : []),
  ];
  return (
    <>
      <Said view={view} data={data} />
      <p className={s.words}>From {slim(data.base)}, the mean, to {slim(data.score)} on the {view.scale}{data.exact ? "" : " (sampled)"}</p>
      <SignedBars bars={bars} label="Pushes" />
      {data.line && (
        <>
          <h3 className={s.head}>Nearby, as a line</h3>
          <p className={s.words}>A line fitted to {data.line.samples.toLocaleString()} rows like this one; it follows {percent(Math.max(0, data.line.fit))} of what the model does there</p>
          <SignedBars label="Line" bars={data.line.terms.map((term) => ({ name: term.condition, value: term.weight, error: 1.96 * term.error }))} />
        </>
      )}
    </>
  );
}

export function Flips({ view, data }: { view: ExplainerData; data: FlipData }) {
  return (
    <>
      <Said view={view} data={data} />
      <p className={s.words}>The smallest changes found that make it {data.wanted}, with values seen in the data:</p>
      {data.ways.map((way, place) => (
        <div key={place} className={s.way}>
          <p>{way.changes.length === 1 ? "One change" : `${way.changes.length} changes`} → {view.classes.length ? `${percent(way.score)} ${data.wanted}` : slim(way.score)}</p>
          {way.changes.map((change) => (
            <div key={change.column} className={s.change}>{change.column}: <s>{change.before ?? "missing"}</s> → <strong>{change.after ?? "missing"}</strong></div>
          ))}
        </div>
      ))}
    </>
  );
}

export function Leaves({ leaves, note, share }: { leaves: Leaf[]; note: string; share: boolean }) {
  const most = Math.max(1e-12, ...leaves.map((leaf) => leaf.high));
  const least = Math.min(0, ...leaves.map((leaf) => leaf.low));
  const at = (value: number) => ((Math.max(least, value) - least) / (most - least)) * 100;
  const words = (value: number) => (share ? percent(Math.max(0, value)) : slim(value));
  return (
    <>
      <p className={s.words}>{note}</p>
      <ul className={s.rows} aria-label="Rules">
        {leaves.map((leaf) => (
          <li key={leaf.rule} className={s.leaf}>
            <span>{leaf.rule}<small>{percent(leaf.share)} of rows · {words(leaf.low)} to {words(leaf.high)}</small></span>
            <span className={s.track} aria-hidden>
              <span className={s.bar} style={{ left: 0, width: `${at(leaf.mean)}%` }} />
              <span className={s.whisker} style={{ left: `${at(leaf.low)}%`, width: `${at(leaf.high) - at(leaf.low)}%` }} />
            </span>
            <span className={s.figure}>{words(leaf.mean)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
