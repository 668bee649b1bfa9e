/** The open canvas as a scene to draw, rebuilt only when a cell, link or state changed. */
import { session } from "../app/session";
import type { Scene, SceneCell } from "./draw";
import { type Box, bounds } from "./geometry";
import { flow } from "./flow";

let known: Scene | undefined;
let extent: Box | undefined;
const listeners = new Set<() => void>();

function stale(): void {
  known = undefined;
  for (const listener of [...listeners]) listener();
}

export function watchScene(): () => void {
  const stops = [session.doc.subscribe(stale), session.results.subscribeAny(stale), flow.subscribe(stale)];
  return () => stops.forEach((stop) => stop());
}

export function onScene(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function scene(): Scene {
  if (known) return known;
  const index = new Map<string, number>();
  const cells: SceneCell[] = session.doc.records().map((record, i) => {
    index.set(record.id, i);
    const { id, pos, size, title } = flow.seen(record);
    return { id, x: pos[0], y: pos[1], w: size[0], h: size[1], title, state: session.results.get(id).state };
  });
  const links = session.doc.edgeList().map((edge) => [index.get(edge.from) ?? -1, index.get(edge.to) ?? -1] as const);
  extent = bounds(cells);
  known = { cells, links };
  return known;
}

/** The box around all cells. */
export function sceneExtent(): Box | undefined {
  scene();
  return extent;
}

/** The topmost cell at a canvas point. */
export function cellAt(x: number, y: number): string | undefined {
  const { cells } = scene();
  for (let i = cells.length - 1; i >= 0; i -= 1) {
    const cell = cells[i];
    if (cell && x >= cell.x && x <= cell.x + cell.w && y >= cell.y && y <= cell.y + cell.h) return cell.id;
  }
  return undefined;
}
