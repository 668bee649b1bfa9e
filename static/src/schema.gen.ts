/** What the server tells the browser about kinds and cells, in TypeScript. */
export type State =
  | "not_run"
  | "needs_settings"
  | "queued"
  | "running"
  | "partial"
  | "done"
  | "cached"
  | "stale"
  | "error"
  | "stopped"
  | "blocked";

export interface CellStatus {
  type: "cell_status";
  cell: string;
  fingerprint: string;
  state: State;
  rev: number;
  run: string | null;
  fraction: number | null;
  reason: string;
  missing: string[];
  estimate_ms: number | null;
}

export interface ColumnInfo {
  name: string;
  type: string;
}

export interface CellSchema {
  type: "cell_schema";
  cell: string;
  fingerprint: string;
  outputs: Record<string, ColumnInfo[]>;
}

export interface CellStep {
  type: "cell_step";
  cell: string;
  fingerprint: string;
  run: string;
  step: number;
  final: boolean;
  fraction: number;
  view: Record<string, unknown> | null;
  view_ref: string | null;
  rows: number | null;
  columns: number | null;
  interval: string;
  note: string;
  elapsed_ms: number;
  finished_at: number | null;
}

export interface CellFailed {
  type: "cell_failed";
  cell: string;
  fingerprint: string;
  run: string | null;
  code: string;
  message: string;
  param: string | null;
  fix: { label?: string; params?: Record<string, unknown> } | null;
  detail: string;
}

export interface Diagnostics {
  type: "diagnostics";
  cells: Record<string, string[]>;
  edges: Record<string, string[]>;
}

export type CanvasEvent = CellStatus | CellSchema | CellStep | CellFailed | Diagnostics;

export type PortType = "table" | "model" | "predicate" | "value";

export type KindName = string;

export interface KindDeclaration {
  name: string;
  title: string;
  group: "Data" | "Prepare" | "Explore" | "Model";
  icon: string;
  shortcut: string;
  help: string;
  version: number;
  params: Record<string, unknown>;
  inputs: Record<string, PortType>;
  optional_inputs: string[];
  outputs: Record<string, PortType>;
  view: string;
  size: [number, number];
  code: string;
  lazy: boolean;
  dear: boolean;
  example: Record<string, unknown>;
}

export type ParamsOf<K extends KindName> = K extends string ? Record<string, unknown> : never;
