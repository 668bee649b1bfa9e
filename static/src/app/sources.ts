/** Source cells: reading them again, asking whether something newer is there; and any table as a file. */
import { ApiError, api, canvasPath } from "./api";
import { session } from "./session";
import { randomId } from "../document/names";

export type FileForm = "csv" | "xlsx" | "parquet";

/** What the server keeps of a version of a source cell. */
export interface DataVersion {
  id: string;
  at: string;
  rows: number | null;
  size: number;
  params: Record<string, unknown>;
  columns: number;
  name: string;
  current: boolean;
}

/** Addresses that are looked at when a canvas opens. */
const LOOKED_AT = 5;

let newer: ReadonlySet<string> = new Set();
/** How often each cell was asked about or read again: only the answer to the newest question counts. */
const questions = new Map<string, number>();
const listeners = new Set<() => void>();

function setNewer(cell: string, is: boolean): void {
  if (newer.has(cell) === is) return;
  const next = new Set(newer);
  if (is) next.add(cell);
  else next.delete(cell);
  newer = next;
  for (const listener of [...listeners]) listener();
}

export const newerCells = () => newer;

export function onNewer(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function ask(cell: string): number {
  const number = (questions.get(cell) ?? 0) + 1;
  questions.set(cell, number);
  return number;
}

/** What the cell shows from now on has just been chosen, whatever an earlier question still brings. */
function settle(cell: string): void {
  ask(cell);
  setNewer(cell, false);
}

const sourceOf = (cell: string) => String(session.doc.record(cell)?.params.source ?? "");

/** Whether a cell reads something that can be read again: not a file that was uploaded. */
export function refreshable(cell: string): boolean {
  const versioned = session.kinds[session.doc.record(cell)?.kind ?? ""]?.versioned ?? [];
  return versioned.includes("snapshot") && sourceOf(cell) !== "" && !/^(?:upload|sample):/.test(sourceOf(cell));
}

/** Whether somebody can tell, without reading it again, that there is something newer. */
export function checkable(cell: string): boolean {
  return refreshable(cell) && !sourceOf(cell).startsWith("connection:");
}

/** Reads sources again: a new version, chosen for everybody; undo goes back without asking anybody. */
export function refresh(cells: Iterable<string>): void {
  for (const cell of cells) {
    if (!refreshable(cell)) continue;
    session.edits.setParam(cell, "snapshot", randomId());
    settle(cell);
  }
}

/** Shows another version of a source. */
export function showVersion(cell: string, version: DataVersion): void {
  session.edits.setParams(cell, version.params);
  settle(cell);
}

/** Asks whether there is something newer; null where only reading it again would tell. */
export async function checkNewer(cell: string, anew = false): Promise<boolean | null> {
  const question = ask(cell);
  const { changed } = await api.post<{ changed: boolean | null }>(canvasPath(`cells/${cell}/versions/check`), { anew });
  if (questions.get(cell) === question) setNewer(cell, changed === true);
  return changed;
}

/** Once for an opened canvas, for the first few addresses: a hint, so failures are silent. */
export function lookForNewer(): void {
  if (!session.can("runner")) return;
  const cells = session.doc.records().filter((each) => checkable(each.id)).slice(0, LOOKED_AT);
  for (const { id } of cells) void checkNewer(id).catch(() => undefined);
}

/** The table of a cell as a file; the download starts as soon as the first bytes are there. */
export async function download(cell: string, form: FileForm, raw = false): Promise<void> {
  const record = session.doc.record(cell);
  const { step } = session.results.get(cell);
  if (!record || !step) {
    session.ui.toast("There is no result to download yet. Run the cell first.");
    return;
  }
  const given = { fingerprint: step.fingerprint, form, raw, name: record.title || record.name || "table" };
  try {
    const made = await api.post<{ url: string; name: string; whole: boolean }>(canvasPath(`cells/${cell}/exports`), given);
    const link = document.createElement("a");
    link.href = made.url;
    link.download = made.name;
    link.click();
    session.ui.toast(made.whole ? `Downloading ${made.name}` : `Downloading the rows you see as ${made.name}`);
  } catch (error) {
    session.ui.toast(error instanceof ApiError ? error.message : "The table could not be exported. Try again.");
  }
}

/** Whether a cell gives a table that is there. */
export function downloadable(cell: string): boolean {
  const record = session.doc.record(cell);
  const gives = Object.values(session.kinds[record?.kind ?? ""]?.outputs ?? {}).includes("table");
  return gives && Boolean(session.results.get(cell).step);
}
