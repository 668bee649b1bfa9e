/** Tests of brushing: from gestures to conditions and back to marks. */
import { describe, expect, it } from "vitest";
import type { BrushAxis, FigureViewData, Trace } from "../view";
import { nextUnit, ofKey, ofRange, passes } from "./axis";
import { ofClick, ofDrag } from "./gesture";
import { withSelection } from "./marked";
import { rowTest } from "./rows";
import { readSelection, selectionWords, toggled, type Condition } from "./selection";
import type { Palette } from "../figure/palette";
import { suggestCharts, type SuggestColumn } from "../figure/suggest";
import { conditionsOf } from "./RowsChip";

const axis = (own: Partial<BrushAxis>): BrushAxis => ({ column: "c", type: "text", how: "category", unit: "none", ...own });
const delay = axis({ column: "delay", type: "number", how: "bins", start: 0, width: 15, bins: 8 });
const month = axis({ column: "day", type: "date", how: "time", unit: "month" });
const palette = { accent: "#0b6a73", surface: "#ffffff" } as Palette;

function view(mark: string, data: Trace[], x: BrushAxis, more: Partial<FigureViewData["brush"]> = {}, layout: Record<string, unknown> = {}): FigureViewData {
  return { type: "figure", mark, figure: { data, layout }, brush: { x, y: null, series: null, facet: null, lying: false, ...more } };
}

describe("a stretch of an axis", () => {
  it("is whole bins, half open, and the last one closed", () => {
    expect(ofRange(delay, 14, 58, [])).toEqual({ column: "delay", spans: [{ low: 15, high: 60 }] });
    expect(ofRange(delay, 100, 200, [])).toEqual({ column: "delay", spans: [{ low: 105, high: 120, last: true }] });
    expect(ofRange(delay, 16, 18, [])).toEqual({ column: "delay", spans: [{ low: 15, high: 30 }] });
  });

  it("is categories by their places, with the complement for other", () => {
    const keys = ["UA", "B6", "missing", "other (12)"];
    expect(ofRange(axis({}), -0.4, 1.2, keys)).toEqual({ column: "c", values: ["UA", "B6"] });
    expect(ofRange(axis({}), 1.5, 3.5, keys)).toMatchObject({ missing: true, others: ["UA", "B6", "missing"] });
  });

  it("is whole months, and stays within whole numbers", () => {
    expect(ofRange(month, "2024-01-20", "2024-03-10", ["2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01"])).toEqual({ column: "day", spans: [{ low: "2024-02-01", high: "2024-04-01" }] });
    expect(nextUnit("2024-12-01", "month")).toBe("2025-01-01");
    expect(nextUnit("2024-12-01T23:00:00", "hour")).toBe("2024-12-02T00:00:00");
    expect(ofRange(axis({ type: "integer", how: "value" }), 1.2, 4.8, [])).toEqual({ column: "c", spans: [{ low: 2, high: 4, last: true }] });
  });
});

