/** From places on an axis to conditions on its column, and back: bins half open, dates by their unit. Pure. */
import type { BrushAxis } from "../view";
import type { Condition, Scalar, Span } from "./selection";

const OTHER = /^other( \([\d,.]+\))?$/;
const DAY = 86_400_000;

export const isOther = (key: unknown) => typeof key === "string" && OTHER.test(key);

/** Milliseconds of an ISO date as it stands, without a zone. */
export function moment(text: unknown): number {
  const plain = String(text).trim().replace(" ", "T");
  return Date.parse(/T/.test(plain) ? `${plain}Z` : `${plain}T00:00:00Z`);
}

function iso(ms: number, like: string): string {
  const text = new Date(ms).toISOString();
  return /[T ]/.test(like) || ms % DAY !== 0 ? text.slice(0, 19) : text.slice(0, 10);
}

/** The start of the next month, week, … after one that starts at `key`. */
export function nextUnit(key: string, unit: string): string {
  const at = new Date(moment(key));
  const steps: Record<string, () => void> = {
    year: () => at.setUTCFullYear(at.getUTCFullYear() + 1), quarter: () => at.setUTCMonth(at.getUTCMonth() + 3), month: () => at.setUTCMonth(at.getUTCMonth() + 1),
    week: () => at.setTime(at.getTime() + 7 * DAY), day: () => at.setTime(at.getTime() + DAY), hour: () => at.setTime(at.getTime() + DAY / 24),
    minute: () => at.setTime(at.getTime() + 60_000),
  };
  steps[unit]?.();
  return iso(at.getTime(), key);
}

/** Where bin `i` begins, without the dust of floating point. */
export function edge(axis: BrushAxis, i: number): number {
  const place = (axis.start ?? 0) + i * (axis.width ?? 1);
  return Number((axis.log ? 10 ** place : place).toPrecision(12));
}

export function binAt(axis: BrushAxis, value: number): number {
  const place = axis.log ? Math.log10(value) : value;
  const i = Math.floor((place - (axis.start ?? 0)) / (axis.width ?? 1) + 1e-9);
  return Math.min((axis.bins ?? 1) - 1, Math.max(0, i));
}

function bins(axis: BrushAxis, first: number, last: number): Span {
  const span: Span = { low: edge(axis, first), high: edge(axis, last + 1) };
  return last === (axis.bins ?? 0) - 1 ? { ...span, last: true } : span;
}

const isPart = (axis: BrushAxis) => axis.unit === "day_of_week" || axis.unit === "hour_of_day";

/** The condition that one mark stands for; `keys` are all keys of the axis, for “other”. */
export function ofKey(axis: BrushAxis, key: unknown, keys: readonly unknown[]): Condition {
  const c: Condition = { column: axis.column };
  if (isPart(axis)) return { ...c, unit: axis.unit, values: [key as Scalar] };
  if (isOther(key)) return { ...c, others: keys.filter((each) => !isOther(each)) as Scalar[] };
  if (key === null || (key === "missing" && axis.how === "category")) return { ...c, missing: true };
  if (axis.how === "bins") { const i = binAt(axis, Number(key)); return { ...c, spans: [bins(axis, i, i)] }; }
  if (axis.how === "time" && axis.unit !== "none") return { ...c, spans: [{ low: String(key), high: nextUnit(String(key), axis.unit) }] };
  return { ...c, values: [key as Scalar] };
}

/** Rounds what a hand cannot aim: four digits of the dragged stretch. */
function aimed(value: number, stretch: number): number {
  const digits = Math.max(0, Math.min(12, 2 - Math.floor(Math.log10(Math.abs(stretch) || 1))));
  return Number(value.toFixed(digits));
}

function numbers(axis: BrushAxis, low: number, high: number): Span | null {
  if (axis.type === "integer") return Math.ceil(low) > Math.floor(high) ? null : { low: Math.ceil(low), high: Math.floor(high), last: true };
  return { low: aimed(low, high - low), high: aimed(high, high - low), last: true };
}

