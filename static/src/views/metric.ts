/** Numbers, changes and the small line of a metric: pure. */
import type { MetricData } from "./metric.view";

/** Three digits, or all before the point; "1.24M" past a hundred thousand. */
export function numberWords(value: number | string | null): string {
  if (typeof value !== "number") return value === null ? "–" : value;
  const size = Math.abs(value);
  if (size >= 100_000) return value.toLocaleString("en", { notation: "compact", maximumSignificantDigits: 4 });
  return value.toLocaleString("en", size >= 1000 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 });
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** "Dec 2024", "Q4 2024" or "2024" for the day a period begins; other words as they are. */
export function periodWords(text: string, unit: string): string {
  const [, year, month] = /^(\d{4})-(\d\d)-\d\d/.exec(text) ?? [];
  if (!year || !month) return text;
  if (unit === "year") return year;
  if (unit === "quarter") return `Q${Math.ceil(Number(month) / 3)} ${year}`;
  return unit === "month" ? `${MONTHS[Number(month) - 1]} ${year}` : unit === "week" ? `week of ${text}` : text;
}

export interface Change {
  way: "up" | "down" | "same";
  words: string;
}

/** The difference to what it is compared with: as a share, or plainly where there is no whole to share. */
export function changeOf({ value, against, suffix }: Pick<MetricData, "value" | "against" | "suffix">): Change | null {
  const other = against?.value;
  if (typeof value !== "number" || typeof other !== "number") return null;
  const difference = value - other;
  const way = difference > 0 ? "up" : difference < 0 ? "down" : "same";
  if (way === "same") return { way, words: "no change" };
  const plain = `${numberWords(Math.abs(difference))}${suffix ? ` ${suffix}` : ""}`;
  const share = other !== 0 ? `${numberWords(Math.abs(difference / other) * 100)}%` : "";
  return { way, words: [plain, share && `(${share})`, way === "up" ? "more" : "less"].filter(Boolean).join(" ") };
}

/** A line through the values, with room for its dot. */
export function sparkline(values: readonly number[], width: number, height: number): { path: string; area: string; end: [number, number] } {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const pad = 4;
  const points = values.map((value, i): [number, number] => [
    pad + (i / Math.max(1, values.length - 1)) * (width - 2 * pad),
    height - pad - ((value - low) / (high - low || 1)) * (height - 2 * pad),
  ]);
  const path = points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
  const end = points.at(-1) ?? [0, 0];
  return { path, area: `${path}L${end[0].toFixed(1)} ${height}L${pad} ${height}Z`, end };
}
