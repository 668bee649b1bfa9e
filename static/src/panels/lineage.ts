/** The cells of a canvas as a tree in the order of lineage: each stands under the first cell that feeds it. */
export interface Leaf {
  id: string;
  level: number;
  /** Position among its siblings, from 1, and how many there are. */
  place: number;
  of: number;
}

interface Link {
  from: string;
  to: string;
}

/** Roots in the order given; a cell fed by several stands under the first of them. */
export function lineageTree(ids: readonly string[], edges: readonly Link[]): Leaf[] {
  const known = new Set(ids);
  const parent = new Map<string, string>();
  for (const { from, to } of edges) if (known.has(from) && known.has(to) && from !== to && !parent.has(to) && !reaches(parent, from, to)) parent.set(to, from);
  const children = new Map<string | undefined, string[]>();
  for (const id of ids) children.set(parent.get(id), [...(children.get(parent.get(id)) ?? []), id]);
  const out: Leaf[] = [];
  const walk = (under: string | undefined, level: number) => {
    const own = children.get(under) ?? [];
    own.forEach((id, i) => {
      out.push({ id, level, place: i + 1, of: own.length });
      walk(id, level + 1);
    });
  };
  walk(undefined, 1);
  return out;
}

/** Whether `from` already stands below `to`: taking it as a parent would close a loop. */
function reaches(parent: Map<string, string>, from: string, to: string): boolean {
  for (let at: string | undefined = from; at !== undefined; at = parent.get(at)) if (at === to) return true;
  return false;
}
