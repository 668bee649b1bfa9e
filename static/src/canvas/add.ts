/** Adding a cell the way a person means it: in a free place, connected, set up, selected and in view. */
import { session } from "../app/session";
import type { Point } from "../document/schema";
import { neededInputs } from "../document/ports";
import { flow } from "./flow";
import { boxOf, freePlace, snap } from "./geometry";
import { outputType, presetParams } from "./kinds";
import { viewport } from "./viewport";

export interface AddOptions {
  /** Canvas point of its top left corner. */
  at?: Point;
  from?: { cell: string; port: string };
  /** Edge to be put into. */
  into?: string;
  params?: Record<string, unknown>;
  title?: string;
  focus?: boolean;
}

export function addKind(kind: string, options: AddOptions = {}): string | undefined {
  const declared = session.kinds[kind];
  if (!declared || !session.can("editor")) return undefined;
  const from = options.into ? undefined : (options.from ?? (options.at ? undefined : selectedSource(kind)));
  const columns = from ? session.results.get(from.cell).schema?.[from.port] : undefined;
  session.undo.stopCapturing();
  const id = session.edits.addCell({
    kind,
    pos: (options.into ? placeIn(kind, options.into) : undefined) ?? options.at ?? placeFor(kind, from?.cell),
    params: options.params ?? presetParams(kind, columns),
    ...(options.title ? { title: options.title } : {}),
    ...(from ? { connect: { from: from.cell, fromPort: from.port } } : {}),
    ...(options.into ? { into: options.into } : {}),
  });
  if (options.into) makeRoom(id);
  session.undo.stopCapturing();
  session.ui.select([id]);
  session.ui.set({ active: id });
  session.ui.say(`${declared.title} added${from ? `, connected to ${session.doc.record(from.cell)?.title ?? ""}` : ""}`);
  requestAnimationFrame(() => viewport()?.reveal(id, options.focus ?? true));
  return id;
}

const GAP = 60;

/** Beside the source of a link that the new cell is put into. */
function placeIn(kind: string, edge: string): Point | undefined {
  const link = session.doc.edgeList().find((each) => each.id === edge);
  const [from, to] = [session.doc.record(link?.from ?? ""), session.doc.record(link?.to ?? "")];
  const size = session.kinds[kind]?.size;
  if (!from || !to || !size) return undefined;
  const below = to.pos[0] < from.pos[0] + from.size[0];
  if (below) return [from.pos[0], from.pos[1] + from.size[1] + GAP];
  return [from.pos[0] + from.size[0] + GAP, snap((from.pos[1] + to.pos[1]) / 2)];
}

/** What the inserted cell feeds, and all that follows, moves on as far as it would be covered. */
function makeRoom(id: string): void {
  const cell = session.doc.record(id);
  if (!cell) return;
  const after = new Set<string>();
  const visit = (from: string) => session.doc.edgeList().forEach((edge) => {
    if (edge.from !== from || after.has(edge.to) || edge.to === id) return;
    after.add(edge.to);
    visit(edge.to);
  });
  visit(id);
  const next = session.doc.edgeList().filter((edge) => edge.from === id).map((edge) => session.doc.record(edge.to)).filter((each) => each !== undefined);
  const above = session.doc.edgeList().find((edge) => edge.to === id);
  const axis = session.doc.record(above?.from ?? "")?.pos[0] === cell.pos[0] ? 1 : 0;
  const by = Math.max(0, ...next.map((each) => cell.pos[axis] + cell.size[axis] + GAP - each.pos[axis]));
  if (!by) return;
  const moved = [...after].map((each) => session.doc.record(each)).filter((each) => each !== undefined);
  session.edits.moveCells(new Map(moved.map((each): [string, Point] => [each.id, axis ? [each.pos[0], each.pos[1] + by] : [each.pos[0] + by, each.pos[1]]])));
}

/** What the command menu does with a chosen kind: places it where it was asked for and closes. */
export function addFromMenu(kind: string): string | undefined {
  const { from, at } = session.ui.get().commandMenu;
  session.ui.closeCommandMenu();
  if (from) return addKind(kind, { from, at: [snap(from.at[0]), snap(from.at[1] - 40)] });
  return addKind(kind, at ? { at: [snap(at[0]), snap(at[1])] } : {});
}

/** The output of the one selected cell that this kind takes. */
function selectedSource(kind: string): { cell: string; port: string } | undefined {
  const [cell, ...more] = session.ui.get().selection;
  const record = cell ? session.doc.record(cell) : undefined;
  if (!cell || !record || more.length) return undefined;
  const takes = new Set(neededInputs(session.kinds[kind]).map(([, type]) => type));
  const port = Object.keys(session.kinds[record.kind]?.outputs ?? {}).find((each) => {
    const type = outputType(cell, each);
    return type && takes.has(type);
  });
  return port ? { cell, port } : undefined;
}

function placeFor(kind: string, source: string | undefined): Point {
  const size = session.kinds[kind]?.size ?? [420, 280];
  const [chosen] = session.ui.get().selection;
  const beside = session.doc.record(source ?? chosen ?? "");
  const boxes = session.doc.records().map(boxOf);
  if (beside) return freePlace(boxOf(flow.seen(beside)), size, boxes);
  const [x, y] = viewport()?.centre() ?? [0, 0];
  const middle = { x: x - size[0] / 2 - 60, y: y - size[1] / 2, w: 0, h: size[1] };
  return freePlace(middle, size, boxes);
}
