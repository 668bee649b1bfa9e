/** Bars for importance, pushes and terms: signed where signs matter, with whiskers where they are known. */
import { cx } from "../../theme";
import { slim, type ImportanceData } from "./data";
import s from "./explainer.module.css";

export interface SignedBar {
  name: string;
  hint?: string | null;
  value: number;
  error?: number;
}

const WORDS = { gain: "First answer, from the learners themselves", permutation: "Shuffled", shap: "Mean push" };

export function Importance({ data }: { data: ImportanceData }) {
  const most = Math.max(1e-12, ...data.bars.map((bar) => Math.max(bar.value, bar.high)));
  const at = (value: number) => `${(Math.max(0, value) / most) * 100}%`;
  return (
    <>
      <p className={s.words}>{WORDS[data.kind]}: {data.words}{data.kind === "permutation" && `, ${data.rounds} ${data.rounds === 1 ? "round" : "rounds; bars from least to most"}`}</p>
      <ul className={s.rows} aria-label="Importance">
        {data.bars.map((bar) => (
          <li key={bar.column} className={s.line}>
            <span className={s.name} title={bar.column}>{bar.column}</span>
            <span className={s.track} aria-hidden>
              <span className={s.bar} style={{ left: 0, width: at(bar.value) }} />
              {bar.high > bar.low && <span className={s.whisker} style={{ left: at(bar.low), width: `${((Math.max(0, bar.high) - Math.max(0, bar.low)) / most) * 100}%` }} />}
            </span>
            <span className={s.figure}>{slim(bar.value)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Bars left and right of nothing: rust raises, teal lowers. */
export function SignedBars({ bars, label, raises = "raises", lowers = "lowers" }: { bars: SignedBar[]; label: string; raises?: string; lowers?: string }) {
  const most = Math.max(1e-12, ...bars.map((bar) => Math.abs(bar.value) + (bar.error ?? 0)));
  const width = (value: number) => (Math.abs(value) / most) * 50;
  return (
    <>
      <div className={s.ends} aria-hidden><span>← {lowers}</span><span>{raises} →</span></div>
      <ul className={s.rows} aria-label={label}>
        {bars.map((bar) => (
          <li key={bar.name} className={s.line}>
            <span className={s.name} title={bar.hint ? `${bar.name} = ${bar.hint}` : bar.name}>{bar.name}{bar.hint !== undefined && <small> = {bar.hint ?? "missing"}</small>}</span>
            <span className={s.track} aria-hidden>
              <span className={s.zero} style={{ left: "50%" }} />
              <span className={cx(s.bar, bar.value > 0 && s.raises)} style={{ left: `${bar.value > 0 ? 50 : 50 - width(bar.value)}%`, width: `${width(bar.value)}%` }} />
              {bar.error !== undefined && <span className={s.whisker} style={{ left: `${50 + ((bar.value - bar.error) / most) * 50}%`, width: `${width(2 * bar.error)}%` }} />}
            </span>
            <span className={s.figure}>{slim(bar.value, true)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
