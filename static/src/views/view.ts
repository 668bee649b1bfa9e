/** The views a step may carry, as the server sends them, and what every view component is given. */
export interface ViewColumn {
  name: string;
  type: string;
}

export interface ColumnProfile {
  type: string;
  missing: number;
  distinct: number | null;
  approx?: boolean;
  unique?: boolean;
  histogram?: { edges: (number | string)[]; counts: number[] };
  top?: [unknown, number][];
  other?: number;
  min?: number | string | null;
  max?: number | string | null;
  mean?: number | null;
}

export interface TableViewData {
  type: "table";
  columns: ViewColumn[];
  rows: unknown[][];
  total: number | null;
  profile?: Record<string, ColumnProfile>;
  source?: Record<string, unknown>;
}

export interface FigureViewData {
  type: "figure";
  figure: { data?: Trace[]; layout?: Record<string, unknown> };
  marks?: number;
  level?: { n: number; N: number } | null;
  summary?: string;
  mark?: string;
  /** What was found, in words: shown under the chart. */
  words?: string[];
  /** The chart as a script; of exact charts only. */
  python?: string;
  /** How marks become conditions on columns. */
  brush?: BrushInfo;
}

/** One axis of a chart as the server planned it. */
export interface BrushAxis {
  column: string;
  type: string;
  how: "category" | "time" | "bins" | "value";
  unit: string;
  start?: number;
  width?: number;
  bins?: number;
  log?: boolean;
}

export interface BrushInfo {
  x: BrushAxis | null;
  y: BrushAxis | null;
  series: string | null;
  facet: string | null;
  /** Bars lie: x is on the vertical axis. */
  lying: boolean;
}

export type Trace = Record<string, unknown> & { type?: string; name?: string; meta?: unknown };

export type AnyView = { type: string } & Record<string, unknown>;

export interface ViewProps<T = AnyView> {
  cell: string;
  view: T;
  /** 0 = as it is; else the opacity left to marks of a stale or unfinished result. */
  dimmed?: 0 | 0.45 | 0.75;
  /** Width and height of the body in canvas units. */
  size: [number, number];
  /** False while the cell is not selected: no scrolling, no hovering, wheel goes to the canvas. */
  interactive: boolean;
}
