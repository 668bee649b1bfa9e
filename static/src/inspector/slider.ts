/** The range of a slider for a column's values. */
import type { ColumnProfile } from "../views/view";

export { Limiter } from "../views/limiter";

export interface Range {
  min: number;
  max: number;
  step: number;
}

/** From a profile; undefined when the column has no numeric range to slide over. */
export function rangeOf(profile: ColumnProfile | undefined, type: string | undefined): Range | undefined {
  if (!profile || (type !== "integer" && type !== "number")) return undefined;
  const { min, max } = profile;
  if (typeof min !== "number" || typeof max !== "number" || !(max > min)) return undefined;
  const rough = 10 ** Math.floor(Math.log10((max - min) / 200));
  return { min, max, step: type === "integer" ? Math.max(1, rough) : rough };
}

/** A value without the dust of floating point. */
export function tidy(value: number, step: number): number {
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  return Number(value.toFixed(Math.min(12, digits)));
}
