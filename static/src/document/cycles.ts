/** Whether a new link would close a loop, and which cells that loop goes through. */
import type { EdgeRecord } from "./schema";

/** The cells of the loop that from → to would close, starting at `to` and ending at `from`; undefined if there is none. */
export function loopClosedBy(edges: readonly EdgeRecord[], from: string, to: string): string[] | undefined {
  if (from === to) return [from];
  const next = new Map<string, string[]>();
  for (const edge of edges) next.set(edge.from, [...(next.get(edge.from) ?? []), edge.to]);
  const cameFrom = new Map<string, string>([[to, ""]]);
  const queue = [to];
  for (let cell = queue.shift(); cell !== undefined; cell = queue.shift()) {
    if (cell === from) return walkBack(cameFrom, from);
    for (const child of next.get(cell) ?? []) {
      if (!cameFrom.has(child)) {
        cameFrom.set(child, cell);
        queue.push(child);
      }
    }
  }
  return undefined;
}

function walkBack(cameFrom: Map<string, string>, end: string): string[] {
  const path: string[] = [];
  for (let cell = end; cell; cell = cameFrom.get(cell) ?? "") path.unshift(cell);
  return path;
}

/** All cells that feed the given ones, or are fed by them, the given ones included. */
export function reach(edges: readonly EdgeRecord[], start: Iterable<string>, way: "up" | "down"): Set<string> {
  const next = new Map<string, string[]>();
  for (const edge of edges) {
    const [key, value] = way === "down" ? [edge.from, edge.to] : [edge.to, edge.from];
    next.set(key, [...(next.get(key) ?? []), value]);
  }
  const seen = new Set<string>();
  const stack = [...start];
  for (let cell = stack.pop(); cell !== undefined; cell = stack.pop()) {
    if (seen.has(cell)) continue;
    seen.add(cell);
    stack.push(...(next.get(cell) ?? []));
  }
  return seen;
}

export function lineage(edges: readonly EdgeRecord[], cells: Iterable<string>): Set<string> {
  const start = [...cells];
  return new Set([...reach(edges, start, "up"), ...reach(edges, start, "down")]);
}
