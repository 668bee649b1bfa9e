/** Files on their way to the server: a ghost card with progress, then a data cell in its place. */
import { ApiError, upload } from "../app/api";
import { session } from "../app/session";
import type { Point } from "../document/schema";
import { addKind } from "./add";

export interface PendingUpload {
  id: number;
  name: string;
  at: Point;
  share: number;
}

const KNOWN = /\.(?:csv|tsv|txt|json|jsonl|ndjson|parquet|xlsx|xls|ods|sqlite|sqlite3|db)$/i;
const DATABASES = /\.(?:sqlite|sqlite3|db)$/i;

let pending: readonly PendingUpload[] = [];
let next = 0;
const listeners = new Set<() => void>();

function set(list: readonly PendingUpload[]): void {
  pending = list;
  for (const listener of [...listeners]) listener();
}

export const pendingUploads = () => pending;

export function onUploads(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export async function uploadAt(file: Blob, name: string, at: Point): Promise<void> {
  if (!session.can("editor")) return;
  if (!KNOWN.test(name)) {
    session.ui.toast(`“${name}” is no table. Drop a CSV, TSV, JSON, Parquet, Excel or SQLite file.`);
    return;
  }
  const id = (next += 1);
  set([...pending, { id, name, at, share: 0 }]);
  session.ui.say(`Uploading ${name}`);
  try {
    const canvas = session.bootstrap.canvas?.id ?? "";
    const done = await upload(canvas, file, name, (share) => set(pending.map((each) => (each.id === id ? { ...each, share } : each))));
    const title = name.replace(/\.[^.]+$/, "");
    addKind(DATABASES.test(name) ? "database" : "dataset", { at, params: { source: `upload:${done.upload}` }, title });
  } catch (error) {
    session.ui.toast(error instanceof ApiError ? error.message : `“${name}” could not be uploaded. Drop it again.`);
  } finally {
    set(pending.filter((each) => each.id !== id));
  }
}

/** Several files, laid out side by side from where they were dropped. */
export function uploadAll(files: Iterable<File>, at: Point): void {
  let offset = 0;
  for (const file of files) {
    void uploadAt(file, file.name, [at[0] + offset, at[1]]);
    offset += 460;
  }
}
