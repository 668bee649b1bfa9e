/** The steps of a recipe as the browser knows them: what kinds there are, from the schema, and what each one did, from the result. */
import { entriesOf, type Entry } from "../../document/entries";
import { fieldsOf, type Field } from "../fields";

export interface StepKind {
  do: string;
  title: string;
  group: string;
  icon: string;
  help: string;
  fields: Field[];
}

export interface StepResult {
  id: string;
  /** The step as the server read it: what it says holds only while the document says the same. */
  step: Record<string, unknown>;
  words: string;
  lacks: string;
  columns: [string, string][];
  effect: { words: string; known: boolean; approx: boolean; offer: Record<string, unknown> | null };
  sql: string;
  pandas: string;
}

export interface Suggestion {
  id: string;
  column: string | null;
  words: string;
  action: string;
  step: Record<string, unknown>;
}

export interface RecipeResult {
  steps: StepResult[];
  suggestions: Suggestion[] | null;
}

type Json = Record<string, unknown>;

const obj = (value: unknown): Json => (typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {});
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** The prefix of the keys that hold the entries of a list param, and the kinds of step it may hold, in groups. */
export function recipeOf(schema: unknown, param: string): { prefix: string; kinds: StepKind[] } {
  const root = obj(schema);
  const defs = obj(root.$defs);
  const field = obj(obj(root.properties)[param]);
  const refs = list(obj(field.items).oneOf ?? obj(field.items).anyOf).map((each) => String(obj(each).$ref ?? "").split("/").pop() ?? "");
  const kinds = refs.flatMap((name): StepKind[] => {
    const own = obj(defs[name]);
    const type = obj(obj(own.properties).do).const;
    if (typeof type !== "string" || type === "broken") return [];
    const fields = fieldsOf({ ...own, $defs: defs }).filter((f) => f.name !== "do");
    return [{ do: type, title: String(own.title ?? type), group: String(own.group ?? ""), icon: String(own.icon ?? "wand"), help: String(own.help ?? ""), fields }];
  });
  return { prefix: String(field.keyed ?? "step:"), kinds };
}

export interface Line extends Entry {
  kind: StepKind | undefined;
  on: boolean;
  result: StepResult | undefined;
  error: string;
  /** What mends the step, and how the button says it. */
  fix: { label: string; change: Record<string, unknown> } | undefined;
}

interface Failed {
  param?: string | null;
  message: string;
  fix?: { label?: string; params?: unknown } | null;
}

/** Each step with what is known of it. */
export function linesOf(params: Json, prefix: string, kinds: readonly StepKind[], recipe: RecipeResult | undefined, failed: Failed | null | undefined): Line[] {
  return entriesOf(params, prefix).map((entry) => {
    const mine = failed?.param === entry.key;
    const change = obj(obj(failed?.fix?.params)[entry.key]);
    return {
      ...entry,
      kind: kinds.find((k) => k.do === entry.value.do),
      on: entry.value.on !== false,
      result: recipe?.steps.find((each) => each.id === entry.id && same(each.step, entry.value)),
      error: mine ? failed.message : "",
      fix: mine && Object.keys(change).length ? { label: String(failed.fix?.label ?? "Mend it"), change } : undefined,
    };
  });
}

/** Whether the server read what is written now; what is not written has its default. */
function same(read: Json, written: Json): boolean {
  return Object.entries(written).every(([key, value]) => JSON.stringify(read[key]) === JSON.stringify(value));
}

const quoted = (names: unknown): string => {
  const all = list(names).map(String);
  return all.length > 2 ? `${all.slice(0, 2).map((n) => `\`${n}\``).join(", ")} and ${all.length - 2} more` : all.map((n) => `\`${n}\``).join(", ");
};

/** The words of a step; until the server says them, its title and its columns. */
export function wordsOf(line: Line): string {
  if (line.result) return line.result.words;
  const columns = quoted(line.value.columns) || (line.value.column ? `\`${String(line.value.column)}\`` : "");
  return `${line.kind?.title ?? "Unknown step"}${columns ? ` ${columns}` : ""}`;
}

/** Text cut at backquotes: every second piece is a name. */
export function pieces(words: string): string[] {
  return words.split("`");
}

/** Whether a suggestion is a step already, so that its chip goes at once and not when the next result is here. */
export function isTaken(suggestion: Suggestion, lines: readonly Line[]): boolean {
  const { step } = suggestion;
  return lines.some((line) => Object.entries(step).every(([key, value]) => JSON.stringify(line.value[key]) === JSON.stringify(value)));
}
