/** A column's values at a glance: bars for numbers and dates, one stacked bar for words, a word for ids. */
import { count, percent } from "../theme/format";
import s from "./profile.module.css";
import type { ColumnProfile } from "./view";

const W = 96;
const H = 18;
const MAX_BARS = 24;

/** Bin counts folded to at most 24 bars. */
export function bars(counts: readonly number[]): number[] {
  const per = Math.ceil(counts.length / MAX_BARS);
  const out: number[] = [];
  for (let i = 0; i < counts.length; i += per) out.push(counts.slice(i, i + per).reduce((a, b) => a + b, 0));
  return out;
}

function Bars({ counts, edges }: { counts: number[]; edges: (number | string)[] }) {
  const drawn = bars(counts);
  const most = Math.max(1, ...drawn);
  const step = W / drawn.length;
  const per = Math.ceil(counts.length / MAX_BARS);
  return drawn.map((n, i) => {
    const h = n === 0 ? 0 : Math.max(1, (n / most) * H);
    return (
      <rect key={i} x={i * step} y={H - h} width={Math.max(1, step - 1)} height={h} className={s.bar}>
        <title>{`${edges[i * per] ?? ""} to ${edges[Math.min(edges.length - 1, (i + 1) * per)] ?? ""}: ${count(n)}`}</title>
      </rect>
    );
  });
}

function Stack({ top, other = 0 }: { top: [unknown, number][]; other?: number }) {
  const parts = [...top.slice(0, 3), ...(other > 0 || top.length > 3 ? [["other", other + top.slice(3).reduce((a, [, n]) => a + n, 0)] as [unknown, number]] : [])];
  const all = Math.max(1, parts.reduce((a, [, n]) => a + n, 0));
  let x = 0;
  return parts.map(([value, n], i) => {
    const w = (n / all) * W;
    const rect = (
      <rect key={i} x={x} y={4} width={Math.max(0, w - 0.75)} height={H - 4} className={i === top.slice(0, 3).length ? s.other : s[`part${i + 1}`]}>
        <title>{`${String(value ?? "missing")}: ${count(n)}, ${percent(n / all)}`}</title>
      </rect>
    );
    x += w;
    return rect;
  });
}

/** The same facts in words, for screen readers and the tooltip. */
export function profileWords(p: ColumnProfile): string {
  const parts: string[] = [];
  if (p.unique) parts.push("all different");
  else if (p.distinct !== null && p.distinct !== undefined) parts.push(`${p.approx ? "about " : ""}${count(p.distinct)} different`);
  if (p.min !== null && p.min !== undefined && p.max !== null && p.max !== undefined) parts.push(`${p.min} to ${p.max}`);
  parts.push(p.missing > 0 ? `${percent(p.missing)} missing` : "none missing");
  return parts.join(", ");
}

export function Profile({ profile }: { profile: ColumnProfile }) {
  const { histogram, top, unique } = profile;
  if (unique && !histogram) return <span className={s.word}>unique</span>;
  if (!histogram?.counts.length && !top?.length) return <span className={s.word}>{profile.missing >= 1 ? "empty" : ""}</span>;
  return (
    <svg className={s.profile} viewBox={`0 0 ${W} ${H}`} preserveAspectRatio="none" aria-hidden>
      {histogram?.counts.length ? <Bars counts={histogram.counts} edges={histogram.edges} /> : <Stack top={top ?? []} other={profile.other} />}
    </svg>
  );
}