describe("gestures", () => {
  const bars = (own: Partial<Trace> = {}): Trace => ({ type: "bar", name: "", x: ["UA", "B6"], y: [3, 2], meta: { series: 0 }, ...own });

  it("a click selects a bar and its series, a second one with shift adds, the same again takes away", () => {
    const two = view("bar", [bars({ name: "EWR" }), bars({ name: "JFK" })], axis({}), { series: "origin" });
    const first = ofClick(two, { data: two.figure.data![1]!, pointNumber: 0 });
    expect(first).toEqual([{ column: "c", values: ["UA"] }, { column: "origin", values: ["JFK"] }]);
    const plain = view("bar", [bars()], axis({}));
    const one = ofClick(plain, { data: bars(), pointNumber: 0 });
    const both = toggled(one, ofClick(plain, { data: bars(), pointNumber: 1 }));
    expect(both).toEqual([{ column: "c", values: ["UA", "B6"] }]);
    expect(toggled(both, one)).toEqual([{ column: "c", values: ["B6"] }]);
    expect(toggled(one, one)).toEqual([]);
  });

  it("a click on a point of a scatter selects its place on both axes, within the digits it came with; its trend selects nothing", () => {
    const [x, y] = [axis({ column: "a", type: "number", how: "value" }), axis({ column: "n", type: "integer", how: "value" })];
    const points = { type: "scatter", mode: "markers", x: [12.3456, 7], y: [3, 4] };
    const scatter = view("scatter", [points], x, { y });
    expect(ofClick(scatter, { data: points, pointNumber: 0 })).toEqual([{ column: "a", spans: [{ low: 12.34555, high: 12.34565, last: true }] }, { column: "n", values: [3] }]);
    expect(ofClick(scatter, { data: { ...points, meta: { trend: true } }, pointNumber: 0 })).toEqual([]);
  });

  it("a table marks the rows of its own selection", () => {
    const columns = [{ name: "city", type: "text" }, { name: "fare", type: "number" }];
    const rows = [["Oslo", 5], ["Lima", null], ["Oslo", 50]];
    const marked = (conditions: Condition[], invert = false) => { const test = rowTest({ conditions, invert }, columns); return test && rows.map(test); };
    expect(marked([{ column: "city", values: ["Oslo"] }])).toEqual([true, false, true]);
    expect(marked([{ column: "city", values: ["Oslo"] }, { column: "fare", spans: [{ low: 0, high: 10 }] }])).toEqual([true, false, false]);
    expect(marked([{ column: "fare", missing: true }], true)).toEqual([true, false, true]);
    expect(marked([{ column: "gone", values: [1] }])).toBeUndefined();
    expect(rowTest(null, columns)).toBeUndefined();
  });

  it("a box on a scatter gives two stretches, on lying bars the other axis, in a panel its value", () => {
    const xy = { x: axis({ column: "a", type: "number", how: "value" }), y: axis({ column: "b", type: "number", how: "value" }) };
    const scatter = view("scatter", [{ type: "scatter", mode: "markers", x: [1, 5], y: [1, 5] }], xy.x, { y: xy.y });
    expect(ofDrag(scatter, { range: { x: [4, 0.5], y: [0, 2] } })).toEqual([{ column: "a", spans: [{ low: 0.5, high: 4, last: true }] }, { column: "b", spans: [{ low: 0, high: 2, last: true }] }]);
    const lying = view("bar", [{ ...bars(), x: [3, 2], y: ["UA", "B6"], orientation: "h" }], axis({}), { lying: true });
    expect(ofDrag(lying, { range: { x: [0, 9], y: [-0.5, 0.4] } })).toEqual([{ column: "c", values: ["UA"] }]);
    const panels = view("histogram", [bars()], delay, { facet: "origin" }, { meta: { panels: ["EWR", "JFK"] } });
    expect(ofDrag(panels, { range: { x2: [0, 29], y2: [0, 1] } })).toEqual([{ column: "delay", spans: [{ low: 0, high: 30 }] }, { column: "origin", values: ["JFK"] }]);
  });

  it("an outline is a polygon of two columns", () => {
    const xy = { x: axis({ column: "a", type: "number", how: "value" }), y: axis({ column: "b", type: "number", how: "value" }) };
    const scatter = view("scatter", [], xy.x, { y: xy.y });
    expect(ofDrag(scatter, { lassoPoints: { x: [0, 1, 1], y: [0, 0, 1] } })).toEqual([{ column: "a", against: "b", polygon: [[0, 0], [1, 0], [1, 1]] }]);
  });
});

