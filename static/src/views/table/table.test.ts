/** Tests of the grid's arithmetic: windows, pages, cursor, copied text, widths, notes. */
import { describe, expect, it } from "vitest";
import { block, moved, tsv, type Cursor } from "./cursor";
import { ingestNotes } from "./notes";
import { PAGE, Pages } from "./pages";
import { contentHeight, reveal, ROW, rowWindow, scaleOf } from "./scroll";
import { draggedWidth, MIN_WIDTH } from "./widths";

describe("rows on screen", () => {
  it("are plain up to half a million", () => {
    expect(contentHeight(500_000)).toBe(14_000_000);
    expect(scaleOf(500_000, 300)).toBe(1);
    expect(rowWindow(2800, 280, 1000)).toEqual({ first: 96, last: 114, top: 96 * ROW });
  });

  it("reach the last of five million through a capped scroll bar", () => {
    const rows = 5_000_000;
    expect(contentHeight(rows)).toBe(10_000_000);
    const window = rowWindow(rows * ROW, 280, rows);
    expect(window.last).toBe(rows);
    const scrollTop = (rows * ROW - 280) / scaleOf(rows, 280);
    const lastRowTop = window.top + (rows - 1 - window.first) * ROW;
    expect(lastRowTop - scrollTop).toBeCloseTo(280 - ROW, 3);
  });

  it("hold all of a short table", () => {
    expect(rowWindow(0, 280, 3)).toEqual({ first: 0, last: 3, top: 0 });
  });

  it("move only as far as needed to show a row", () => {
    expect(reveal(0, 500, 280)).toBe(0);
    expect(reveal(10, 0, 280)).toBe(ROW);
    expect(reveal(5, 100, 280)).toBe(100);
  });
});

describe("pages", () => {
  const rows = (k: number) => Array.from({ length: PAGE }, (_, i) => [k * PAGE + i]);

  it("are fetched when wanted, once, and told", async () => {
    const asked: number[] = [];
    const pages = new Pages((k) => { asked.push(k); return Promise.resolve(rows(k)); }, rows(0), 10_000);
    let told = 0;
    pages.subscribe(() => { told += 1; });
    pages.want(0, 20);
    pages.want(390, 410);
    pages.want(390, 410);
    await Promise.resolve().then(() => undefined).then(() => undefined).then(() => undefined);
    expect(asked).toEqual([1, 2]);
    expect(pages.row(401)).toEqual([401]);
    expect(told).toBeGreaterThan(0);
  });

  it("are called off when no longer wanted", () => {
    const signals: AbortSignal[] = [];
    const pages = new Pages((_, signal) => { signals.push(signal); return new Promise(() => undefined); }, [], 10_000);
    pages.want(1000, 1010);
    pages.want(5000, 5010);
    expect(signals.map((s) => s.aborted)).toEqual([true, false]);
  });

  it("say which rows failed, and try again when asked", async () => {
    let asked = 0;
    const pages = new Pages(() => { asked += 1; return Promise.reject(new Error("no")); }, [], 10_000);
    pages.want(0, 10);
    await new Promise((done) => setTimeout(done));
    expect(pages.failed(5)).toBe(true);
    pages.want(0, 10);
    expect(asked).toBe(1);
    pages.retry();
    pages.want(0, 10);
    expect(asked).toBe(2);
  });
});

describe("cursor", () => {
  const bounds = { rows: 100, columns: 5, page: 10 };
  const at: Cursor = { row: 2, column: 1, anchor: [2, 1] };
  const key = (name: string, shift = false, mod = false) => moved(at, { key: name, shift, mod }, bounds);

  it("moves by keys and stays inside", () => {
    expect(key("ArrowDown")).toEqual({ row: 3, column: 1, anchor: [3, 1] });
    expect(key("PageUp")).toEqual({ row: 0, column: 1, anchor: [0, 1] });
    expect(key("End", false, true)).toEqual({ row: 99, column: 4, anchor: [99, 4] });
    expect(key("a")).toBeUndefined();
  });

  it("selects with Shift and copies the block as tab-separated text", () => {
    const wide = key("ArrowRight", true)!;
    expect(block(wide)).toEqual({ top: 2, bottom: 2, left: 1, right: 2 });
    expect(tsv({ ...wide, row: 3 }, (i) => [i, `a\tb${i}`, null])).toBe("a b2\t\na b3\t");
  });
});

it("divides a column drag by the zoom", () => {
  expect(draggedWidth(100, 60, 0.6)).toBe(200);
  expect(draggedWidth(100, 60, 1.4)).toBe(143);
  expect(draggedWidth(100, -500, 1)).toBe(MIN_WIDTH);
});

it("says how a file was read", () => {
  const notes = ingestNotes({ format: "csv", delimiter: ";", encoding: "cp1252", misfits: { a: 3, b: 0 }, almost: { c: { type: "number", misfits: 11 } } });
  expect(notes.words).toEqual(["CSV", "separated by semicolons", "cp1252"]);
  expect(notes.unfit).toEqual({ a: 3 });
  expect(notes.almost).toEqual([{ column: "c", type: "number", misfits: 11 }]);
  expect(ingestNotes(undefined).words).toEqual([]);
  expect(ingestNotes({ format: "sample" }).words).toEqual([]);
  expect(ingestNotes({ format: "csv", delimiter: ",", encoding: "utf-8" }).words).toEqual([]);
});
