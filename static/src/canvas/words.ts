/** Words, icons and gauges of cell states, and numbers as people read them. */
import type { CellResult } from "../results/store";
import type { CellRecord } from "../document/schema";
import type { KindDeclaration, State } from "../schema.gen";

export type Tone = "quiet" | "accent" | "part" | "ok" | "warn" | "err";
export type GaugeStyle = "plain" | "dashed" | "filled" | "sweep" | "partial" | "full" | "faint" | "dotted" | "stopped";

export interface StateLook {
  icon: string;
  words: string;
  tone: Tone;
  gauge: GaugeStyle;
  fraction: number;
  busy: boolean;
  dimmed: 0 | 0.45 | 0.75;
}

const LOOKS: Record<State, Omit<StateLook, "fraction">> = {
  not_run: { icon: "circle-dashed", words: "Not run", tone: "quiet", gauge: "plain", busy: false, dimmed: 0 },
  needs_settings: { icon: "triangle-alert", words: "Needs settings", tone: "warn", gauge: "plain", busy: false, dimmed: 0.45 },
  queued: { icon: "clock", words: "Queued", tone: "quiet", gauge: "dashed", busy: true, dimmed: 0.45 },
  running: { icon: "ring", words: "Running", tone: "accent", gauge: "filled", busy: true, dimmed: 0.45 },
  partial: { icon: "half", words: "Partial", tone: "part", gauge: "partial", busy: true, dimmed: 0 },
  done: { icon: "check", words: "Done", tone: "ok", gauge: "full", busy: false, dimmed: 0 },
  cached: { icon: "zap", words: "Cached", tone: "ok", gauge: "faint", busy: false, dimmed: 0 },
  stale: { icon: "rotate-cw", words: "Stale", tone: "warn", gauge: "dotted", busy: false, dimmed: 0.75 },
  error: { icon: "triangle-alert", words: "Error", tone: "err", gauge: "full", busy: false, dimmed: 0.45 },
  stopped: { icon: "square", words: "Stopped", tone: "quiet", gauge: "stopped", busy: false, dimmed: 0.75 },
  blocked: { icon: "lock", words: "Waiting", tone: "warn", gauge: "plain", busy: false, dimmed: 0.45 },
};

export const percent = (share: number) => `${Math.max(0, Math.min(100, Math.floor(share * 100)))}%`;

/** A gauge is bright for as long as its end is news; drawn faint from then on, so that cards scrolled into view animate nothing. */
const NEWS = 5_000;

export function lookOf(result: CellResult, now = Date.now()): StateLook {
  const look = LOOKS[result.state] ?? LOOKS.not_run;
  const known = result.fraction !== null;
  const fraction = result.fraction ?? 0;
  if (result.state === "running" && !known) return { ...look, gauge: "sweep", fraction: 0.3 };
  const old = result.state === "done" && now - (result.step?.finished_at ?? now / 1_000) * 1_000 > NEWS;
  return { ...look, gauge: old ? "faint" : look.gauge, words: wordsOf(result, look.words), fraction };
}

function wordsOf({ state, fraction, missing }: CellResult, plain: string): string {
  if (state === "needs_settings" && missing.length) return `${missing.length} ${missing.length === 1 ? "setting" : "settings"} missing`;
  if (fraction === null) return plain;
  if (state === "running") return percent(fraction);
  if (state === "partial") return `${fraction < 0.01 ? "Under 1%" : percent(fraction)} of rows`;
  if (state === "stopped" && fraction > 0 && fraction < 1) return `Stopped at ${percent(fraction)}`;
  return plain;
}

/** The name of a card for people who hear it: "Chart, Churn by tenure, partial, 38 percent of rows". */
export function spokenName(kind: KindDeclaration | undefined, cell: CellRecord, result: CellResult): string {
  const name = `${kind?.title ?? cell.kind}, ${cell.title || "untitled"}`;
  if (kind && !kind.computes) return name;
  const look = lookOf(result);
  const words = look.words.toLowerCase().replace("%", " percent");
  const state = result.state === "partial" ? `partial, ${words}` : result.state === "running" && result.fraction !== null ? `running, ${words}` : words;
  return `${name}, ${state}`;
}

export type LinkLook = "error" | "flowing" | "stale" | "lineage" | "other" | "rest";

/** How a link is drawn, by the states of its ends and by what is selected. */
export function lookOfLink(lineage: ReadonlySet<string>, source: string, target: string, stateOf: (cell: string) => State): LinkLook {
  const to = stateOf(target);
  if (stateOf(source) === "error") return "error";
  if (to === "running" || to === "partial") return "flowing";
  if (to === "stale") return "stale";
  if (lineage.has(source) && lineage.has(target)) return "lineage";
  return lineage.size > 1 ? "other" : "rest";
}

const whole = new Intl.NumberFormat();
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

export const count = (n: number) => whole.format(n);
export const shortCount = (n: number) => (n > 99_999 ? short.format(n) : whole.format(n));

export function duration(ms: number): string {
  if (ms < 1_000) return `${(ms / 1_000).toFixed(2)} s`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

export function clock(seconds: number): string {
  return new Date(seconds * 1_000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

/** "2,104,331 rows × 14", or nothing when neither is known. */
export function shape(rows: number | null, columns: number | null): string {
  if (rows === null) return "";
  const words = `${count(rows)} ${rows === 1 ? "row" : "rows"}`;
  return columns === null ? words : `${words} × ${columns}`;
}
