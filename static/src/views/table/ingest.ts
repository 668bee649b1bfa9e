/** What reading a file found out, in words: format, encoding, values that do not fit their column's type. */
export interface IngestNotes {
  words: string[];
  unfit: Record<string, number>;
}

const LABELS: Record<string, (value: unknown) => string | undefined> = {
  format: (v) => String(v).toUpperCase(),
  delimiter: (v) => ({ ",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars" })[String(v)],
  encoding: (v) => (/^utf-?8$/i.test(String(v)) ? undefined : String(v)),
  sheet: (v) => `sheet “${String(v)}”`,
};

/** Counts by column, whichever way they are written: {column: n} or {column: {count|n|values}}. */
function counts(value: unknown): Record<string, number> {
  if (typeof value !== "object" || value === null) return {};
  const out: Record<string, number> = {};
  for (const [name, each] of Object.entries(value)) {
    const n = typeof each === "number" ? each : Number((each as Record<string, unknown> | null)?.count ?? (each as Record<string, unknown> | null)?.n ?? 0);
    if (n > 0) out[name] = n;
  }
  return out;
}

export function ingestNotes(source: Record<string, unknown> | undefined): IngestNotes {
  if (!source) return { words: [], unfit: {} };
  const words = Object.entries(LABELS).flatMap(([key, say]) => (source[key] ? say(source[key]) ?? [] : []));
  for (const note of Array.isArray(source.notes) ? source.notes : []) words.push(String(note));
  return { words, unfit: counts(source.unfit ?? source.does_not_fit ?? source.misfits ?? source.rejected) };
}
