/** React Flow's nodes and links, derived from the document; an object changes only when its cell does. */
import type { Edge, Node, NodeHandle } from "@xyflow/react";
import { session } from "../app/session";
import type { CellRecord, EdgeRecord, Point } from "../document/schema";
import type { PortType } from "../schema.gen";
import { type Box, PORT, type PortSpot, type Side, boxOf, docking, handleId, portSpots } from "./geometry";

export type CellNodeData = { spots: PortSpot[] };
export type CellNode = Node<CellNodeData, "cell">;
export type LinkData = { type: PortType };
export type LinkEdge = Edge<LinkData, "link">;

export interface Snapshot {
  nodes: CellNode[];
  edges: LinkEdge[];
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
  #links = new Map<string, { key: string; edge: LinkEdge }>();
  #snapshot: Snapshot = { nodes: [], edges: [] };
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

  get = (): Snapshot => {
    if (this.#dirty) {
      this.#dirty = false;
      this.#derive();
    }
    return this.#snapshot;
  };

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
    const edges = session.doc.edgeList().map((edge) => this.#link(edge, sides.get(edge.id), edge.id === selectedEdge));
    for (const id of this.#nodes.keys()) if (!session.doc.record(id)) this.#nodes.delete(id);
    const before = this.#snapshot;
    const sameNodes = nodes.length === before.nodes.length && nodes.every((node, i) => node === before.nodes[i]);
    const sameEdges = edges.length === before.edges.length && edges.every((edge, i) => edge === before.edges[i]);
    if (sameNodes && sameEdges) return;
    this.#snapshot = { nodes: sameNodes ? before.nodes : nodes, edges: sameEdges ? before.edges : edges };
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

  #link(edge: EdgeRecord, sides: [Side, Side] = ["right", "left"], selected: boolean): LinkEdge {
    const key = `${sides[0]},${sides[1]},${selected}`;
    const cached = this.#links.get(edge.id);
    if (cached?.key === key) return cached.edge;
    const source = session.doc.record(edge.from);
    const link: LinkEdge = {
      id: edge.id,
      type: "link",
      source: edge.from,
      target: edge.to,
      sourceHandle: handleId("out", edge.fromPort, sides[0]),
      targetHandle: handleId("in", edge.toPort, sides[1]),
      selected,
      interactionWidth: 16,
      focusable: false,
      data: { type: session.kinds[source?.kind ?? ""]?.outputs[edge.fromPort] ?? "table" },
    };
    this.#links.set(edge.id, { key, edge: link });
    return link;
  }
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
