/** The range of a slider for a column's values, and writes limited to 15 a second with one undo step for a drag. */
import type { ColumnProfile } from "../views/view";

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

const EVERY = 1000 / 15;

/** Passes on the newest value at most 15 times a second; `flush` passes on what waits. */
export class Limiter<T> {
  #last = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #waiting: { value: T } | undefined;

  constructor(readonly write: (value: T) => void, readonly now: () => number = () => performance.now()) {}

  push(value: T): void {
    this.#waiting = { value };
    if (this.#timer !== undefined) return;
    const wait = this.#last + EVERY - this.now();
    if (wait <= 0) this.flush();
    else this.#timer = setTimeout(() => this.flush(), wait);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const waiting = this.#waiting;
    if (!waiting) return;
    this.#waiting = undefined;
    this.#last = this.now();
    this.write(waiting.value);
  }
}
