/** Tests of the first picture of a chart: the marks stand where Plotly will draw them. */
import { describe, expect, it } from "vitest";
import type { Palette } from "./figure/palette";
import { sketch } from "./figure/sketch";
import type { Trace } from "./view";

const palette = { sans: "sans", line: "#ddd" } as Palette;
/** A plot of 100 by 100 pixels from (0, 0). */
const square = { width: 100, height: 100, margin: { l: 0, r: 0, t: 0, b: 0 } };
const bars = (rest: Partial<Trace> = {}): Trace => ({ type: "bar", x: ["UA", "DL"], y: [1, 2], marker: { color: "#0b6a73" }, ...rest });
const drawn = (data: Trace[], layout: Record<string, unknown> = {}) => sketch(data, { ...square, ...layout }, palette)!;
const outline = (data: Trace[], layout?: Record<string, unknown>) => drawn(data, layout).outlines.map(({ d }) => d);

describe("the first picture of a chart", () => {
  it("has its bars in place, with air above the tallest", () => {
    const [path] = outline([bars()]);
    expect(path).toBe("M4 100V52.4h42V100zM54 100V4.8h42V100z");
    expect(drawn([bars()]).outlines[0]).toMatchObject({ fill: "#0b6a73", opacity: 1 });
  });

  it("stacks bars and puts others side by side", () => {
    expect(outline([bars(), bars({ y: [1, 0] })], { barmode: "stack" })[1]).toMatch(/^M4 52\.4V4\.8h42/);
    expect(outline([bars(), bars()], { barmode: "group" }).map((d) => d.slice(0, 5))).toEqual(["M4 10", "M25 1"]);
    expect(outline([bars({ y: [1, 3] }), bars({ y: [3, 1] })], { barmode: "stack", barnorm: "percent" })[0]).toMatch(/^M4 100V76\.2h42/);
  });

  it("draws intervals, which need room too", () => {
    const error = { array: [1, null], arrayminus: [0.5, null], color: "#333" };
    const { outlines } = drawn([bars({ y: [2, 1], error_y: error })]);
    expect(outlines[1]).toEqual({ d: "M25 52.4V4.8", stroke: "#333", width: 1 });
  });

  it("lays bars down with their names beside them", () => {
    const { outlines, words } = drawn([bars({ orientation: "h", x: [1, 2], y: ["UA", "DL"] })]);
    expect(outlines[0]!.d.startsWith("M19 54")).toBe(true);
    expect(words.slice(0, 2).map(({ text, anchor }) => [text, anchor])).toEqual([["UA", "end"], ["DL", "end"]]);
  });

  it("fills a histogram's range, breaks lines where a value is missing and draws points as one path", () => {
    const layout = { xaxis: { range: [0, 10] }, yaxis: { range: [0, 10] } };
    expect(outline([bars({ x: [2.5, 7.5], y: [10, 5], width: 5 })], layout)).toEqual(["M0 100V0h50V100zM50 100V50h50V100z"]);
    const line = { type: "scatter", mode: "lines", line: { color: "#111", width: 2 }, x: [0, 5, 6, 10], y: [0, 5, null, 10] };
    expect(outline([line], layout)).toEqual(["M0 100L50 50M100 0"]);
    expect(outline([{ type: "scatter", mode: "markers", marker: { color: "#111" }, x: [1, 2], y: [1, 2] }], layout)).toEqual(["M10 90h0M20 80h0"]);
  });

  it("keeps the dates that Plotly chose, and reads moments as they are written", () => {
    const layout = { xaxis: { type: "date", range: ["2020-01-01", "2020-01-03"] }, yaxis: { range: [0, 10] }, margin: { l: 0, r: 0, t: 0, b: 20 } };
    const line = { type: "scatter", mode: "lines", line: { color: "#111", width: 2 }, x: ["2020-01-01", "2020-01-02T12:00:00"], y: [0, 10] };
    const day = Date.UTC(2020, 0, 2);
    const { outlines, words } = sketch([line], { ...square, ...layout }, palette, [{ at: day, text: "Jan 2<br>2020" }, { at: Date.UTC(2019, 0, 1), text: "out" }])!;
    expect(outlines[0]!.d).toBe("M0 80L75 0");
    expect(words.filter(({ anchor }) => anchor === "middle").map(({ x, y, text }) => [x, y, text])).toEqual([[50, 94, "Jan 2"], [50, 108, "2020"]]);
  });

  it("leaves other charts, panels and empty ones to Plotly", () => {
    expect(sketch([{ type: "pie", values: [1], labels: ["a"] }], square, palette)).toBeUndefined();
    expect(sketch([bars()], { ...square, meta: { panels: ["a"] } }, palette)).toBeUndefined();
    expect(sketch([], square, palette)).toBeUndefined();
  });
});
