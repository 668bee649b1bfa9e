/** What a leaderboard view holds, and how its numbers are written. */
export interface LeaderRow {
  rank: number;
  id: string;
  name: string;
  family: string;
  score: number;
  folds: number[];
  complete: boolean;
  quick: boolean;
  fit_seconds: number;
  predict_ms: number;
  bytes: number;
  weight: number;
}

export interface Guard {
  kind: string;
  columns: string[];
  message: string;
  severity: "error" | "warn" | "info";
  fix: { label: string; params: Record<string, unknown> } | null;
}

export interface Thresholds {
  threshold: number[];
  true_positive: number[];
  false_negative: number[];
  false_positive: number[];
  true_negative: number[];
}

export interface Report {
  task: string;
  rows: number;
  scores: Record<string, number>;
  classes?: string[];
  confusion?: number[][];
  roc?: { false_positive: number[]; true_positive: number[] };
  precision_recall?: { precision: number[]; recall: number[] };
  calibration?: { said: number; came: number; low: number; high: number; rows: number }[];
  thresholds?: Thresholds;
  residuals?: { predicted: number[]; true: number[]; histogram: { edges: number[]; counts: number[] }; bias: number; spread: number };
}

export interface Versus {
  better_by: number;
  low: number;
  high: number;
  clear: boolean;
}

export interface Spot {
  id: string;
  name: string;
  score: number;
  predict_ms: number;
  best: boolean;
}

export interface LeaderboardData {
  type: "leaderboard";
  state: "ready" | "starting" | "searching" | "done" | "stopped";
  target: string;
  task: string;
  reason: string;
  table_rows: number;
  metric: { name: string; words: string; greater_is_better: boolean };
  split: { kind: string; test: number; folds: number; column: string };
  roles: Record<string, string[]>;
  guards: Guard[];
  budget: { seconds?: number; trials?: number };
  rows: LeaderRow[];
  curve: { seconds: number; trials: number; score: number }[];
  trials?: number;
  elapsed?: number;
  pipelines?: number;
  best?: string;
  test?: { score: number; low: number; high: number; rows: number } | null;
  kept?: string[];
  pareto?: Spot[];
  reports?: Record<string, Report>;
  code?: Record<string, string>;
  versus?: Record<string, Versus>;
  learning?: Learning | null;
}

/** The score of one pipeline by how many rows it learned from; each point on the same validated rows. */
export interface Learning {
  id: string;
  name: string;
  points: { rows: number; score: number; folds: number[] }[];
}

const TASKS: Record<string, string> = { binary: "yes or no", multiclass: "one of several classes", regression: "a number" };

export const taskWords = (task: string) => TASKS[task] ?? task;

/** Shares without their zero (".9312"), other scores in four digits. */
export function scoreWords(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (Math.abs(value) <= 1) return value.toFixed(4).replace(/^(-?)0\./, "$1.");
  return value.toLocaleString(undefined, { maximumSignificantDigits: 4 });
}

export function sizeWords(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.max(1, Math.round(bytes / 1000))} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

export function splitWords({ kind, folds, column }: LeaderboardData["split"]): string {
  if (kind === "time") return `${folds} folds in order of ${column}`;
  if (kind === "group") return `${folds} folds by ${column}`;
  return `${folds} folds by chance`;
}

/** The range that scores are drawn in: the folds of the leading pipelines, and the usual answer only if it is near. */
export function scoreRange(rows: readonly LeaderRow[]): [number, number] {
  const values = rows.filter((r) => r.family !== "dummy" && !r.quick).slice(0, 8).flatMap((r) => [r.score, ...r.folds]).filter(Number.isFinite);
  const all = values.length ? values : rows.map((r) => r.score).filter(Number.isFinite);
  const low = Math.min(...all);
  const high = Math.max(...all);
  const pad = (high - low || Math.abs(high) || 1) * 0.06;
  return [low - pad, high + pad];
}
