/** Keyed entries of a cell's params: one param each ("step:<id>"), ordered by a fractional index, so that people who change different entries never write the same key. */
import { generateKeyBetween } from "fractional-indexing";

export interface Entry {
  /** The param's name: the prefix and the id. */
  key: string;
  id: string;
  at: string;
  value: Record<string, unknown>;
}

const object = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

/** The entries under a prefix, in the order the server gathers them in. */
export function entriesOf(params: Record<string, unknown>, prefix: string): Entry[] {
  const found: Entry[] = [];
  for (const [key, value] of Object.entries(params)) {
    if (!key.startsWith(prefix) || !object(value)) continue;
    const { at, ...rest } = value;
    found.push({ key, id: key.slice(prefix.length), at: typeof at === "string" ? at : "", value: rest });
  }
  return found.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.key < b.key ? -1 : 1));
}

/** An index between two others; what cannot be read gives way to the end, where nothing is lost. */
export function between(before: string | undefined, after: string | undefined): string {
  try {
    return generateKeyBetween(before || null, after || null);
  } catch {
    return generateKeyBetween(null, null);
  }
}

/** The index that puts an entry at a place among the others. */
export function indexAt(entries: readonly Entry[], key: string | null, place: number): string {
  const others = entries.filter((each) => each.key !== key);
  return between(others[place - 1]?.at, others[place]?.at);
}
