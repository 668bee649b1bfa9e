/** Tests of the home page's words and pictures. */
import { expect, it } from "vitest";
import { ago } from "./canvases";
import { fitLayout } from "./fit";

it("says how long ago", () => {
  const now = Date.parse("2026-01-10T12:00:00Z");
  expect(ago("2026-01-10T11:59:50Z", now)).toBe("just now");
  expect(ago("2026-01-10T10:00:00Z", now)).toBe("2 hours ago");
  expect(ago("2026-01-09T12:00:00Z", now)).toBe("yesterday");
});

it("fits a layout into its picture, centred", () => {
  const [x, y, zoom] = fitLayout({ cells: [[100, 100, 1000, 500, "chart"]], edges: [] }, 260, 160);
  expect(zoom).toBe(0.22);
  expect(x + 600 * zoom).toBeCloseTo(130);
  expect(y + 350 * zoom).toBeCloseTo(80);
  expect(fitLayout({ cells: [], edges: [] }, 10, 10)).toEqual([0, 0, 1]);
});
