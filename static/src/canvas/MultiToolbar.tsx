/** What can be done with several selected cells. */
import { useCanEdit, useSelection } from "../app/hooks";
import { session } from "../app/session";
import { perform } from "../actions/registry";
import type { Point } from "../document/schema";
import { IconButton } from "../theme/Button";
import { snap } from "./geometry";
import s from "./surface.module.css";

function align(way: "left" | "top"): void {
  const cells = [...session.ui.get().selection].map((id) => session.doc.record(id)).filter((cell) => cell !== undefined);
  const line = Math.min(...cells.map((cell) => cell.pos[way === "left" ? 0 : 1]));
  session.undo.stopCapturing();
  session.edits.moveCells(new Map(cells.map((cell): [string, Point] => [cell.id, way === "left" ? [line, cell.pos[1]] : [cell.pos[0], line]])));
  session.undo.stopCapturing();
}

/** Lays the selection out in columns by how far each cell is from its sources. */
function tidy(): void {
  const chosen = session.ui.get().selection;
  const cells = [...chosen].map((id) => session.doc.record(id)).filter((cell) => cell !== undefined);
  const edges = session.doc.edgeList().filter((edge) => chosen.has(edge.from) && chosen.has(edge.to));
  const depth = new Map(cells.map((cell) => [cell.id, 0]));
  for (let round = 0; round < cells.length; round += 1) {
    let moved = false;
    for (const edge of edges) {
      const next = (depth.get(edge.from) ?? 0) + 1;
      if (next > (depth.get(edge.to) ?? 0) && next < cells.length) moved = Boolean(depth.set(edge.to, next));
    }
    if (!moved) break;
  }
  const left = Math.min(...cells.map((cell) => cell.pos[0]));
  const top = Math.min(...cells.map((cell) => cell.pos[1]));
  const places = new Map<string, Point>();
  let x = left;
  for (let column = 0; column <= Math.max(...depth.values()); column += 1) {
    const inside = cells.filter((cell) => depth.get(cell.id) === column).sort((a, b) => a.pos[1] - b.pos[1]);
    let y = top;
    for (const cell of inside) {
      places.set(cell.id, [snap(x), snap(y)]);
      y += cell.size[1] + 40;
    }
    x += Math.max(0, ...inside.map((cell) => cell.size[0])) + (inside.length ? 60 : 0);
  }
  session.undo.stopCapturing();
  session.edits.moveCells(places);
  session.undo.stopCapturing();
}

export function MultiToolbar() {
  const selection = useSelection();
  const canEdit = useCanEdit();
  if (selection.size < 2) return null;
  return (
    <div className={`${s.island} ${s.multi}`} role="toolbar" aria-label="Selected cells">
      <span>{selection.size} cells</span>
      <IconButton icon="play" label="Run" onClick={() => perform("run")} />
      {canEdit && (
        <>
          <IconButton icon="arrow-left" label="Align left edges" onClick={() => align("left")} />
          <IconButton icon="arrow-up" label="Align top edges" onClick={() => align("top")} />
          <IconButton icon="layout-grid" label="Tidy by lineage" onClick={tidy} />
          <IconButton icon="copy" label="Duplicate" onClick={() => perform("duplicate")} />
          <IconButton icon="trash" label="Delete" onClick={() => perform("delete")} />
        </>
      )}
    </div>
  );
}
