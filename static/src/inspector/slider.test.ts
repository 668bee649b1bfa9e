/** Tests of slider ranges and of the write limit while dragging. */
import { afterEach, expect, it, vi } from "vitest";
import { Limiter, rangeOf, tidy } from "./slider";

afterEach(() => { vi.useRealTimers(); });

const profile = { type: "number", missing: 0, distinct: 3, min: 0, max: 10 };

it("takes the range of numeric columns only", () => {
  expect(rangeOf(profile, "number")).toEqual({ min: 0, max: 10, step: 0.01 });
  expect(rangeOf({ ...profile, max: 3 }, "integer")).toEqual({ min: 0, max: 3, step: 1 });
  expect(rangeOf(profile, "text")).toBeUndefined();
  expect(rangeOf({ ...profile, max: 0 }, "number")).toBeUndefined();
  expect(rangeOf({ ...profile, min: "2013-01-01" }, "date")).toBeUndefined();
});

it("drops floating point dust", () => {
  expect(tidy(0.1 + 0.2, 0.01)).toBe(0.3);
  expect(tidy(1234.6, 10)).toBe(1235);
});

it("writes at most 15 times a second and never loses the last value", () => {
  vi.useFakeTimers();
  let now = 0;
  const written: number[] = [];
  const limiter = new Limiter<number>((v) => written.push(v), () => now);
  for (let i = 0; i < 100; i++) {
    limiter.push(i);
    now += 10;
    vi.advanceTimersByTime(10);
  }
  limiter.flush();
  expect(written.length).toBeLessThanOrEqual(17);
  expect(written.length).toBeGreaterThan(10);
  expect(written.at(-1)).toBe(99);
});
