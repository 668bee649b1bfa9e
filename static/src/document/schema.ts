/** The shape of the shared document, and a reader that tolerates every missing or odd key. */
import * as Y from "yjs";

export type Point = [number, number];

export interface CellRecord {
  id: string;
  kind: string;
  pos: Point;
  size: Point;
  z: string;
  title: string;
  name: string;
  params: Record<string, unknown>;
  hasCode: boolean;
  mode: "auto" | "manual";
  /** Share of the body that the code takes, above the result. */
  split: number;
}

export interface EdgeRecord {
  id: string;
  from: string;
  fromPort: string;
  to: string;
  toPort: string;
}

export const SCHEMA_VERSION = 1;
export const MIN_SIZE: Point = [240, 120];
export const DEFAULT_SIZE: Point = [420, 280];
const MAX_SIZE = 4000;
const MAX_COORDINATE = 1_000_000;

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

function point(value: unknown, fallback: Point): Point {
  if (!Array.isArray(value)) return fallback;
  const [x, y] = value as unknown[];
  return typeof x === "number" && typeof y === "number" && Number.isFinite(x) && Number.isFinite(y) ? [x, y] : fallback;
}

const share = (value: unknown) => (typeof value === "number" && Number.isFinite(value) ? clamp(value, 0.15, 0.85) : 0.45);

const text = (value: unknown) => (typeof value === "string" ? value : "");

export function readCell(id: string, value: unknown): CellRecord | undefined {
  if (!(value instanceof Y.Map)) return undefined;
  const kind = value.get("kind");
  if (typeof kind !== "string" || kind === "") return undefined;
  const [x, y] = point(value.get("pos"), [0, 0]);
  const [w, h] = point(value.get("size"), DEFAULT_SIZE);
  const params = value.get("params");
  return {
    id,
    kind,
    pos: [clamp(x, -MAX_COORDINATE, MAX_COORDINATE), clamp(y, -MAX_COORDINATE, MAX_COORDINATE)],
    size: [clamp(w, MIN_SIZE[0], MAX_SIZE), clamp(h, 40, MAX_SIZE)],
    z: text(value.get("z")),
    title: text(value.get("title")),
    name: text(value.get("name")),
    params: params instanceof Y.Map ? (params.toJSON() as Record<string, unknown>) : {},
    hasCode: value.get("code") instanceof Y.Text,
    mode: value.get("mode") === "manual" ? "manual" : "auto",
    split: share(value.get("split")),
  };
}

export function readEdge(id: string, value: unknown): EdgeRecord | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const edge = (value instanceof Y.Map ? value.toJSON() : value) as Record<string, unknown>;
  const { from, fromPort, to, toPort } = edge;
  if (typeof from !== "string" || typeof to !== "string") return undefined;
  if (typeof fromPort !== "string" || typeof toPort !== "string") return undefined;
  return { id, from, fromPort, to, toPort };
}
