/** Charts that suit some columns, by their types and how many values they hold: pure, the most telling first. */
export interface SuggestColumn {
  name: string;
  type: string;
  /** Different values; unknown when null. */
  distinct?: number | null;
  /** Nearly every row has a value of its own. */
  unique?: boolean;
}

export interface Suggestion {
  title: string;
  params: Record<string, unknown>;
}

const FEW = 6;
const SOME = 20;
const MOST = 8;

type Kind = "number" | "category" | "moment";

function kindOf(c: SuggestColumn): Kind {
  if (c.type === "date" || c.type === "datetime") return "moment";
  const whole = c.type === "integer" && typeof c.distinct === "number" && c.distinct <= SOME;
  return (c.type === "integer" || c.type === "number") && !whole ? "number" : "category";
}

const few = (c: SuggestColumn, most: number) => typeof c.distinct !== "number" || c.distinct <= most;

function ofNumber(n: SuggestColumn): Suggestion[] {
  return [
    { title: `How ${n.name} is spread`, params: { mark: "histogram", x: n.name } },
    { title: `Quartiles of ${n.name}`, params: { mark: "box", x: n.name } },
  ];
}

function ofCategory(c: SuggestColumn): Suggestion[] {
  const bars = { title: `Rows by ${c.name}`, params: { mark: "bar", x: c.name, horizontal: !few(c, 12) } };
  return few(c, FEW) && c.distinct ? [bars, { title: `Shares of ${c.name}`, params: { mark: "pie", x: c.name } }] : [bars];
}

function ofMoment(t: SuggestColumn): Suggestion[] {
  const week = { title: `Rows by day of week of ${t.name}`, params: { mark: "bar", x: t.name, time_unit: "day_of_week" } };
  return [{ title: `Rows over ${t.name}`, params: { mark: "line", x: t.name } }, week];
}

function numberAndCategory(n: SuggestColumn, c: SuggestColumn): Suggestion[] {
  return [
    { title: `Mean ${n.name} by ${c.name}`, params: { mark: "bar", x: c.name, y: n.name, aggregate: "mean", errors: "ci" } },
    { title: `How ${n.name} is spread by ${c.name}`, params: { mark: few(c, SOME) ? "violin" : "box", x: c.name, y: n.name } },
    ...(few(c, FEW) ? [{ title: `${n.name}, one histogram for each ${c.name}`, params: { mark: "histogram", x: n.name, facet: c.name } }] : []),
  ];
}

function twoNumbers(a: SuggestColumn, b: SuggestColumn): Suggestion[] {
  return [
    { title: `${b.name} against ${a.name}, with trend`, params: { mark: "scatter", x: a.name, y: b.name, trend: true } },
    { title: `Where ${a.name} and ${b.name} are dense`, params: { mark: "density", x: a.name, y: b.name } },
  ];
}

function twoCategories(a: SuggestColumn, b: SuggestColumn): Suggestion[] {
  const map = { title: `Rows by ${a.name} and ${b.name}`, params: { mark: "heatmap", x: a.name, y: b.name } };
  const split = few(a, FEW) ? [b, a] : few(b, FEW) ? [a, b] : null;
  if (!split) return [map];
  const [x, color] = split as [SuggestColumn, SuggestColumn];
  return [{ title: `${color.name} in each ${x.name}`, params: { mark: "bar", x: x.name, color: color.name, arrange: "share" } }, map];
}

function overTime(t: SuggestColumn, n: SuggestColumn | undefined, c: SuggestColumn | undefined): Suggestion[] {
  const value = n ? { y: n.name, aggregate: "mean" } : {};
  const what = n ? `Mean ${n.name}` : "Rows";
  if (!c) return [{ title: `${what} over ${t.name}`, params: { mark: "line", x: t.name, ...value } }];
  const lines = { title: `${what} over ${t.name} by ${c.name}`, params: { mark: "line", x: t.name, color: c.name, ...value } };
  const other = n ? { title: `${what} over ${t.name}, a panel for each ${c.name}`, params: { mark: "line", x: t.name, facet: c.name, ...value } }
    : { title: `Shares of ${c.name} over ${t.name}`, params: { mark: "area", x: t.name, color: c.name, arrange: "share" } };
  return [lines, other];
}

/** At most eight charts for the columns together, then for pairs and single ones. */
export function suggestCharts(columns: readonly SuggestColumn[]): Suggestion[] {
  // Ids and the like say nothing when counted.
  const useful = columns.filter((c) => !(c.unique && kindOf(c) === "category")).slice(0, 4);
  const of = (kind: Kind) => useful.filter((c) => kindOf(c) === kind);
  const [numbers, categories, moments] = [of("number"), of("category"), of("moment")];
  const [n, m] = numbers;
  const [c, d] = categories;
  const [t] = moments;
  const found: Suggestion[] = [];
  if (t && (n || c)) found.push(...overTime(t, n, c));
  if (n && m && c) found.push({ title: `${m.name} against ${n.name} by ${c.name}`, params: { mark: "scatter", x: n.name, y: m.name, color: c.name } });
  if (n && c && d) found.push({ title: `Mean ${n.name} by ${c.name} and ${d.name}`, params: { mark: "heatmap", x: c.name, y: d.name, color: n.name, aggregate: "mean" } });
  if (n && m) found.push(...twoNumbers(n, m));
  if (n && c) found.push(...numberAndCategory(n, c));
  if (c && d) found.push(...twoCategories(c, d));
  for (const each of useful) found.push(...{ number: ofNumber, category: ofCategory, moment: ofMoment }[kindOf(each)](each));
  return found.slice(0, MOST);
}
