/** Moving, resizing and selecting by pointer: shown at once, told to peers while it lasts, written once at the end. */
import type { NodeChange } from "@xyflow/react";
import { session } from "../app/session";
import { type Point, MIN_SIZE } from "../document/schema";
import { type CellNode, type Live, flow } from "./flow";
import { snap } from "./geometry";

let altDown = false;

/** Alt turns snapping off while it is held. */
export function trackAlt(): () => void {
  const keep = (event: KeyboardEvent | PointerEvent) => (altDown = event.altKey);
  const names = ["keydown", "keyup", "pointermove"] as const;
  names.forEach((name) => window.addEventListener(name, keep, { passive: true, capture: true }));
  return () => names.forEach((name) => window.removeEventListener(name, keep, { capture: true }));
}

const place = (x: number, y: number): Point => (altDown ? [Math.round(x), Math.round(y)] : [snap(x), snap(y)]);

export function nodesChanged(changes: NodeChange<CellNode>[]): void {
  const moving = new Map<string, Point>();
  const landed: string[] = [];
  let selection: Set<string> | undefined;
  for (const change of changes) {
    if (change.type === "position" && change.dragging && change.position) {
      moving.set(change.id, place(change.position.x, change.position.y));
    } else if (change.type === "position" && change.dragging === false) {
      landed.push(change.id);
    } else if (change.type === "select") {
      selection ??= new Set(session.ui.get().selection);
      if (change.selected) selection.add(change.id);
      else selection.delete(change.id);
    }
  }
  if (selection) session.ui.select(selection);
  if (moving.size) drag(moving);
  if (landed.length) drop(landed);
}

function drag(moving: ReadonlyMap<string, Point>): void {
  if (!session.can("editor")) return;
  flow.setLive([...moving].map(([id, pos]): [string, Live] => [id, { pos, mine: true }]));
  session.presence.set({ drag: Object.fromEntries(mine()) });
}

function mine(): [string, Point][] {
  const own: [string, Point][] = [];
  for (const [id, live] of flow.live()) if (live.mine && live.pos) own.push([id, live.pos]);
  return own;
}

/** One document write for all that was dragged, one undo step. */
function drop(ids: string[]): void {
  const moved = mine().filter(([id]) => ids.includes(id));
  const really = moved.filter(([id, pos]) => {
    const before = session.doc.record(id)?.pos;
    return before && (before[0] !== pos[0] || before[1] !== pos[1]);
  });
  session.undo.stopCapturing();
  if (really.length) session.edits.moveCells(new Map(really));
  session.undo.stopCapturing();
  flow.setLive(ids.map((id): [string, undefined] => [id, undefined]));
  session.presence.set({ drag: null });
}

export function resizeTo(id: string, box: { x: number; y: number; width: number; height: number }, event: MouseEvent): void {
  const round = event.altKey ? Math.round : snap;
  const size: Point = [Math.max(MIN_SIZE[0], round(box.width)), Math.max(MIN_SIZE[1], round(box.height))];
  flow.setLive([[id, { pos: [round(box.x), round(box.y)], size, mine: true }]]);
}

export function endResize(id: string): void {
  const live = flow.live().get(id);
  session.undo.stopCapturing();
  if (live?.pos && live.size) session.edits.resizeCell(id, live.pos, live.size);
  session.undo.stopCapturing();
  flow.setLive([[id, undefined]]);
}

/** Cells that peers drag follow their pointers before anything is written. */
export function followPeerDrags(): () => void {
  let shown = new Set<string>();
  return session.presence.onMove(() => {
    const changes: [string, Live | undefined][] = [];
    const now = new Set<string>();
    for (const peer of session.presence.peers()) {
      for (const [id, pos] of Object.entries(peer.drag ?? {})) {
        if (flow.live().get(id)?.mine) continue;
        now.add(id);
        const before = flow.live().get(id)?.pos;
        if (before?.[0] !== pos[0] || before?.[1] !== pos[1]) changes.push([id, { pos, mine: false }]);
      }
    }
    for (const id of shown) if (!now.has(id)) changes.push([id, undefined]);
    shown = now;
    if (changes.length) flow.setLive(changes);
  });
}
