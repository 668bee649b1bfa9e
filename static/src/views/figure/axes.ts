/** Axis titles as people read them, and short names of weekdays. */
import type { Trace } from "../view";
import type { Palette } from "./palette";

const CUT = /^(.*) \((year|quarter|month|week|day|hour|day_of_week|hour_of_day)\)$/;
const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/** "time_hour (day_of_week)" becomes "time_hour, day of week". */
export function inWords(title: string): string {
  return title.replace(CUT, (_, column: string, unit: string) => `${column}, ${unit.replaceAll("_", " ")}`);
}

/** An axis with its title in words: mono when it is a bare column name, sans when it says more. */
export function axis(own: Record<string, unknown>, p: Palette): Record<string, unknown> {
  const title = own.title as { text?: unknown } | undefined;
  if (typeof title?.text !== "string") return own;
  const text = inWords(title.text);
  return { ...own, title: { ...title, text, font: { size: 11, color: p.ink3, family: text.includes(" ") ? p.sans : p.mono } } };
}

/** Weekdays as three letters, which stand upright in a narrow card. */
export function days(traces: readonly Trace[]): Record<string, unknown> {
  const values = traces.length === 1 && Array.isArray(traces[0]?.x) ? (traces[0].x as unknown[]) : [];
  if (!values.length || !values.every((value) => DAYS.includes(String(value)))) return {};
  return { tickmode: "array", tickvals: values, ticktext: values.map((value) => String(value).slice(0, 3)) };
}
