/** Tests of the room that charts keep for the names of their axes. */
import { describe, expect, it } from "vitest";
import { expected, Fitted, tickLabels, widened } from "./figure/margins";
import type { Palette } from "./figure/palette";

const palette = { sans: "sans" } as Palette;
const titles = { xaxis: { title: { text: "carrier" } }, yaxis: { title: { text: "count" } } };
const bars = (y: unknown[]) => [{ type: "bar", x: ["UA", "DL"], y }];

describe("labels of an axis are known before they are drawn", () => {
  it.each([
    [0, 35, 109, "30"],
    [0, 110_000, 229, "100k"],
    [0, 1_050, 200, "1,000"],
    [0, 2.1, 200, "2.0"],
    [0, 4_200_000, 160, "4M"],
    [0, 0.7, 160, "0.6"],
  ])("from %d to %d in %d px the widest is %s… or so", (low, high, pixels, label) => {
    expect(tickLabels(low, high, pixels)).toEqual([label]);
  });

  it("has both ends where values are below zero", () => {
    expect(tickLabels(-21, 42, 200)).toEqual(["40", "−20"]);
  });
});

describe("margins", () => {
  it("hold a label, its title and a whisker", () => {
    const plain = expected(bars([10, 30]), titles, 182, palette);
    expect(plain).toEqual({ l: Math.ceil(2 * 6.6) + 1 + 24, b: 41 });
    const whisker = [{ type: "bar", x: ["UA"], y: [90], error_y: { array: [40] } }];
    expect(expected(whisker, titles, 182, palette).l).toBeGreaterThan(plain.l!);
  });

  it("are left to Plotly where labels are categories, or the chart has none of its own", () => {
    expect(expected([{ type: "bar", orientation: "h", x: [1, 2], y: ["UA", "DL"] }], titles, 182, palette)).toEqual({ b: 41 });
    expect(expected([{ type: "heatmap", z: [[1]] }], titles, 182, palette)).toEqual({});
    expect(expected(bars([]), {}, 182, palette)).toEqual({ b: 17 });
  });

  it("only grow while steps follow each other, and are forgotten at rest", () => {
    const base = { l: 40, r: 14, t: 12, b: 41 };
    expect(widened(base, { l: 52, b: 30 })).toEqual({ l: 52, r: 14, t: 12, b: 41 });
    const fitted = new Fitted();
    fitted.keep("mean by hour", 1_000, base);
    expect(fitted.recall("mean by hour", 1_500)).toEqual(base);
    expect(fitted.recall("count by hour", 1_500)).toBeUndefined();
    expect(fitted.recall("mean by hour", 9_000)).toBeUndefined();
  });
});
