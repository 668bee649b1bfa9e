/** What reading a file found out, in words: format, encoding, values that do not fit their column's type. */
export interface Almost {
  column: string;
  type: string;
  misfits: number;
}

export interface IngestNotes {
  words: string[];
  /** Values that did not fit the type one chose, by column; they are missing now. */
  unfit: Record<string, number>;
  /** Text columns that would be numbers or dates but for a few values. */
  almost: Almost[];
}

type Json = Record<string, unknown>;

const obj = (value: unknown): Json => (typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {});
const several = (n: number, one: string, many: string) => (n === 1 ? `1 ${one}` : `${n} ${many}`);
const length = (value: unknown) => (Array.isArray(value) ? value.length : 0);

const SEPARATORS: Record<string, string> = { ",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars" };

const WORDS: Record<string, (value: unknown) => string | undefined> = {
  format: (v) => (v === "arrow" ? undefined : v === "excel" ? "Excel" : v === "parquet" ? "Parquet" : String(v).toUpperCase()),
  delimiter: (v) => (SEPARATORS[String(v)] ? `separated by ${SEPARATORS[String(v)]}` : undefined),
  encoding: (v) => (/^utf-?8$/i.test(String(v)) ? undefined : String(v)),
  sheet: (v) => `sheet “${String(v)}”`,
  header: (v) => (v === false ? "no line of names" : undefined),
  blank_names: (v) => (length(v) ? several(length(v), "blank name filled", "blank names filled") : undefined),
  repeated_names: (v) => (length(v) ? several(length(v), "repeated name numbered", "repeated names numbered") : undefined),
  long_names: (v) => (length(v) ? several(length(v), "long name cut", "long names cut") : undefined),
  nested_as_json: (v) => (length(v) ? several(length(v), "nested column kept as JSON", "nested columns kept as JSON") : undefined),
  mixed_as_text: (v) => (length(v) ? several(length(v), "mixed column read as text", "mixed columns read as text") : undefined),
  ragged: (v) => (v === "left out" ? "lines of another length left out" : undefined),
};

/** Worth a line: all but the format itself and commas or tabs between values. */
function notable(key: string, value: unknown): boolean {
  return key !== "format" && !(key === "delimiter" && /^[,\t]$/.test(String(value))) && value !== undefined && WORDS[key]?.(value) !== undefined;
}

export function ingestNotes(source: Json | undefined): IngestNotes {
  if (!source) return { words: [], unfit: {}, almost: [] };
  const all = Object.entries(WORDS).flatMap(([key, say]) => (source[key] === undefined ? [] : (say(source[key]) ?? [])));
  // A sample, or a file read the plain way, needs no words.
  const words = source.format !== "sample" && Object.keys(source).some((key) => notable(key, source[key])) ? all : [];
  const unfit = Object.fromEntries(Object.entries(obj(source.misfits)).filter((pair): pair is [string, number] => typeof pair[1] === "number" && pair[1] > 0));
  const almost = Object.entries(obj(source.almost)).map(([column, each]) => ({ column, type: String(obj(each).type ?? "number"), misfits: Number(obj(each).misfits ?? 0) }));
  return { words, unfit, almost };
}
