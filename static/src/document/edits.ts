/** Every change of the document: one transaction each, with the local origin, so that each can be undone. */
import { generateKeyBetween } from "fractional-indexing";
import * as Y from "yjs";
import type { KindDeclaration } from "../schema.gen";
import { loopClosedBy } from "./cycles";
import type { CanvasDocument } from "./document";
import { entriesOf, indexAt } from "./entries";
import { type Fragment, fragmentOf, remap } from "./fragment";
import { randomId, uniqueName, uniqueTitle } from "./names";
import { codeMark } from "./mark";
import { inputType, takesMany } from "./ports";
import { type CellRecord, DEFAULT_SIZE, type EdgeRecord, type Point } from "./schema";
import type { Undo } from "./undo";

export interface NewCell {
  kind: string;
  pos: Point;
  size?: Point;
  title?: string;
  params?: Record<string, unknown>;
  code?: string;
  connect?: { from: string; fromPort: string };
  /** The edge this cell is put into: its source feeds the new cell, which feeds its target. */
  into?: string;
}

export type Connected = { ok: true; edge: string } | { ok: false; error: string };

const MARKING = { marking: true };

type Kinds = Record<string, KindDeclaration>;

export class Edits {
  constructor(
    readonly document: CanvasDocument,
    readonly undo: Undo,
    readonly kinds: Kinds,
    readonly canEdit: () => boolean,
  ) {}

