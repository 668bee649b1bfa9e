/** Copied cells with the links among them, as plain JSON that another canvas can take. */
import type { CanvasDocument } from "./document";
import { randomId } from "./names";
import type { EdgeRecord, Point } from "./schema";

export interface CopiedCell {
  id: string;
  kind: string;
  pos: Point;
  size: Point;
  title: string;
  name: string;
  params: Record<string, unknown>;
  code?: string;
  mode: "auto" | "manual";
}

export interface Fragment {
  inkling: 1;
  cells: CopiedCell[];
  edges: Omit<EdgeRecord, "id">[];
}

export const LIMIT_CELLS = 500;

export function fragmentOf(document: CanvasDocument, ids: ReadonlySet<string>): Fragment {
  const cells: CopiedCell[] = [];
  for (const { id, kind, pos, size, title, name, params, mode, hasCode } of document.records()) {
    if (!ids.has(id)) continue;
    const code = hasCode ? document.code(id)?.toJSON() : undefined;
    cells.push({ id, kind, pos, size, title, name, params, mode, ...(code === undefined ? {} : { code }) });
  }
  const inside = document.edgeList().filter((edge) => ids.has(edge.from) && ids.has(edge.to));
  return { inkling: 1, cells, edges: inside.map(({ from, fromPort, to, toPort }) => ({ from, fromPort, to, toPort })) };
}

/** Fresh ids for a fragment; `feeding` are edges from cells outside it that are copied too. */
export function remap(fragment: Fragment, feeding: readonly EdgeRecord[]) {
  const fresh = new Map(fragment.cells.map((cell) => [cell.id, randomId()]));
  const cells = fragment.cells.map((cell) => ({ id: fresh.get(cell.id) ?? randomId(), cell }));
  const edges: Omit<EdgeRecord, "id">[] = [];
  for (const edge of fragment.edges) {
    const [from, to] = [fresh.get(edge.from), fresh.get(edge.to)];
    if (from && to) edges.push({ ...edge, from, to });
  }
  for (const { from, fromPort, to, toPort } of feeding) {
    const copy = fresh.get(to);
    if (copy) edges.push({ from, fromPort, to: copy, toPort });
  }
  return { cells, edges };
}

/** A fragment read back from clipboard text, or undefined when the text is something else. */
export function parseFragment(text: string): Fragment | undefined {
  if (!text.startsWith('{"inkling":1')) return undefined;
  try {
    const data = JSON.parse(text) as Partial<Fragment>;
    if (!Array.isArray(data.cells) || !Array.isArray(data.edges) || data.cells.length > LIMIT_CELLS) return undefined;
    const whole = data.cells.every((cell) => typeof cell.kind === "string" && isPoint(cell.pos) && isPoint(cell.size));
    return whole && data.cells.length > 0 ? (data as Fragment) : undefined;
  } catch {
    return undefined;
  }
}

function isPoint(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && value.every((each) => Number.isFinite(each));
}