describe("a selection", () => {
  it("dims the rest, and its inversion the selected", () => {
    const one = view("histogram", [{ type: "bar", x: [7.5, 22.5, 37.5], y: [1, 2, 3], meta: { series: 0 } }], delay);
    const selection = { conditions: [{ column: "delay", spans: [{ low: 15, high: 45 }] }] };
    const figure = { data: one.figure.data!, layout: {} };
    expect(withSelection(figure, one, selection, palette).data[0]).toMatchObject({ selectedpoints: [1, 2] });
    expect(withSelection(figure, one, { ...selection, invert: true }, palette).data[0]).toMatchObject({ selectedpoints: [0] });
    expect(withSelection(figure, one, null, palette).data[0]).not.toHaveProperty("selectedpoints");
  });

  it("shades stretches of lines and maps", () => {
    const line = view("line", [{ type: "scatter", mode: "lines", x: ["2024-01-01"], y: [1] }], month);
    const { layout } = withSelection({ data: [], layout: {} }, line, { conditions: [{ column: "day", spans: [{ low: "2024-01-01", high: "2024-03-01" }] }] }, palette);
    expect(layout.shapes).toMatchObject([{ x0: "2024-01-01", x1: "2024-03-01", yref: "y domain" }]);
  });

  it("agrees with itself on marks and keys", () => {
    for (const [one, key, keys] of [[delay, 22.5, []], [month, "2024-02-01", []], [axis({}), "UA", ["UA", "other (3)"]], [axis({}), "other (3)", ["UA", "other (3)"]], [axis({}), "missing", []]] as const) {
      expect(passes(one, ofKey(one, key, keys), key, keys)).toBe(true);
    }
    expect(passes(axis({}), { column: "c", others: ["UA"] }, "UA", ["UA"])).toBe(false);
  });

  it("is read with patience and said in words", () => {
    expect(readSelection({ selection: { conditions: "x" } })).toBeNull();
    expect(readSelection({})).toBeNull();
    const read = readSelection({ selection: { conditions: [{ column: "dep_delay", spans: [{ low: 15, high: 60 }] }, { column: "carrier", values: ["a", "b", "c", "d"] }], invert: true } })!;
    expect(selectionWords(read)).toBe("all but dep_delay 15 to 60, carrier a or b or c or 1 more");
  });
});

describe("marked cells of a table", () => {
  const rows = [["Oslo", 1], ["Lima", null], ["Oslo", 3]];
  const columns = [{ name: "city", type: "text" }, { name: "n", type: "integer" }];

  it("are values of their columns", () => {
    expect(conditionsOf({ row: 2, column: 0, anchor: [0, 0] }, columns, (i) => rows[i])).toEqual([{ column: "city", values: ["Oslo", "Lima"] }]);
    expect(conditionsOf({ row: 1, column: 1, anchor: [1, 0] }, columns, (i) => rows[i])).toEqual([{ column: "city", values: ["Lima"] }, { column: "n", missing: true }]);
  });
});

describe("suggestions", () => {
  const c = (name: string, type: string, distinct: number | null = null) => ({ name, type, distinct });
  const marks = (...columns: SuggestColumn[]) => suggestCharts(columns).map((each) => each.params.mark);

  it("follow types and how many values there are", () => {
    expect(marks(c("fare", "number"))).toEqual(["histogram", "box"]);
    expect(marks(c("city", "text", 5))).toEqual(["bar", "pie"]);
    expect(marks(c("city", "text", 500))).toEqual(["bar"]);
    expect(marks(c("day", "date"))).toEqual(["line", "bar"]);
    expect(marks(c("a", "number"), c("b", "number")).slice(0, 2)).toEqual(["scatter", "density"]);
    expect(marks(c("fare", "number"), c("city", "text", 5)).slice(0, 3)).toEqual(["bar", "violin", "histogram"]);
    expect(marks(c("day", "date"), c("fare", "number"), c("city", "text", 5)).slice(0, 2)).toEqual(["line", "line"]);
    expect(marks(c("month", "integer", 12))).toEqual(["bar"]);
  });

  it("leave out ids, and are at most eight", () => {
    expect(suggestCharts([{ name: "id", type: "text", unique: true }])).toEqual([]);
    expect(suggestCharts([c("a", "number"), c("b", "number"), c("d", "text", 3), c("t", "date")])).toHaveLength(8);
    expect(suggestCharts([])).toEqual([]);
  });
});
