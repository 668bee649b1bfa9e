/** The fields of a learner's form, from the JSON Schema of its settings: pure, and blind to learners. */
export interface Setting {
  name: string;
  label: string;
  /** What it does, and from where to where it goes. */
  help: string;
  type: "integer" | "number" | "boolean" | "text";
  min?: number;
  max?: number;
  choices?: { value: string; label: string }[];
}

interface Schema {
  title?: string;
  description?: string;
  type?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  labels?: Record<string, string>;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
}

const words = (value: string) => value.charAt(0).toUpperCase() + value.slice(1);

function choicesOf(schema: Schema): Setting["choices"] {
  const options = schema.anyOf ?? [schema];
  const values = options.flatMap((each) => each.enum ?? (each.const === undefined ? [] : [each.const]));
  const free = options.some((each) => each.enum === undefined && each.const === undefined && each.type !== "null");
  if (!values.length || free) return undefined;
  const choices = values.map((value) => ({ value: String(value), label: schema.labels?.[String(value)] ?? words(String(value)) }));
  return options.some((each) => each.type === "null") ? [{ value: "", label: "None" }, ...choices] : choices;
}

function settingOf(name: string, schema: Schema): Setting {
  const { minimum, exclusiveMinimum, maximum } = schema;
  const low = minimum ?? exclusiveMinimum;
  const from = minimum === undefined ? "From above" : "From";
  const range = low === undefined || maximum === undefined ? "" : ` ${from} ${low.toLocaleString()} to ${maximum.toLocaleString()}.`;
  const type = schema.type === "integer" || schema.type === "number" || schema.type === "boolean" ? schema.type : "text";
  return { name, label: schema.title ?? name, help: `${schema.description ?? ""}${range}`, type, min: low, max: maximum, choices: choicesOf(schema) };
}

export function settingsOf(schema: unknown): Setting[] {
  const properties = (schema as { properties?: Record<string, Schema> } | null)?.properties ?? {};
  return Object.entries(properties).map(([name, each]) => settingOf(name, each));
}

/** What somebody wrote where a number or a word may stand. */
export function written(text: string): string | number | null {
  const plain = text.trim();
  return plain === "" ? null : Number.isFinite(Number(plain)) ? Number(plain) : plain;
}
