/** How numbers, counts, dates and missing values are written. */
const NAMED_NUMBERS = /(^|[_\s])(id|year|yr|code|zip|zipcode|postcode|phone|flight|number|no)$/i;

const formats = new Map<string, Intl.NumberFormat>();

function format(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = JSON.stringify(options);
  let found = formats.get(key);
  if (!found) formats.set(key, (found = new Intl.NumberFormat(undefined, options)));
  return found;
}

export const MISSING = "–";

/** Counts with separators; above 99,999 short ("2.1M") when asked. */
export function count(n: number, short = false): string {
  return short && n > 99_999 ? format({ notation: "compact", maximumFractionDigits: 1 }).format(n) : format({}).format(n);
}

export function percent(share: number): string {
  if (share > 0 && share < 0.001) return "<0.1%";
  return format({ style: "percent", maximumFractionDigits: share < 0.1 ? 1 : 0 }).format(share);
}

export function duration(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(ms < 100 ? 3 : 2)} s`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

export function isNumeric(type: string): boolean {
  return type === "integer" || type === "number";
}

/** How one column's values are written: the same number of decimals all the way down. */
export function columnFormat(name: string, type: string, sample: readonly unknown[]): (value: unknown) => string {
  if (!isNumeric(type)) return (value) => plain(value, type);
  let digits = 0;
  for (const value of sample) {
    if (typeof value !== "number" || !Number.isFinite(value)) continue;
    const [, decimals = ""] = String(Math.abs(value) < 1e-6 ? 0 : value).split(".");
    digits = Math.max(digits, Math.min(4, decimals.length));
  }
  const grouped = !(type === "integer" && NAMED_NUMBERS.test(name));
  const number = format({ useGrouping: grouped, minimumFractionDigits: digits, maximumFractionDigits: digits });
  return (value) => typeof value === "number" && Number.isFinite(value) ? number.format(value) : plain(value, type);
}

function plain(value: unknown, type: string): string {
  if (value === null || value === undefined) return MISSING;
  if (typeof value === "string") return type === "datetime" ? value.replace("T", " ").replace(/(:\d\d):00(\.0+)?$/, "$1") : value;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
