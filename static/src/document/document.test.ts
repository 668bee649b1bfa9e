import { beforeEach, describe, expect, it } from "vitest";
import * as Y from "yjs";
import { SCENE_KINDS } from "../app/scene-kinds";
import { loopClosedBy, lineage } from "./cycles";
import { CanvasDocument } from "./document";
import { Edits } from "./edits";
import { parseFragment } from "./fragment";
import { snakeCase, uniqueName } from "./names";
import { Undo } from "./undo";

const kinds = Object.fromEntries(SCENE_KINDS.map((kind) => [kind.name, kind]));

function open(canEdit = true) {
  const document = new CanvasDocument();
  const undo = new Undo(document);
  return { document, undo, edits: new Edits(document, undo, kinds, () => canEdit) };
}

describe("edits", () => {
  let { document, undo, edits } = open();
  beforeEach(() => ({ document, undo, edits } = open()));

  it("creates params and code with the cell, in one update", () => {
    let updates = 0;
    document.doc.on("update", () => (updates += 1));
    const id = edits.addCell({ kind: "text", pos: [10.4, 20], code: "hello" });
    expect(updates).toBe(1);
    expect(id).toMatch(/^[\w-]{20}$/);
    expect(document.record(id)).toMatchObject({ kind: "text", pos: [10, 20], hasCode: true, params: {} });
    expect(document.code(id)?.toString()).toBe("hello");
  });

  it("gives outputs unique snake_case names and titles", () => {
    const a = edits.addCell({ kind: "filter", pos: [0, 0] });
    const b = edits.addCell({ kind: "filter", pos: [0, 0] });
    expect([a, b].map((id) => document.record(id)?.name)).toEqual(["filter", "filter_2"]);
    expect(document.record(b)?.title).toBe("Filter 2");
    expect(edits.setName(b, "Filter")).toBe("filter_2");
  });

  it("refuses a loop and names it", () => {
    const a = edits.addCell({ kind: "filter", pos: [0, 0], title: "A" });
    const b = edits.addCell({ kind: "filter", pos: [0, 0], title: "B", connect: { from: a, fromPort: "table" } });
    expect(edits.connect(b, "table", a, "table")).toEqual({ ok: false, error: "This would close a loop: A → B → A" });
    expect(document.edgeList()).toHaveLength(1);
  });

  it("deletes the edges of a deleted cell, and undo brings all back", () => {
    const a = edits.addCell({ kind: "dataset", pos: [0, 0] });
    const b = edits.addCell({ kind: "filter", pos: [0, 0], connect: { from: a, fromPort: "table" } });
    undo.stopCapturing();
    edits.deleteCells([b]);
    expect(document.edges.size).toBe(0);
    expect(undo.undo()).toBe("delete cell");
    expect(document.edgeList()).toHaveLength(1);
    expect(document.record(b)?.kind).toBe("filter");
  });

  it("keeps one edge per input port", () => {
    const [a, b] = [edits.addCell({ kind: "dataset", pos: [0, 0] }), edits.addCell({ kind: "dataset", pos: [0, 0] })];
    const c = edits.addCell({ kind: "chart", pos: [0, 0], connect: { from: a, fromPort: "table" } });
    expect(edits.connect(b, "table", c, "table").ok).toBe(true);
    expect(document.edgeList().map((edge) => edge.from)).toEqual([b]);
  });

  it("puts a cell into an edge", () => {
    const a = edits.addCell({ kind: "dataset", pos: [0, 0] });
    const c = edits.addCell({ kind: "chart", pos: [0, 0], connect: { from: a, fromPort: "table" } });
    const b = edits.addCell({ kind: "filter", pos: [0, 0], into: document.edgeList()[0]?.id ?? "" });
    expect(new Set(document.edgeList().map((edge) => `${edge.from}>${edge.to}`))).toEqual(new Set([`${a}>${b}`, `${b}>${c}`]));
  });

  it("copies cells with inner links to another canvas", () => {
    const a = edits.addCell({ kind: "dataset", pos: [100, 100], params: { source: "sample:x" } });
    const b = edits.addCell({ kind: "text", pos: [600, 100], code: "note" });
    const c = edits.addCell({ kind: "chart", pos: [600, 400], connect: { from: a, fromPort: "table" } });
    const fragment = parseFragment(JSON.stringify(edits.copy([a, b, c])));
    const other = open();
    const made = other.edits.paste(fragment!, [0, 0]);
    expect(made).toHaveLength(3);
    expect(other.document.edgeList()).toHaveLength(1);
    expect(other.document.records().find((cell) => cell.kind === "text")?.pos).toEqual([500, 0]);
    expect(parseFragment("a,b\n1,2")).toBeUndefined();
  });

  it("undoes only one's own changes", () => {
    const a = edits.addCell({ kind: "text", pos: [0, 0] });
    undo.stopCapturing();
    document.doc.transact(() => document.cells.get(a)?.set("title", "theirs"), "remote");
    edits.moveCells(new Map([[a, [50, 50]]]));
    undo.undo();
    expect(document.record(a)).toMatchObject({ pos: [0, 0], title: "theirs" });
  });

  it("writes nothing for a viewer", () => {
    const viewer = open(false);
    viewer.edits.addCell({ kind: "text", pos: [0, 0] });
    expect(viewer.document.cells.size).toBe(0);
  });
});

describe("document", () => {
  it("reads cells with missing and odd keys", () => {
    const document = new CanvasDocument();
    document.doc.transact(() => {
      const cell = new Y.Map<unknown>([["kind", "chart"], ["pos", "left"], ["size", [1, Number.NaN]]]);
      document.cells.set("a", cell);
      document.cells.set("b", new Y.Map());
    });
    expect(document.cellIds()).toEqual(["a"]);
    expect(document.record("a")).toMatchObject({ pos: [0, 0], size: [420, 280], title: "", params: {}, mode: "auto" });
  });

  it("tells only the listeners of the cell that changed", () => {
    const { document, edits } = open();
    const [a, b] = [edits.addCell({ kind: "text", pos: [0, 0] }), edits.addCell({ kind: "text", pos: [0, 0] })];
    const heard: string[] = [];
    document.subscribeCell(a, () => heard.push("a"));
    document.subscribeCell(b, () => heard.push("b"));
    const before = document.record(b);
    edits.setParam(a, "x", 1);
    expect(heard).toEqual(["a"]);
    expect(document.record(b)).toBe(before);
  });
});

describe("graph", () => {
  const edge = (from: string, to: string) => ({ id: from + to, from, fromPort: "table", to, toPort: "table" });
  it("finds loops and lineage", () => {
    const edges = [edge("a", "b"), edge("b", "c"), edge("x", "y")];
    expect(loopClosedBy(edges, "c", "a")).toEqual(["a", "b", "c"]);
    expect(loopClosedBy(edges, "a", "x")).toBeUndefined();
    expect(loopClosedBy(edges, "a", "a")).toEqual(["a"]);
    expect(lineage(edges, ["b"])).toEqual(new Set(["a", "b", "c"]));
  });
  it("makes names that code can use", () => {
    expect(snakeCase("Élan 2013 (raw)")).toBe("elan_2013_raw");
    expect(snakeCase("2013")).toBe("t_2013");
    expect(uniqueName("Clean", new Set(["clean", "clean_2"]))).toBe("clean_3");
  });
});
