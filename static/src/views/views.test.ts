/** Tests of formatting, of figure styling and of what text may hold. */
import { describe, expect, it } from "vitest";
import { splitMessage } from "./ErrorPanel";
import { inWords } from "./figure/axes";
import { endLabels, escaped, lastIndex, spread } from "./figure/labels";
import { faded, slots, type Palette } from "./figure/palette";
import { styleFigure } from "./figure/style";
import { csvOf } from "./figure/numbers";
import { isBand } from "./figure/traces";
import type { Trace } from "./view";
import { columnFormat, count, duration, percent } from "../theme/format";
import { bars, profileWords } from "./Profile";
import { changeOf, numberWords, periodWords, sparkline } from "./metric";
import { safeUrl } from "./safeUrl";
import { words } from "./NeedsSettings";

const palette: Palette = {
  data: ["#000001", "#000002", "#000003", "#000004", "#000005", "#000006"], other: "#999999", surface: "#ffffff", sunken: "#f0f0f0", ink: "#111111",
  ink2: "#222222", ink3: "#333333", line: "#dddddd", lineStrong: "#888888", accent: "#0b6a73", sans: "sans", mono: "mono",
};
const options = { size: [400, 300] as [number, number], palette, revision: "r", by: "carrier" };
const line = (name: string, series: number, y: (number | null)[]) => ({ type: "scatter", mode: "lines", name, meta: { series }, x: y.map((_, i) => i), y });

describe("numbers", () => {
  it("of one column have the same decimals", () => {
    const format = columnFormat("mrr", "number", [1, 18.5, 1940.25]);
    expect([format(1), format(1940.25)]).toEqual(["1.00", "1,940.25"]);
  });

  it("that are names are not grouped", () => {
    expect(columnFormat("year", "integer", [2013])(2013)).toBe("2013");
    expect(columnFormat("rows", "integer", [2013])(2013)).toBe("2,013");
  });

  it("missing is a dash, dates lose empty seconds", () => {
    expect(columnFormat("a", "number", [])(null)).toBe("–");
    expect(columnFormat("a", "datetime", [])("2013-01-01T05:15:00")).toBe("2013-01-01 05:15");
  });

  it("in lists are short, shares and times are words", () => {
    expect(count(2_104_331, true)).toBe("2.1M");
    expect(count(99_999, true)).toBe("99,999");
    expect(percent(0.38)).toBe("38%");
    expect(percent(0.0002)).toBe("<0.1%");
    expect(duration(420)).toBe("0.42 s");
    expect(duration(190_000)).toBe("3 min 10 s");
  });
});

describe("figures", () => {
  it("give one series the first colour", () => {
    const { data, layout } = styleFigure({ type: "figure", figure: { data: [{ type: "bar", x: ["a"], y: [1], meta: { series: 0 } }] } }, options);
    expect(data[0]).toMatchObject({ marker: { color: "#000001" } });
    expect(layout).toMatchObject({ width: 400, height: 300, showlegend: false, uirevision: "r" });
  });

  it("label up to four lines at their ends instead of a legend", () => {
    const { data, layout } = styleFigure({ type: "figure", figure: { data: [line("UA", 0, [1, 2]), line("AA", 1, [2, 1])] } }, options);
    expect(layout.showlegend).toBe(false);
    expect((layout.annotations as { text: string }[]).map((a) => a.text)).toEqual(["UA", "AA"]);
    expect(data.every((t) => t.showlegend === false)).toBe(true);
    const five = ["a", "b", "c", "d", "e"].map((n, i) => line(n, i, [1, 2]));
    expect(styleFigure({ type: "figure", figure: { data: five } }, options).layout).toMatchObject({ showlegend: true, annotations: [] });
  });

  it("draw a band in the colour of its line, without a line of its own", () => {
    const band = { type: "scatter", mode: "lines", name: "UA 95 %", meta: { series: 0, band: true }, fill: "toself", line: { width: 0 }, x: [0], y: [1] };
    expect(isBand(band)).toBe(true);
    const { data } = styleFigure({ type: "figure", figure: { data: [band, line("UA", 0, [1, 2])] } }, options);
    expect(data[0]).toMatchObject({ fillcolor: faded("#000001", 0.18), hoverinfo: "skip", showlegend: false });
  });

  it("give a category the same colour whatever else is shown, and no two the same", () => {
    const alone = slots("carrier", ["UA", "DL"]);
    expect(slots("carrier", ["UA", "DL", "AA"]).slice(0, 2)).toEqual(alone);
    const six = slots("carrier", ["UA", "DL", "AA", "B6", "EV", "MQ"]);
    expect(new Set(six).size).toBe(6);
    expect(slots("carrier", ["other", "missing"])).toEqual([-1, -1]);
  });

  it("keep labels a line apart and text harmless", () => {
    const apart = spread([10, 11, 12]);
    expect(apart[1]! - apart[0]!).toBeGreaterThanOrEqual(12.9);
    expect(lastIndex(line("a", 0, [1, 2, null]))).toBe(1);
    const [label] = endLabels([line("<b>x</b>", 0, [1]), line("y", 1, [2])], options);
    expect(label).toMatchObject({ text: escaped("<b>x</b>"), y: 1 });
  });
});

