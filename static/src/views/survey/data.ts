/** A profile as the server sends it, its facts in words, and the cleaning step that a click adds. */
import { session } from "../../app/session";
import { count, percent } from "../../theme/format";
import type { ColumnProfile } from "../view";

export interface SurveyColumn extends ColumnProfile {
  name: string;
  quantiles?: Record<"q5" | "q25" | "median" | "q75" | "q95", number> | null;
  std?: number | null;
  zeros?: number;
  negative?: number;
}

export interface Suggestion {
  id: string;
  column: string | null;
  words: string;
  action: string;
  step: Record<string, unknown>;
}

export interface Associations {
  numbers: string[];
  pearson: (number | null)[][];
  spearman: (number | null)[][];
  categories: string[];
  cramer: (number | null)[][];
  n: number;
}

export interface Drift {
  column: string;
  change: "" | "gone" | "new" | "type";
  strength: "none" | "some" | "large";
  words: string;
  index?: number | null;
  counts?: number[];
}

export interface SurveyData {
  type: "profile";
  rows: number;
  level: { n: number; N: number } | null;
  columns: SurveyColumn[];
  left_out: number;
  duplicates: number | null;
  correlations: Associations | null;
  target: { column: string; n: number; with: { column: string; measure: string; strength: number; leak: boolean; words: string }[] } | null;
  suggestions: Suggestion[];
  other?: { rows: number; duplicates: number | null; drift: Drift[] | null };
}

const short = (value: number) => (Number.isInteger(value) ? count(value) : String(Number(value.toPrecision(4))));

/** The facts of a column that its row has no room for, as name and value. */
export function factsOf(c: SurveyColumn): [string, string][] {
  const out: [string, string][] = [];
  if (c.missing > 0) out.push(["Missing", percent(c.missing)]);
  if (c.distinct !== null) out.push(["Different", `${c.approx ? "about " : ""}${count(c.distinct)}`]);
  if (c.mean !== null && c.mean !== undefined) out.push(["Mean", short(c.mean)]);
  if (c.std !== null && c.std !== undefined) out.push(["Deviation", short(c.std)]);
  if (c.min !== null && c.min !== undefined) out.push(["Lowest", typeof c.min === "number" ? short(c.min) : c.min]);
  const q = c.quantiles;
  if (q) out.push(["5 %", short(q.q5)], ["25 %", short(q.q25)], ["Median", short(q.median)], ["75 %", short(q.q75)], ["95 %", short(q.q95)]);
  if (c.max !== null && c.max !== undefined) out.push(["Highest", typeof c.max === "number" ? short(c.max) : c.max]);
  if (c.zeros) out.push(["Zeros", count(c.zeros)]);
  if (c.negative) out.push(["Below zero", count(c.negative)]);
  return out;
}

/** The cell whose table comes in at `table`, and from which port. */
function sourceOf(cell: string): { from: string; fromPort: string } | undefined {
  return session.doc.edgeList().find((edge) => edge.to === cell && edge.toPort === "table");
}

/** The recipe of a kind: its name and the prefix of its keys; the first kind that has one. */
function recipeKind(): { kind: string; prefix: string } | undefined {
  for (const [kind, each] of Object.entries(session.kinds)) {
    const properties = (each.params as { properties?: Record<string, { picker?: unknown; keyed?: unknown }> }).properties ?? {};
    const field = Object.values(properties).find((p) => p.picker === "recipe");
    if (field) return { kind, prefix: String(field.keyed ?? "step:") };
  }
  return undefined;
}

/** Adds the step to the recipe that feeds this profile or stands beside it; else to a new one. Returns that cell's title. */
export function addStep(cell: string, step: Record<string, unknown>): void {
  const source = sourceOf(cell);
  const recipe = recipeKind();
  const here = session.doc.record(cell);
  if (!source || !recipe || !here) return;
  const beside = session.doc.edgeList().find((edge) => edge.from === source.from && session.doc.record(edge.to)?.kind === recipe.kind)?.to;
  const found = session.doc.record(source.from)?.kind === recipe.kind ? source.from : beside;
  const target = found ?? session.edits.addCell({ kind: recipe.kind, pos: [here.pos[0], here.pos[1] + here.size[1] + 40], connect: source });
  session.edits.addEntry(target, recipe.prefix, step);
  session.ui.toast(`Added to “${session.edits.label(session.doc.record(target))}”`);
}