/** The condition of a stretch that was dragged; null when it holds no mark. Places of categories are their numbers in `keys`. */
export function ofRange(axis: BrushAxis, from: unknown, to: unknown, keys: readonly unknown[]): Condition | null {
  const c: Condition = { column: axis.column };
  if (axis.type === "date" || axis.type === "datetime") {
    if (!isPart(axis)) return ofTimes(axis, from, to, keys);
  }
  const [low, high] = [Number(from), Number(to)].sort((a, b) => a - b) as [number, number];
  if (axis.how === "bins") {
    const inside = Array.from({ length: axis.bins ?? 0 }, (_, i) => i).filter((i) => { const middle = (edge(axis, i) + edge(axis, i + 1)) / 2; return middle >= low && middle <= high; });
    // A drag within one bar selects that bar.
    const [first, last] = inside.length ? [inside[0]!, inside.at(-1)!] : [binAt(axis, (low + high) / 2), binAt(axis, (low + high) / 2)];
    return { ...c, spans: [bins(axis, first, last)] };
  }
  if (axis.how === "category") {
    const inside = keys.filter((_, i) => i >= low && i <= high);
    if (!inside.length) { const near = keys[Math.round((low + high) / 2)]; return near === undefined ? null : ofKey(axis, near, keys); }
    return inside.map((key) => ofKey(axis, key, keys)).reduce((a, b) => ({ ...a, ...b, values: [...(a.values ?? []), ...(b.values ?? [])] }));
  }
  const span = numbers(axis, low, high);
  return span && { ...c, spans: [span] };
}

function ofTimes(axis: BrushAxis, from: unknown, to: unknown, keys: readonly unknown[]): Condition | null {
  const [low, high] = [moment(from), moment(to)].sort((a, b) => a - b) as [number, number];
  if (axis.unit === "none" || axis.how !== "time") return { column: axis.column, spans: [{ low: iso(low, "T"), high: iso(high, "T"), last: true }] };
  const inside = keys.map(String).filter((key) => moment(key) >= low && moment(key) <= high).sort();
  const [first, last] = [inside[0], inside.at(-1)];
  return first && last ? { column: axis.column, spans: [{ low: first, high: nextUnit(last, axis.unit) }] } : null;
}

function within(value: number | string, span: Span): boolean {
  const place = typeof value === "number" ? value : moment(value);
  const end = (side: number | string | null) => (side === null ? null : typeof side === "number" ? side : moment(side));
  const [low, high] = [end(span.low), end(span.high)];
  return (low === null || place >= low) && (high === null || (span.last ? place <= high : place < high));
}

/** Whether a mark with this key passes a condition on its axis. */
export function passes(axis: BrushAxis, c: Condition, key: unknown, keys: readonly unknown[]): boolean {
  const own = ofKey(axis, key, keys);
  if (own.missing) return c.missing === true || Boolean(c.others && !c.others.includes("missing"));
  if (own.others) return Boolean(c.others);
  const value = own.values?.[0];
  if (value !== undefined && (c.values ?? []).some((each) => String(each) === String(value))) return true;
  if (c.others && value !== undefined && !c.others.some((each) => String(each) === String(value))) return true;
  const place = axis.how === "bins" ? (Number(own.spans?.[0]?.low) + Number(own.spans?.[0]?.high)) / 2 : (own.spans?.[0]?.low ?? value);
  return place !== undefined && typeof place !== "boolean" && place !== null && (c.spans ?? []).some((span) => within(place, span));
}

export function inPolygon(x: number, y: number, polygon: readonly [number, number][]): boolean {
  let inside = false;
  polygon.forEach(([ax, ay], i) => {
    const [bx, by] = polygon[(i + 1) % polygon.length]!;
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  });
  return inside;
}