it("folds histograms to 24 bars and keeps every row", () => {
  const folded = bars(Array.from({ length: 100 }, () => 1));
  expect(folded.length).toBeLessThanOrEqual(24);
  expect(folded.reduce((a, b) => a + b, 0)).toBe(100);
});

it("says a profile in words", () => {
  expect(profileWords({ type: "number", missing: 0.006, distinct: 12, approx: true, min: 1, max: 9 })).toBe("about 12 different, 1 to 9, 0.6% missing");
});

it("lets only http links through", () => {
  expect(safeUrl("https://a.org/x")).toBe("https://a.org/x");
  for (const bad of ["javascript:alert(1)", "data:text/html,x", "/relative", "file:///etc/passwd"]) expect(safeUrl(bad)).toBeUndefined();
});

it("splits an error into what happened and the rest", () => {
  expect(splitMessage("No column “plan”. The closest is x.")).toEqual(["No column “plan”.", "The closest is x."]);
  expect(splitMessage("Broken")).toEqual(["Broken", ""]);
});

it("turns bare field names into what to do", () => {
  expect(words("X")).toBe("Set X");
  expect(words("pick a column to filter by.")).toBe("Pick a column to filter by");
});

it("says the cut of a date axis in words", () => {
  expect(inWords("time_hour (day_of_week)")).toBe("time_hour, day of week");
  expect(inWords("size (mm)")).toBe("size (mm)");
});

describe("numbers of a chart", () => {
  const view = (data: Trace[], layout: Record<string, unknown> = {}) => ({ type: "figure" as const, figure: { data, layout } });
  const titles = { xaxis: { title: { text: "city" } }, yaxis: { title: { text: "count" } } };

  it("have a line for each mark, with intervals, and guard against formulas", () => {
    const bars = { type: "bar", name: "", x: ["a", "=1+1", 'say "b"'], y: [1, 2, 3], error_y: { array: [0.5, 1, 1], arrayminus: [0.5, 1, 1] }, meta: { series: 0 } };
    expect(csvOf(view([bars], titles))).toBe('city,count,low,high\r\na,1,0.5,1.5\r\n\'=1+1,2,1,3\r\n"say ""b""",3,2,4\r\n');
  });

  it("know lying bars, panels, maps and pies", () => {
    const lying = { type: "bar", orientation: "h", name: "UA", x: [5], y: ["a"], meta: { series: 0, panel: 1 } };
    expect(csvOf(view([lying], { ...titles, meta: { panels: ["p", "q"] } }))).toBe("panel,series,count,city\r\nq,UA,a,5\r\n");
    expect(csvOf(view([{ type: "heatmap", x: [1, 2], y: ["m"], z: [[3, null]], meta: {}, colorbar: { title: { text: "mean" } } }]))).toBe("x,value,mean\r\n1,m,3\r\n2,m,\r\n");
    expect(csvOf(view([{ type: "pie", labels: ["a"], values: [2], meta: {} }]))).toBe("x,value\r\na,2\r\n");
  });
});

describe("metrics", () => {
  it("say a number in few digits and its change in words", () => {
    expect([numberWords(12.3456), numberWords(0.01234), numberWords(27_985), numberWords(1_240_000), numberWords(null)]).toEqual(["12.3", "0.0123", "27,985", "1.24M", "–"]);
    expect(changeOf({ value: 30, against: { value: 20, words: "" }, suffix: "min" })).toEqual({ way: "up", words: "10 min (50%) more" });
    expect(changeOf({ value: 0, against: { value: 0, words: "" }, suffix: "" })).toEqual({ way: "same", words: "no change" });
    expect(changeOf({ value: null, against: null, suffix: "" })).toBeNull();
  });

  it("name periods as people do", () => {
    expect(["year", "quarter", "month", "week", "day"].map((unit) => periodWords("2024-12-01", unit))).toEqual(["2024", "Q4 2024", "Dec 2024", "week of 2024-12-01", "2024-12-01"]);
    expect(periodWords("the target", "month")).toBe("the target");
  });

  it("draw a line that ends at the last value", () => {
    const { path, end } = sparkline([1, 3, 2], 100, 40);
    expect(path.startsWith("M4.0 36.0L50.0 4.0")).toBe(true);
    expect(end).toEqual([96, 20]);
  });
});
