/** One row a column: what it holds at a glance; opened, its numbers and most frequent values. */
import { useState } from "react";
import { cx, Icon, TypeGlyph, typeWord } from "../../theme";
import { count, percent } from "../../theme/format";
import { bars, Profile, profileWords } from "../Profile";
import { factsOf, type Drift, type SurveyColumn } from "./data";
import s from "./survey.module.css";

function Top({ column, total }: { column: SurveyColumn; total: number }) {
  const top = column.top ?? [];
  if (!top.length) return null;
  const most = Math.max(1, ...top.map(([, n]) => n));
  return (
    <ul className={s.top} aria-label={`Most frequent values of ${column.name}`}>
      {top.map(([value, n], i) => (
        <li key={i}>
          <span className={s.value} title={String(value)}>{String(value)}</span>
          <span className={s.track} aria-hidden><span style={{ width: `${(n / most) * 100}%` }} /></span>
          <span className={s.number}>{percent(n / Math.max(1, total))}</span>
        </li>
      ))}
    </ul>
  );
}

/** The two tables' shares in the same bins, one line above the other's bars. */
function Both({ mine, theirs }: { mine: number[]; theirs: number[] }) {
  const shares = (counts: number[]) => { const all = Math.max(1, counts.reduce((a, b) => a + b, 0)); return bars(counts).map((n) => n / all); };
  const [a, b] = [shares(mine), shares(theirs)];
  const most = Math.max(...a, ...b, 1e-9);
  const x = (i: number) => (i / a.length) * 240;
  const line = b.map((v, i) => `${i ? "L" : "M"}${x(i)} ${56 - (v / most) * 54} L${x(i + 1)} ${56 - (v / most) * 54}`).join(" ");
  return (
    <svg className={s.both} viewBox="0 0 240 58" preserveAspectRatio="none" aria-hidden>
      {a.map((v, i) => <rect key={i} className={s.mine} x={x(i)} y={56 - (v / most) * 54} width={Math.max(1, 240 / a.length - 1)} height={(v / most) * 54} />)}
      <path className={s.theirs} d={line} />
    </svg>
  );
}

function Details({ column, rows, drift }: { column: SurveyColumn; rows: number; drift?: Drift }) {
  const mine = column.histogram?.counts ?? column.top?.map(([, n]) => n);
  return (
    <div className={s.details}>
      <dl className={s.facts}>{factsOf(column).map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
      <Top column={column} total={rows} />
      {drift?.counts && mine && (
        <figure className={s.figure}>
          <Both mine={mine} theirs={drift.counts} />
          <figcaption>Bars: this table. Line: the other one. {drift.words}{drift.index !== null && drift.index !== undefined ? `, stability index ${drift.index.toFixed(2)}` : ""}</figcaption>
        </figure>
      )}
    </div>
  );
}

export function ColumnRow({ column, rows, drift }: { column: SurveyColumn; rows: number; drift?: Drift }) {
  const [open, setOpen] = useState(false);
  const median = column.quantiles?.median;
  return (
    <li className={s.column}>
      <button type="button" className={cx(s.row, "nodrag")} aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name={open ? "chevron-down" : "chevron-right"} size={14} />
        <TypeGlyph type={column.type} />
        <span className={s.name} title={`${column.name}, ${typeWord(column.type)}`}>{column.name}</span>
        <span className={s.picture}><Profile profile={column} /></span>
        <span className={cx(s.number, column.missing > 0 && s.gaps)}>{column.missing > 0 ? percent(column.missing) : "–"}</span>
        <span className={s.number}>{column.unique ? "all" : column.distinct === null ? "–" : `${column.approx ? "≈ " : ""}${count(column.distinct, true)}`}</span>
        <span className={s.number}>{median === undefined ? "–" : String(Number(median.toPrecision(4)))}</span>
        {drift && <span className={cx(s.drift, s[drift.strength])}>{drift.strength === "none" ? "stayed" : drift.change || (drift.strength === "large" ? "moved far" : "moved")}</span>}
        <span className="visually-hidden">{profileWords(column)}</span>
      </button>
      {open && <Details column={column} rows={rows} drift={drift} />}
    </li>
  );
}

export function ColumnHeads({ compared }: { compared: boolean }) {
  return (
    <div className={cx(s.row, s.heads)} aria-hidden>
      <span /><span /><span className={s.name}>Column</span><span className={s.picture} /><span className={s.number}>Missing</span>
      <span className={s.number}>Different</span><span className={s.number}>Median</span>{compared && <span className={s.drift}>Other table</span>}
    </div>
  );
}
