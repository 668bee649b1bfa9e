/** Form fields from a kind's JSON Schema (as pydantic writes it): pure, and blind to kinds. */
export type FieldType = "column" | "columns" | "source" | "connection" | "remote_table" | "formula" | "choice" | "switch" | "integer" | "number" | "text" | "scalar" | "list" | "rows" | "types" | "set" | "recipe";

export interface Field {
  name: string;
  label: string;
  help: string;
  section: string;
  type: FieldType;
  nullable: boolean;
  default: unknown;
  choices: { value: string | number; label: string }[];
  min?: number;
  max?: number;
  /** Column pickers: the input port, and the types that fit (none = all). */
  of: string;
  types: string[];
  /** Shown only while every named param has one of these values. */
  when: Record<string, unknown[]> | null;
  /** Shown only while the columns named by these params have one of these types. */
  onlyTypes: Record<string, unknown[]> | null;
  multiline: boolean;
  placeholder: string;
  /** Folded away until asked for. */
  advanced: boolean;
  /** Fields of one row, for lists of objects. */
  fields: Field[];
  hidden: boolean;
}

type Json = Record<string, unknown>;

const PICKERS = new Set(["column", "columns", "types", "source", "connection", "remote_table", "formula", "recipe"]);

const obj = (value: unknown): Json => (typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {});
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** "time_unit" becomes "Time unit". */
export function labelOf(name: string): string {
  const words = name.replace(/_/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function resolved(schema: unknown, defs: Json, depth = 0): Json {
  const own = obj(schema);
  const ref = own.$ref ?? (list(own.allOf).length === 1 ? obj(list(own.allOf)[0]).$ref : undefined);
  if (typeof ref !== "string" || depth > 8) return own;
  const rest = Object.fromEntries(Object.entries(own).filter(([key]) => key !== "$ref" && key !== "allOf"));
  return { ...resolved(defs[ref.split("/").pop() ?? ""], defs, depth + 1), ...rest };
}

interface Shape {
  schema: Json;
  nullable: boolean;
  /** Several plain types at once, as for a value whose type depends on a column. */
  mixed: boolean;
}

function shapeOf(schema: unknown, defs: Json): Shape {
  const own = resolved(schema, defs);
  const options = list(own.anyOf ?? own.oneOf).map((each) => resolved(each, defs));
  if (!options.length) {
    const types = list(own.type);
    return { schema: own, nullable: types.includes("null"), mixed: types.filter((t) => t !== "null").length > 1 };
  }
  const real = options.filter((each) => each.type !== "null");
  const mixed = real.length > 1 && !real.every((each) => each.enum !== undefined || each.const !== undefined);
  const merged = real.length === 1 ? real[0]! : { enum: real.flatMap((each) => (each.const !== undefined ? [each.const] : list(each.enum))) };
  return { schema: { ...(mixed ? {} : merged), ...own }, nullable: real.length < options.length, mixed };
}

function conditions(value: unknown): Field["when"] {
  const when = obj(value);
  if (!Object.keys(when).length) return null;
  return Object.fromEntries(Object.entries(when).map(([name, each]) => [name, Array.isArray(each) ? each : [each]]));
}

function choicesOf(schema: Json): Field["choices"] {
  const values = schema.const !== undefined ? [schema.const] : list(schema.enum);
  const labels = obj(schema.labels);
  return values.filter((v): v is string | number => typeof v === "string" || typeof v === "number")
    .map((value) => ({ value, label: sentence(typeof labels[value] === "string" ? String(labels[value]) : labelOf(String(value))) }));
}

function typeOf({ schema, mixed }: Shape, picker: unknown, defs: Json): FieldType {
  if (PICKERS.has(String(picker))) return picker as FieldType;
  if (picker === "value") return "scalar";
  if (picker === "values") return "list";
  if (mixed) return "scalar";
  if (schema.enum !== undefined || schema.const !== undefined) return "choice";
  if (schema.type === "boolean") return "switch";
  if (schema.type === "integer" || schema.type === "number") return schema.type;
  if (schema.type === "array") {
    const each = shapeOf(schema.items, defs).schema;
    return each.properties ? "rows" : each.enum !== undefined ? "set" : "list";
  }
  if (schema.type === "object") return "types";
  return schema.type === "string" ? "text" : "scalar";
}

function fieldOf(name: string, raw: unknown, defs: Json): Field {
  const shape = shapeOf(raw, defs);
  const { schema } = shape;
  const type = typeOf(shape, schema.picker, defs);
  const rows = type === "rows" ? shapeOf(schema.items, defs).schema : {};
  const generic = typeof schema.title !== "string" || schema.title.toLowerCase() === name.replace(/_/g, " ").toLowerCase();
  const bound = (a: unknown, b: unknown) => (typeof a === "number" ? a : typeof b === "number" ? b : undefined);
  return {
    name, type, label: generic ? labelOf(name) : String(schema.title), help: String(schema.description ?? ""), section: String(schema.section ?? ""),
    nullable: shape.nullable, default: schema.default, choices: choicesOf(type === "set" ? shapeOf(schema.items, defs).schema : schema),
    min: bound(schema.minimum, schema.exclusiveMinimum), max: bound(schema.maximum, schema.exclusiveMaximum),
    of: String(schema.of ?? "table"), types: list(schema.types).map(String), when: conditions(schema.when), onlyTypes: conditions(schema.only_types),
    multiline: schema.multiline === true || type === "formula", placeholder: String(schema.placeholder ?? ""), advanced: schema.advanced === true,
    fields: Object.entries(obj(rows.properties)).map(([key, each]) => fieldOf(key, each, defs)),
    hidden: schema.hidden === true,
  };
}

/** The fields of a kind, in the order they are declared. */
export function fieldsOf(schema: unknown): Field[] {
  const own = obj(schema);
  const defs = obj(own.$defs);
  return Object.entries(obj(own.properties)).map(([name, each]) => fieldOf(name, each, defs)).filter((f) => !f.hidden);
}

/** The value a field shows: what is written in the document, else the kind's default. */
export function valueOf(field: Field, params: Record<string, unknown>): unknown {
  return params[field.name] === undefined ? field.default : params[field.name];
}

/** Whether a field applies now. */
export function applies(field: Field, params: Record<string, unknown>, fields: readonly Field[]): boolean {
  if (!field.when) return true;
  return Object.entries(field.when).every(([name, wanted]) => {
    const other = fields.find((f) => f.name === name);
    const now = other ? valueOf(other, params) : params[name];
    return wanted.some((each) => {
      if (each === "*") return now !== null && now !== undefined && now !== "" && !(Array.isArray(now) && now.length === 0);
      return each === now || (each === null && now === undefined);
    });
  });
}

/** Whether a field fits the types of the columns that other params name; columns that are not known yet hide nothing. */
export function fitsTypes(field: Field, params: Record<string, unknown>, typeOf: (column: string) => string | undefined): boolean {
  return Object.entries(field.onlyTypes ?? {}).every(([param, types]) => {
    const type = typeof params[param] === "string" ? typeOf(params[param]) : undefined;
    return type === undefined || types.includes(type);
  });
}

/** Whether a folded field was given a value of its own, and so must be seen. */
export function isSet(field: Field, params: Record<string, unknown>): boolean {
  const now = params[field.name];
  return now !== undefined && JSON.stringify(now) !== JSON.stringify(field.default) && !(Array.isArray(now) && now.length === 0);
}

/** Fields under their section headings, in order; fields without one come first. */
export function sections(fields: readonly Field[]): [string, Field[]][] {
  const out = new Map<string, Field[]>();
  for (const field of fields) out.set(field.section, [...(out.get(field.section) ?? []), field]);
  return [...out].sort(([a], [b]) => Number(a !== "") - Number(b !== ""));
}

/** Text as the value it most likely means, given the type of the column it is compared with. */
export function scalar(text: string, columnType: string | undefined): string | number | boolean | null {
  const plain = text.trim();
  if (plain === "") return null;
  if (columnType === "boolean" && /^(true|false|yes|no)$/i.test(plain)) return /^(true|yes)$/i.test(plain);
  const numeric = columnType === "integer" || columnType === "number" || columnType === undefined;
  const number = Number(plain.replace(/(\d),(?=\d{3}(\D|$))/g, "$1"));
  return numeric && Number.isFinite(number) ? number : text;
}
