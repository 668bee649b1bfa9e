/** One open canvas document: Yjs roots, cached records, and listeners told exactly what changed. */
import * as Y from "yjs";
import { type CellRecord, type EdgeRecord, readCell, readEdge } from "./schema";

export type Unsubscribe = () => void;
type Listener = () => void;

export class CanvasDocument {
  readonly doc: Y.Doc;
  readonly cells: Y.Map<Y.Map<unknown>>;
  readonly edges: Y.Map<unknown>;
  readonly meta: Y.Map<unknown>;
  /** Origin of every change made by this person on this page; undo tracks only this one. */
  readonly local = { local: true };

  #records = new Map<string, CellRecord>();
  #ids: readonly string[] | undefined;
  #edgeList: readonly EdgeRecord[] | undefined;
  #cellListeners = new Map<string, Set<Listener>>();
  #idListeners = new Set<Listener>();
  #edgeListeners = new Set<Listener>();
  #anyListeners = new Set<Listener>();
  #version = 0;

  constructor(doc = new Y.Doc()) {
    this.doc = doc;
    this.cells = doc.getMap("cells");
    this.edges = doc.getMap("edges");
    this.meta = doc.getMap("meta");
    this.cells.observeDeep((events) => this.#cellsChanged(events));
    this.edges.observeDeep(() => this.#edgesChanged());
  }

  /** Ids of all readable cells, back to front. The array is the same object until something about the set changes. */
  cellIds(): readonly string[] {
    if (!this.#ids) {
      const all = [...this.cells.keys()].map((id) => this.record(id)).filter((cell) => cell !== undefined);
      all.sort((a, b) => (a.z < b.z ? -1 : a.z > b.z ? 1 : a.id < b.id ? -1 : 1));
      this.#ids = all.map((cell) => cell.id);
    }
    return this.#ids;
  }

  record(id: string): CellRecord | undefined {
    const cached = this.#records.get(id);
    if (cached) return cached;
    const cell = readCell(id, this.cells.get(id));
    if (cell) this.#records.set(id, cell);
    return cell;
  }

  records(): CellRecord[] {
    return this.cellIds().map((id) => this.record(id)).filter((cell) => cell !== undefined);
  }

  /** Edges whose two ends exist; what the server will drop for other reasons is marked by its diagnostics. */
  edgeList(): readonly EdgeRecord[] {
    if (!this.#edgeList) {
      const list: EdgeRecord[] = [];
      for (const id of [...this.edges.keys()].sort()) {
        const edge = readEdge(id, this.edges.get(id));
        if (edge && this.cells.has(edge.from) && this.cells.has(edge.to)) list.push(edge);
      }
      this.#edgeList = list;
    }
    return this.#edgeList;
  }

  code(id: string): Y.Text | undefined {
    const code = this.cells.get(id)?.get("code");
    return code instanceof Y.Text ? code : undefined;
  }

  transact(change: () => void): void {
    this.doc.transact(change, this.local);
  }

  /** A number that grows with every change of cells or edges. */
  version(): number {
    return this.#version;
  }

  subscribeIds(listener: Listener): Unsubscribe {
    return add(this.#idListeners, listener);
  }

  subscribeEdges(listener: Listener): Unsubscribe {
    return add(this.#edgeListeners, listener);
  }

  subscribe(listener: Listener): Unsubscribe {
    return add(this.#anyListeners, listener);
  }

  subscribeCell(id: string, listener: Listener): Unsubscribe {
    const set = this.#cellListeners.get(id) ?? new Set();
    this.#cellListeners.set(id, set);
    set.add(listener);
    return () => {
      set.delete(listener);
      if (set.size === 0) this.#cellListeners.delete(id);
    };
  }

  #cellsChanged(events: Y.YEvent<Y.AbstractType<unknown>>[]): void {
    const touched = new Set<string>();
    let order = false;
    for (const event of events) {
      const [id, part] = event.path;
      if (event.path.length === 0) {
        order = true;
        for (const key of event.keys.keys()) touched.add(key);
      } else if (part !== "code") {
        touched.add(String(id));
        if (event.path.length === 1 && (event.keys.has("z") || event.keys.has("kind"))) order = true;
      }
    }
    if (touched.size === 0) return;
    for (const id of touched) this.#records.delete(id);
    if (order) this.#ids = this.#edgeList = undefined;
    this.#version += 1;
    for (const id of touched) call(this.#cellListeners.get(id));
    if (order) {
      call(this.#idListeners);
      call(this.#edgeListeners);
    }
    call(this.#anyListeners);
  }

  #edgesChanged(): void {
    this.#edgeList = undefined;
    this.#version += 1;
    call(this.#edgeListeners);
    call(this.#anyListeners);
  }
}

function add(set: Set<Listener>, listener: Listener): Unsubscribe {
  set.add(listener);
  return () => set.delete(listener);
}

function call(set: Set<Listener> | undefined): void {
  if (set) for (const listener of [...set]) listener();
}
