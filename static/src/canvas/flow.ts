/** React Flow's nodes and our links, derived from the document; an object changes only when its cell does. */
import { type Node, type NodeHandle, type Position, getBezierPath } from "@xyflow/react";
import { session } from "../app/session";
import type { CellRecord, EdgeRecord, Point } from "../document/schema";
import type { PortType } from "../schema.gen";
import { type Box, PORT, type PortSpot, type Side, bounds, boxOf, docking, handleId, portSpots } from "./geometry";

export type CellNodeData = { spots: PortSpot[] };
export type CellNode = Node<CellNodeData, "cell">;

/** A link as it is drawn. */
export interface Link {
  id: string;
  source: string;
  target: string;
  type: PortType;
  selected: boolean;
  /** Above other cards, as the selected card that it belongs to is. */
  raised: boolean;
  /** What it joins, in words. */
  words: string;
  path: string;
  middle: Point;
  /** The box around its ends. */
  box: Box;
}

interface Cached {
  record: CellRecord;
  key: string;
  node: CellNode;
}

/** Positions and sizes that are being dragged here or by peers, and not written yet. */
export interface Live {
  pos?: Point;
  size?: Point;
  mine: boolean;
}

export class Flow {
  #live = new Map<string, Live>();
  #nodes = new Map<string, Cached>();
  #links = new Map<string, { key: string; link: Link }>();
  #shown: { nodes: CellNode[]; links: Link[] } = { nodes: [], links: [] };
  #dirty = true;
  #listeners = new Set<() => void>();
  #stops: (() => void)[] = [];

  start(): () => void {
    const stale = () => this.touch();
    let seen = session.ui.get();
    const selected = () => {
      const now = session.ui.get();
      if (now.selection !== seen.selection || now.selectedEdge !== seen.selectedEdge) this.touch();
      seen = now;
    };
    this.#stops = [session.doc.subscribe(stale), session.ui.subscribe(selected)];
    this.touch();
    return () => this.#stops.forEach((stop) => stop());
  }

