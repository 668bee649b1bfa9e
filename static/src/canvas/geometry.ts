/** Where ports sit, which side a link docks on, and rectangles of cells; pure numbers. */
import type { CellRecord, EdgeRecord, Point } from "../document/schema";
import { PARAM } from "../document/ports";
import type { KindDeclaration, PortType } from "../schema.gen";

export type Side = "left" | "right" | "top" | "bottom";
export interface Box {
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface PortSpot {
  /** Handle id: "out:table" on its own side, "out:table@bottom" where a stacked neighbour makes it dock elsewhere. */
  handle: string;
  way: "in" | "out";
  port: string;
  type: PortType;
  side: Side;
  x: number;
  y: number;
  connected: boolean;
}

const FILTERS = "filters";
export const SNAP = 10;
export const PORT = 24;

export const snap = (value: number) => Math.round(value / SNAP) * SNAP;

export function boxOf(cell: CellRecord): Box {
  return { x: cell.pos[0], y: cell.pos[1], w: cell.size[0], h: cell.size[1] };
}

/** The smallest box around boxes; undefined for none. */
export function bounds(boxes: Iterable<Box>): Box | undefined {
  let left = Infinity;
  let top = Infinity;
  let right = -Infinity;
  let bottom = -Infinity;
  for (const box of boxes) {
    left = Math.min(left, box.x);
    top = Math.min(top, box.y);
    right = Math.max(right, box.x + box.w);
    bottom = Math.max(bottom, box.y + box.h);
  }
  return left === Infinity ? undefined : { x: left, y: top, w: right - left, h: bottom - top };
}

/** Whether boxes touch; lines have boxes without width or height. */
export function overlap(a: Box, b: Box): boolean {
  return a.x <= b.x + b.w && a.x + a.w >= b.x && a.y <= b.y + b.h && a.y + a.h >= b.y;
}

/** Height of what stands at the bottom of the surface. */
const BOTTOM = 124;

/** The transform that shows a box centred in a screen area, with air around it. */
export function fitTransform(box: Box, width: number, height: number, max = 1, air = 48): [number, number, number] {
  const zoom = Math.min(max, Math.max(0.05, Math.min((width - air * 2) / box.w, (height - air * 2) / box.h)));
  const middle = height / 2 - (box.y + box.h / 2) * zoom;
  // Up as far as there is room, so that the tools and the map at the bottom cover nothing.
  const up = Math.max(0, Math.min(middle + box.y * zoom - air / 2, middle + (box.y + box.h) * zoom - (height - BOTTOM)));
  return [width / 2 - (box.x + box.w / 2) * zoom, middle - up, zoom];
}

/** Sides a link leaves and arrives on: right to left, or bottom to top where the cells are stacked. */
export function dock(from: Box, to: Box): [Side, Side] {
  const overlap = Math.min(from.x + from.w, to.x + to.w) - Math.max(from.x, to.x);
  if (overlap < Math.min(from.w, to.w) * 0.4) return ["right", "left"];
  if (to.y >= from.y + from.h) return ["bottom", "top"];
  if (from.y >= to.y + to.h) return ["top", "bottom"];
  return ["right", "left"];
}

const OWN_SIDE = { in: "left", out: "right" } as const;

export function handleId(way: "in" | "out", port: string, side: Side): string {
  return side === OWN_SIDE[way] ? `${way}:${port}` : `${way}:${port}@${side}`;
}

export function readHandle(handle: string): { way: "in" | "out"; port: string } {
  const [way, rest = ""] = handle.split(/:(.*)/s);
  return { way: way === "in" ? "in" : "out", port: rest.split("@")[0] ?? "" };
}

/** All port spots of a cell, given the sides its links dock on ("out:table" -> sides). */
export function portSpots(kind: KindDeclaration | undefined, size: Point, docked: ReadonlyMap<string, ReadonlySet<Side>>): PortSpot[] {
  const wanted: Omit<PortSpot, "x" | "y">[] = [];
  for (const way of ["in", "out"] as const) {
    const ports = (way === "in" ? kind?.inputs : kind?.outputs) ?? {};
    for (const [port, type] of Object.entries(ports)) {
      const sides = docked.get(`${way}:${port}`);
      // Filter links come to any cell that reads a table: their port shows where one does.
      if (way === "in" && port === FILTERS && !sides) continue;
      for (const side of sides ?? [OWN_SIDE[way]]) {
        wanted.push({ handle: handleId(way, port, side), way, port, type, side, connected: sides !== undefined });
      }
    }
  }
  for (const [key, sides] of docked) {
    const port = key.slice("in:".length);
    if (!key.startsWith(`in:${PARAM}`)) continue;
    for (const side of sides) wanted.push({ handle: handleId("in", port, side), way: "in", port, type: "value", side, connected: true });
  }
  return wanted.map((spot) => {
    const peers = wanted.filter((each) => each.side === spot.side);
    return { ...spot, ...place(spot.side, (peers.indexOf(spot) + 1) / (peers.length + 1), size) };
  });
}

function place(side: Side, share: number, [w, h]: Point): { x: number; y: number } {
  if (side === "left") return { x: 0, y: h * share };
  if (side === "right") return { x: w, y: h * share };
  return { x: w * share, y: side === "top" ? 0 : h };
}

/** The nearest box in a direction from another, for arrow keys: near along the way, and little off to the side. */
export function nearest(from: Box, others: Iterable<[string, Box]>, way: "left" | "right" | "up" | "down"): string | undefined {
  let best: string | undefined;
  let least = Infinity;
  for (const [id, box] of others) {
    const dx = box.x + box.w / 2 - from.x - from.w / 2;
    const dy = box.y + box.h / 2 - from.y - from.h / 2;
    const along = way === "left" ? -dx : way === "right" ? dx : way === "up" ? -dy : dy;
    const off = way === "left" || way === "right" ? Math.abs(dy) : Math.abs(dx);
    const cost = along + off * 2;
    if (along > 1 && cost < least) [least, best] = [cost, id];
  }
  return best;
}

/** A free place for a new cell: to the right of one, else below, stepping down past what is there. */
export function freePlace(beside: Box, size: Point, taken: Iterable<Box>): Point {
  const boxes = [...taken];
  const x = snap(beside.x + beside.w + 60);
  let y = snap(beside.y);
  const hit = () => boxes.find((b) => x < b.x + b.w + 20 && x + size[0] + 20 > b.x && y < b.y + b.h + 20 && y + size[1] + 20 > b.y);
  for (let other = hit(); other; other = hit()) y = snap(other.y + other.h + 40);
  return [x, y];
}

/** Sides of every port in use, by cell and then by "out:table". */
export function docking(edges: readonly EdgeRecord[], box: (cell: string) => Box | undefined) {
  const cells = new Map<string, Map<string, Set<Side>>>();
  const sides = new Map<string, [Side, Side]>();
  const note = (cell: string, port: string, side: Side) => {
    const ports = cells.get(cell) ?? new Map<string, Set<Side>>();
    cells.set(cell, ports);
    ports.set(port, (ports.get(port) ?? new Set()).add(side));
  };
  for (const edge of edges) {
    const [from, to] = [box(edge.from), box(edge.to)];
    if (!from || !to) continue;
    const pair = dock(from, to);
    sides.set(edge.id, pair);
    note(edge.from, `out:${edge.fromPort}`, pair[0]);
    note(edge.to, `in:${edge.toPort}`, pair[1]);
  }
  return { cells, sides };
}
