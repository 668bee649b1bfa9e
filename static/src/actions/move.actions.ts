/** Walking over the canvas and moving or sizing cells with arrow keys. */
import { session } from "../app/session";
import { flow } from "../canvas/flow";
import { type Box, SNAP, boxOf, nearest } from "../canvas/geometry";
import { viewport } from "../canvas/viewport";
import { MIN_SIZE, type Point } from "../document/schema";
import type { Action, ActionContext } from "./action";

type Way = "left" | "right" | "up" | "down";
const WAYS: Way[] = ["left", "right", "up", "down"];
const STEPS: Record<Way, Point> = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] };
const keyOf = (way: Way) => `Arrow${way[0]?.toUpperCase()}${way.slice(1)}`;

function go(cell: string | undefined): void {
  if (!cell) return;
  session.ui.set({ active: cell });
  session.ui.select([cell]);
  viewport()?.reveal(cell, true);
}

function step(way: Way): void {
  const active = session.ui.get().active ?? [...session.ui.get().selection][0];
  const here = active ? flow.box(active) : undefined;
  if (!here) return go(session.doc.cellIds()[0]);
  const others = session.doc.records().filter((cell) => cell.id !== active).map((cell): [string, Box] => [cell.id, boxOf(cell)]);
  go(nearest(here, others, way));
}

function follow(way: Way): void {
  const active = session.ui.get().active;
  const up = way === "left" || way === "up";
  const edge = session.doc.edgeList().find((each) => (up ? each.to : each.from) === active);
  go(up ? edge?.from : edge?.to);
}

function move(way: Way, by: number, { selection }: ActionContext): void {
  const [dx, dy] = STEPS[way];
  const moved = new Map<string, Point>();
  for (const id of selection) {
    const cell = session.doc.record(id);
    if (cell) moved.set(id, [cell.pos[0] + dx * by, cell.pos[1] + dy * by]);
  }
  session.edits.moveCells(moved);
}

function resize(way: Way, { selection }: ActionContext): void {
  const [dx, dy] = STEPS[way];
  for (const id of selection) {
    const cell = session.doc.record(id);
    if (!cell) continue;
    const size: Point = [Math.max(MIN_SIZE[0], cell.size[0] + dx * SNAP), Math.max(MIN_SIZE[1], cell.size[1] + dy * SNAP)];
    session.edits.resizeCell(id, cell.pos, size);
  }
}

const some = ({ selection }: ActionContext) => session.can("editor") && selection.size > 0;

export const actions: Action[] = WAYS.flatMap((way): Action[] => [
  { id: `go-${way}`, label: `Go to the cell ${way === "up" || way === "down" ? `${way}wards` : `to the ${way}`}`, group: "View", shortcut: keyOf(way), hidden: true, run: () => step(way) },
  { id: `follow-${way}`, label: `Follow a link ${way === "left" || way === "up" ? "upstream" : "downstream"}`, group: "View", shortcut: `Alt+${keyOf(way)}`, hidden: true, run: () => follow(way) },
  { id: `move-${way}`, label: `Move ${way}`, group: "Edit", shortcut: `Mod+${keyOf(way)}`, hidden: true, when: some, run: (c) => move(way, SNAP, c) },
  { id: `move-far-${way}`, label: `Move ${way} by ten steps`, group: "Edit", shortcut: `Mod+Shift+${keyOf(way)}`, hidden: true, when: some, run: (c) => move(way, SNAP * 10, c) },
  { id: `resize-${way}`, label: `Resize ${way}`, group: "Edit", shortcut: `Mod+Alt+${keyOf(way)}`, hidden: true, when: some, run: (c) => resize(way, c) },
]);
