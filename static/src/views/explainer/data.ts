/** What an explainer cell shows, as the server sends it. */
export interface Bar {
  column: string;
  value: number;
  low: number;
  high: number;
}

export interface ImportanceData {
  kind: "gain" | "permutation" | "shap";
  words: string;
  rounds: number;
  bars: Bar[];
}

/** Push, shade from low to high (null for words and gaps), row number. */
export type Dot = [number, number | null, number];

export interface BeeswarmData {
  lanes: { column: string; mean: number; dots: Dot[] }[];
  rows: number;
  exact: boolean;
}

export interface DependenceData {
  columns: string[];
  grid: (string | number | boolean | null)[][];
  roles: string[];
  mean: number[] | number[][];
  curves?: number[][];
  rows: number;
}

export interface RowData {
  row: number;
  base: number;
  score: number;
  rest: number;
  others: number;
  exact: boolean;
  prediction: string | number;
  probability?: number;
  pushes: { column: string; value: string | null; push: number }[];
  line?: { terms: { condition: string; weight: number; error: number }[]; fit: number; samples: number };
}

export interface FlipData {
  row: number;
  wanted: string;
  fixed: string[];
  prediction: string | number;
  probability?: number;
  values: Record<string, string | null>;
  ways: { score: number; changes: { column: string; before: string | null; after: string | null }[] }[];
}

export interface Leaf {
  rule: string;
  rows: number;
  share: number;
  mean: number;
  low: number;
  high: number;
}

export interface ExplainerData {
  type: "explainer";
  show: string;
  target: string;
  task: string;
  label: string | null;
  classes: string[];
  columns: string[];
  rows: number;
  on: string;
  scale: string;
  importance?: ImportanceData;
  beeswarm?: BeeswarmData;
  dependence?: DependenceData;
  row?: RowData;
  counterfactual?: FlipData;
  segments?: { leaves: Leaf[]; overall: number; words: string };
  surrogate?: { leaves: Leaf[]; fidelity: number; words: string };
}

export const TABS: readonly [string, string][] = [
  ["importance", "Importance"], ["beeswarm", "Beeswarm"], ["dependence", "Dependence"], ["row", "One row"],
  ["counterfactual", "What flips it"], ["segments", "Where it errs"], ["surrogate", "In rules"],
];

/** A number with three digits that matter, and its sign when asked. */
export function slim(value: number, signed = false): string {
  const text = value.toLocaleString(undefined, { maximumSignificantDigits: 3 });
  return signed && value > 0 ? `+${text}` : text;
}

/** Where dots of one lane stand, so that they do not cover each other: offsets from the middle, −1 to 1. */
export function swarm(xs: readonly number[], width: number): number[] {
  const stacks = new Map<number, number>();
  const bins = xs.map((x) => Math.round(x / width));
  const most = Math.max(1, ...bins.map((bin) => bins.filter((other) => other === bin).length));
  return bins.map((bin) => {
    const n = stacks.get(bin) ?? 0;
    stacks.set(bin, n + 1);
    const side = n % 2 === 0 ? 1 : -1;
    return (side * Math.ceil(n / 2)) / Math.max(4, most / 2);
  });
}
