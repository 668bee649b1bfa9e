/** What is selected in a chart or table: conditions on columns, how they join, and their words. Pure. */
export interface Span {
  low: number | string | null;
  /** Does not belong to the span, unless `last`. */
  high: number | string | null;
  last?: boolean;
}

export type Scalar = string | number | boolean;

export interface Condition {
  column: string;
  unit?: string;
  spans?: Span[];
  values?: Scalar[];
  /** All but these: the “other” bar. */
  others?: Scalar[] | null;
  missing?: boolean;
  against?: string | null;
  polygon?: [number, number][];
}

export interface Selection {
  conditions: Condition[];
  invert?: boolean;
}

const list = <T>(value: unknown): T[] => (Array.isArray(value) ? (value as T[]) : []);

/** The selection of a cell, or null; tolerant, as the document may hold anything. */
export function readSelection(params: Record<string, unknown> | undefined): Selection | null {
  const raw = params?.selection as Partial<Selection> | null | undefined;
  const conditions = list<Condition>(raw?.conditions).filter((c) => typeof c?.column === "string");
  return conditions.length ? { conditions, invert: raw?.invert === true } : null;
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

function union<T>(a: readonly T[], b: readonly T[]): T[] {
  return [...a, ...b.filter((each) => !a.some((other) => same(other, each)))];
}

function without<T>(a: readonly T[], b: readonly T[]): T[] {
  return a.filter((each) => !b.some((other) => same(other, each)));
}

export function isEmpty(c: Condition): boolean {
  return !list(c.spans).length && !list(c.values).length && !c.missing && !c.others && !c.polygon?.length;
}

/** Whether all that `part` holds is in `whole` already. */
function holds(whole: Condition, part: Condition): boolean {
  return without(list(part.spans), list(whole.spans)).length === 0 && without(list(part.values), list(whole.values)).length === 0
    && (!part.missing || whole.missing === true) && (!part.others || Boolean(whole.others));
}

/** Both conditions on one column as one. */
export function joined(a: Condition, b: Condition): Condition {
  if (a.polygon || b.polygon) return b;
  const out: Condition = { column: a.column };
  const unit = a.unit ?? b.unit;
  if (unit && unit !== "none") out.unit = unit;
  const [spans, values] = [union(list<Span>(a.spans), list<Span>(b.spans)), union(list<Scalar>(a.values), list<Scalar>(b.values))];
  if (spans.length) out.spans = spans;
  if (values.length) out.values = values;
  if (a.missing || b.missing) out.missing = true;
  if (a.others || b.others) out.others = a.others ?? b.others;
  return out;
}

function less(a: Condition, b: Condition): Condition {
  const out: Condition = { column: a.column };
  if (a.unit && a.unit !== "none") out.unit = a.unit;
  const [spans, values] = [without(list<Span>(a.spans), list<Span>(b.spans)), without(list<Scalar>(a.values), list<Scalar>(b.values))];
  if (spans.length) out.spans = spans;
  if (values.length) out.values = values;
  if (a.missing && !b.missing) out.missing = true;
  if (a.others && !b.others) out.others = a.others;
  return out;
}

/** Conditions with others put in: on the same column as one more way to pass; taken out again when they are there already. */
export function toggled(now: readonly Condition[], more: readonly Condition[]): Condition[] {
  const inside = more.every((c) => now.some((each) => each.column === c.column && holds(each, c)));
  const first = more[0];
  if (inside && first) {
    const left = now.map((each) => (each.column === first.column ? less(each, first) : each)).filter((each) => !isEmpty(each));
    // Without a mark, a series alone is no selection.
    return left.some((each) => each.column === first.column) ? left : [];
  }
  const out = [...now];
  for (const c of more) {
    const at = out.findIndex((each) => each.column === c.column);
    if (at < 0) out.push(c);
    else out[at] = joined(out[at]!, c);
  }
  return out;
}

function short(value: number | string | null): string {
  return typeof value === "number" ? String(Number(value.toPrecision(6))) : String(value ?? "");
}

function spanWords({ low, high }: Span): string {
  if (low === null || high === null) return high === null ? `from ${short(low)}` : `below ${short(high)}`;
  return `${short(low)} to ${short(high)}`;
}

function conditionWords(c: Condition): string {
  if (c.against) return `an area of ${c.column} and ${c.against}`;
  const values = list<Scalar>(c.values);
  const parts = [...list<Span>(c.spans).map(spanWords), ...values.slice(0, 3).map(String)];
  if (values.length > 3) parts.push(`${values.length - 3} more`);
  if (c.missing) parts.push("missing");
  if (c.others) parts.push("other");
  return `${c.column} ${parts.join(" or ")}`;
}

/** "dep_delay 15 to 60, carrier UA"; the same as the server says. */
export function selectionWords(selection: Selection): string {
  const said = selection.conditions.map(conditionWords).join(", ");
  return selection.invert ? `all but ${said}` : said;
}

/** Columns a selection asks of a table. */
export function columnsOf(selection: Selection): string[] {
  return [...new Set(selection.conditions.flatMap((c) => (c.against ? [c.column, c.against] : [c.column])))];
}
