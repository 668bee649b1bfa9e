/** The transform that fits a layout into a picture. */
import type { Layout } from "./canvases";

export function fitLayout(layout: Layout, width: number, height: number, margin = 14, most = 0.22): [number, number, number] {
  if (!layout.cells.length) return [0, 0, 1];
  const left = Math.min(...layout.cells.map(([x]) => x));
  const top = Math.min(...layout.cells.map(([, y]) => y));
  const right = Math.max(...layout.cells.map(([x, , w]) => x + w));
  const bottom = Math.max(...layout.cells.map(([, y, , h]) => y + h));
  const zoom = Math.min(most, (width - 2 * margin) / Math.max(1, right - left), (height - 2 * margin) / Math.max(1, bottom - top));
  return [(width - (left + right) * zoom) / 2, (height - (top + bottom) * zoom) / 2, zoom];
}