  addCell(cell: NewCell): string {
    const id = randomId();
    this.#write("add cell", () => {
      this.#create(id, cell);
      if (cell.connect) this.#link(cell.connect.from, cell.connect.fromPort, id);
      if (cell.into) this.#splice(cell.into, id);
    });
    return id;
  }

  /** Removes cells together with the edges that touch them. */
  deleteCells(ids: Iterable<string>): void {
    const gone = new Set(ids);
    this.#write(count("delete", gone.size, "cell"), () => {
      for (const edge of this.document.edgeList()) {
        if (gone.has(edge.from) || gone.has(edge.to)) this.document.edges.delete(edge.id);
      }
      for (const id of gone) this.document.cells.delete(id);
    });
  }

  moveCells(positions: ReadonlyMap<string, Point>): void {
    this.#write(count("move", positions.size, "cell"), () => {
      for (const [id, [x, y]] of positions) this.document.cells.get(id)?.set("pos", [x, y]);
    });
  }

  resizeCell(id: string, pos: Point, size: Point): void {
    this.#write("resize cell", () => {
      const cell = this.document.cells.get(id);
      cell?.set("pos", [...pos]);
      cell?.set("size", [...size]);
    });
  }

  setParam(id: string, name: string, value: unknown): void {
    this.setParams(id, { [name]: value });
  }

  setParams(id: string, values: Record<string, unknown>): void {
    this.#write("change settings", () => {
      const params = this.document.cells.get(id)?.get("params");
      if (!(params instanceof Y.Map)) return;
      for (const [name, value] of Object.entries(values)) {
        if (value === undefined) params.delete(name);
        else if (!same(params.get(name), value)) params.set(name, value);
      }
    });
  }

  /** Adds an entry under a key of its own, at a place among those of the prefix or at the end; returns its id. */
  addEntry(id: string, prefix: string, value: Record<string, unknown>, place?: number): string {
    const entries = entriesOf(this.document.record(id)?.params ?? {}, prefix);
    const entry = randomId().slice(0, 12);
    this.undo.stopCapturing();
    this.#putEntry(id, "add step", `${prefix}${entry}`, { at: indexAt(entries, null, place ?? entries.length), ...value });
    return entry;
  }

  /** Changes fields of one entry; the others are not written. */
  setEntry(id: string, key: string, change: Record<string, unknown>): void {
    const now = this.document.record(id)?.params[key];
    if (now) this.#putEntry(id, "change step", key, { ...(now as object), ...change });
  }

  moveEntry(id: string, prefix: string, key: string, place: number): void {
    const entries = entriesOf(this.document.record(id)?.params ?? {}, prefix);
    const entry = entries.find((each) => each.key === key);
    if (!entry || entries.indexOf(entry) === place) return;
    this.undo.stopCapturing();
    this.#putEntry(id, "move step", key, { at: indexAt(entries, key, place), ...entry.value });
  }

  removeEntry(id: string, key: string): void {
    this.undo.stopCapturing();
    this.#putEntry(id, "delete step", key, undefined);
  }

  #putEntry(id: string, label: string, key: string, value: Record<string, unknown> | undefined): void {
    this.#write(label, () => {
      const params = this.document.cells.get(id)?.get("params");
      if (!(params instanceof Y.Map)) return;
      if (value === undefined) params.delete(key);
      else params.set(key, value);
    });
  }

  rename(id: string, title: string): void {
    this.#write("rename cell", () => this.document.cells.get(id)?.set("title", title.slice(0, 200)));
  }

  /** Sets the output name; it is made snake_case and unique. Returns what it became. */
  setName(id: string, name: string): string {
    const unique = uniqueName(name, this.#names(id));
    this.#write("change output name", () => this.document.cells.get(id)?.set("name", unique));
    return unique;
  }

  setMode(id: string, mode: "auto" | "manual"): void {
    this.#write("change run mode", () => this.document.cells.get(id)?.set("mode", mode));
  }

  setSplit(id: string, share: number): void {
    this.#write("move the divider", () => this.document.cells.get(id)?.set("split", Math.round(share * 100) / 100));
  }

  /** Notes that the code of cells is what somebody runs now, so that it may run by itself again. No step of undo. */
  markRan(ids: Iterable<string>): void {
    if (!this.canEdit()) return;
    this.document.doc.transact(() => {
      for (const id of ids) {
        const code = this.document.code(id);
        const mark = code && codeMark(code.toString());
        if (mark && this.document.cells.get(id)?.get("ran") !== mark) this.document.cells.get(id)?.set("ran", mark);
      }
    }, MARKING);
  }

  /** Draws links to a cell as part of what `origin` is writing: they are undone with the text that asked for them. */
  connectAs(origin: unknown, links: readonly { from: string; fromPort: string; to: string; toPort: string }[]): void {
    if (!this.canEdit()) return;
    const fit = links.filter((link) => !this.whyNot(link.from, link.fromPort, link.to, link.toPort));
    if (fit.length) this.document.doc.transact(() => fit.forEach((link) => this.document.edges.set(randomId(), { ...link })), origin);
  }

  connect(from: string, fromPort: string, to: string, toPort: string): Connected {
    const error = this.whyNot(from, fromPort, to, toPort);
    if (error) return { ok: false, error };
    const edge = randomId();
    const many = takesMany(this.kinds[this.document.record(to)?.kind ?? ""], toPort);
    this.#write("connect cells", () => {
      for (const old of this.document.edgeList()) {
        const again = old.from === from && old.fromPort === fromPort;
        if (old.to === to && old.toPort === toPort && (again || !many)) this.document.edges.delete(old.id);
      }
      this.document.edges.set(edge, { from, fromPort, to, toPort });
    });
    return { ok: true, edge };
  }

  /** The reason why this link cannot be made, or undefined. */
  whyNot(from: string, fromPort: string, to: string, toPort: string): string | undefined {
    const source = this.document.record(from);
    const target = this.document.record(to);
    if (!source || !target) return "That cell is gone";
    const gives = this.kinds[source.kind]?.outputs[fromPort];
    const takes = inputType(this.kinds[target.kind], toPort);
    if (!gives || !takes) return "That port is unknown here; reload the page";
    if (gives !== takes) return `“${this.label(target)}” takes a ${takes} here, not a ${gives}`;
    const loop = loopClosedBy(this.document.edgeList(), from, to);
    if (!loop) return undefined;
    const names = [...loop, loop[0] ?? to].map((id) => this.label(this.document.record(id)));
    return `This would close a loop: ${names.join(" → ")}`;
  }

  removeEdges(ids: Iterable<string>): void {
    const gone = [...ids];
    this.#write(count("remove", gone.length, "link"), () => gone.forEach((id) => this.document.edges.delete(id)));
  }

  /** Copies cells beside themselves, with the links among them and the links that feed them. */
  duplicate(ids: Iterable<string>): string[] {
    const chosen = new Set(ids);
    const fragment = fragmentOf(this.document, chosen);
    const feeding = this.document.edgeList().filter((edge) => chosen.has(edge.to) && !chosen.has(edge.from));
    return this.#insert("duplicate", fragment, [30, 30], feeding);
  }

  copy(ids: Iterable<string>): Fragment {
    return fragmentOf(this.document, new Set(ids));
  }

  /** Puts copied cells so that their top left corner is at `at`. */
  paste(fragment: Fragment, at: Point): string[] {
    const left = Math.min(...fragment.cells.map((cell) => cell.pos[0]));
    const top = Math.min(...fragment.cells.map((cell) => cell.pos[1]));
    return this.#insert("paste", fragment, [at[0] - left, at[1] - top], []);
  }

  /** Brings cells to the front, keeping their order among themselves. */
  raise(ids: Iterable<string>): void {
    const chosen = new Set(ids);
    const order = this.document.cellIds();
    if (order.slice(order.length - chosen.size).every((id) => chosen.has(id))) return;
    this.#write("bring to front", () => {
      let top = this.#topZ();
      for (const id of order.filter((each) => chosen.has(each))) {
        top = generateKeyBetween(top, null);
        this.document.cells.get(id)?.set("z", top);
      }
    });
  }

  label(cell: CellRecord | undefined): string {
    return cell ? cell.title || cell.name || this.kinds[cell.kind]?.title || "Cell" : "Cell";
  }

  #write(label: string, change: () => void): void {
    if (!this.canEdit()) return;
    this.undo.label = label;
    this.document.transact(change);
    this.undo.label = "";
  }

  #insert(verb: string, fragment: Fragment, by: Point, feeding: readonly EdgeRecord[]): string[] {
    const known = { ...fragment, cells: fragment.cells.filter((cell) => this.kinds[cell.kind]) };
    const made = remap(known, feeding);
    this.#write(count(verb, made.cells.length, "cell"), () => {
      for (const { id, cell } of made.cells) {
        const pos: Point = [cell.pos[0] + by[0], cell.pos[1] + by[1]];
        this.#create(id, { ...cell, pos });
      }
      for (const edge of made.edges) this.document.edges.set(randomId(), edge);
    });
    return this.canEdit() ? made.cells.map(({ id }) => id) : [];
  }

  #create(id: string, spec: NewCell & { name?: string; mode?: "auto" | "manual" }): void {
    const kind = this.kinds[spec.kind];
    const cell = new Y.Map<unknown>();
    const params = new Y.Map<unknown>();
    for (const [name, value] of Object.entries(spec.params ?? {})) params.set(name, value);
    const titles = new Set(this.document.records().map((each) => each.title));
    const title = uniqueTitle(spec.title ?? kind?.title ?? spec.kind, titles);
    const gives = Object.keys(kind?.outputs ?? {}).length > 0;
    cell.set("kind", spec.kind);
    cell.set("pos", spec.pos.map(Math.round));
    cell.set("size", [...(spec.size ?? kind?.size ?? DEFAULT_SIZE)]);
    cell.set("z", generateKeyBetween(this.#topZ(), null));
    cell.set("title", title);
    cell.set("name", gives ? uniqueName(spec.name || title, this.#names()) : "");
    cell.set("params", params);
    if (kind?.code || spec.code !== undefined) cell.set("code", new Y.Text(spec.code ?? ""));
    if (spec.mode === "manual") cell.set("mode", "manual");
    this.document.cells.set(id, cell);
  }

  #link(from: string, fromPort: string, to: string): void {
    const source = this.document.cells.get(from)?.get("kind");
    const target = this.document.cells.get(to)?.get("kind");
    const type = this.kinds[String(source)]?.outputs[fromPort];
    const port = Object.entries(this.kinds[String(target)]?.inputs ?? {}).find(([, takes]) => takes === type);
    if (port) this.document.edges.set(randomId(), { from, fromPort, to, toPort: port[0] });
  }

  #splice(edgeId: string, id: string): void {
    const edge = this.document.edgeList().find((each) => each.id === edgeId);
    const kind = this.kinds[String(this.document.cells.get(id)?.get("kind"))];
    const source = edge && this.kinds[String(this.document.record(edge.from)?.kind)];
    const type = edge && source?.outputs[edge.fromPort];
    const taking = Object.entries(kind?.inputs ?? {}).find(([, takes]) => takes === type);
    const giving = Object.entries(kind?.outputs ?? {}).find(([, gives]) => gives === type);
    if (!edge || !taking) return;
    this.document.edges.set(randomId(), { from: edge.from, fromPort: edge.fromPort, to: id, toPort: taking[0] });
    if (!giving) return;
    this.document.edges.delete(edgeId);
    this.document.edges.set(randomId(), { from: id, fromPort: giving[0], to: edge.to, toPort: edge.toPort });
  }

  #names(except?: string): Set<string> {
    const others = this.document.records().filter((cell) => cell.id !== except && cell.name);
    return new Set(others.map((cell) => cell.name));
  }

  #topZ(): string | null {
    let top: string | null = null;
    for (const cell of this.document.cells.values()) {
      const z = cell instanceof Y.Map ? cell.get("z") : undefined;
      if (typeof z === "string" && z && (top === null || z > top)) top = z;
    }
    return top;
  }
}

function count(verb: string, n: number, noun: string): string {
  return n === 1 ? `${verb} ${noun}` : `${verb} ${n} ${noun}s`;
}

function same(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