  touch(): void {
    this.#dirty = true;
    for (const listener of [...this.#listeners]) listener();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  nodes = (): CellNode[] => this.#fresh().nodes;
  links = (): Link[] => this.#fresh().links;

  #fresh() {
    if (this.#dirty) {
      this.#dirty = false;
      this.#derive();
    }
    return this.#shown;
  }

  setLive(changes: Iterable<[string, Live | undefined]>): void {
    for (const [id, live] of changes) {
      if (live) this.#live.set(id, live);
      else this.#live.delete(id);
    }
    this.touch();
  }

  live(): ReadonlyMap<string, Live> {
    return this.#live;
  }

  /** A cell as it is seen now, a drag included. */
  seen(cell: CellRecord): CellRecord {
    const live = this.#live.get(cell.id);
    return live ? { ...cell, pos: live.pos ?? cell.pos, size: live.size ?? cell.size } : cell;
  }

  box = (id: string): Box | undefined => {
    const cell = session.doc.record(id);
    return cell && boxOf(this.#live.size ? this.seen(cell) : cell);
  };

  #derive(): void {
    const { selection, selectedEdge } = session.ui.get();
    const { cells: docked, sides } = docking(session.doc.edgeList(), this.box);
    const nodes = session.doc.records().map((cell, order) => this.#node(cell, order, selection.has(cell.id), docked.get(cell.id)));
    const links = session.doc.edgeList().flatMap((edge) => this.#link(edge, sides.get(edge.id), edge.id === selectedEdge) ?? []);
    for (const id of this.#nodes.keys()) if (!session.doc.record(id)) this.#nodes.delete(id);
    const before = this.#shown;
    this.#shown = { nodes: same(nodes, before.nodes) ? before.nodes : nodes, links: same(links, before.links) ? before.links : links };
  }

  #node(record: CellRecord, order: number, selected: boolean, docked: ReadonlyMap<string, ReadonlySet<Side>> = NONE): CellNode {
    const live = this.#live.get(record.id);
    const pos = live?.pos ?? record.pos;
    const size = live?.size ?? record.size;
    const ports = docked.size ? [...docked].map(([port, sides]) => `${port}=${[...sides].join("+")}`).join(" ") : "";
    const key = `${pos[0]},${pos[1]},${size[0]},${size[1]},${order},${selected},${live?.mine ?? ""},${ports}`;
    const cached = this.#nodes.get(record.id);
    if (cached && cached.key === key && cached.record === record) return cached.node;
    const spots = portSpots(session.kinds[record.kind], size, docked);
    const node: CellNode = {
      id: record.id,
      type: "cell",
      position: { x: pos[0], y: pos[1] },
      width: size[0],
      height: size[1],
      // Known without a look at the page; resizing starts from these.
      measured: { width: size[0], height: size[1] },
      handles: spots.map(handleOf),
      selected,
      zIndex: selected ? 100_000 + order : order,
      dragging: live?.mine ?? false,
      draggable: true,
      dragHandle: ".drag-handle",
      data: { spots },
    };
    this.#nodes.set(record.id, { record, key, node });
    return node;
  }

  /** Undefined where a cell has no such port. */
  #link(edge: EdgeRecord, sides: [Side, Side] = ["right", "left"], selected: boolean): Link | undefined {
    const [source, target] = [this.#nodes.get(edge.from)?.node, this.#nodes.get(edge.to)?.node];
    const from = source && endOf(source, handleId("out", edge.fromPort, sides[0]));
    const to = target && endOf(target, handleId("in", edge.toPort, sides[1]));
    if (!from || !to) return undefined;
    const raised = selected || source.selected === true || target.selected === true;
    const name = (cell: string) => session.edits.label(session.doc.record(cell));
    const words = `Link from ${name(edge.from)} to ${name(edge.to)}`;
    const key = `${from.x},${from.y},${to.x},${to.y},${sides[0]},${sides[1]},${selected},${raised},${words}`;
    const cached = this.#links.get(edge.id);
    if (cached?.key === key) return cached.link;
    const [path, x, y] = getBezierPath({ sourceX: from.x, sourceY: from.y, sourcePosition: from.side as Position, targetX: to.x, targetY: to.y, targetPosition: to.side as Position });
    const box = bounds([{ x: from.x, y: from.y, w: 0, h: 0 }, { x: to.x, y: to.y, w: 0, h: 0 }])!;
    const link: Link = { id: edge.id, source: edge.from, target: edge.to, type: from.type, selected, raised, words, path, middle: [x, y], box };
    this.#links.set(edge.id, { key, link });
    return link;
  }
}

const same = <T>(a: readonly T[], b: readonly T[]) => a.length === b.length && a.every((each, i) => each === b[i]);

/** How far outside a card its links end: at the rim of the visible port. */
const OUT = 5;
const OUTWARD: Record<Side, Point> = { left: [-OUT, 0], right: [OUT, 0], top: [0, -OUT], bottom: [0, OUT] };

/** Where a link meets a port, on the canvas. */
function endOf({ position, data }: CellNode, handle: string): PortSpot | undefined {
  const spot = data.spots.find((each) => each.handle === handle);
  if (!spot) return undefined;
  const [dx, dy] = OUTWARD[spot.side];
  return { ...spot, x: position.x + spot.x + dx, y: position.y + spot.y + dy };
}

const NONE: ReadonlyMap<string, ReadonlySet<Side>> = new Map();

function handleOf(spot: PortSpot): NodeHandle {
  return {
    id: spot.handle,
    type: spot.way === "in" ? "target" : "source",
    position: spot.side as NodeHandle["position"],
    x: spot.x - PORT / 2,
    y: spot.y - PORT / 2,
    width: PORT,
    height: PORT,
  };
}

/** The one flow of the open canvas. */
export const flow = new Flow();
