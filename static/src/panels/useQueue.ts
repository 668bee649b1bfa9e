/** What runs and what waits on this canvas, in the order it was asked for. */
import { useCallback, useRef, useSyncExternalStore } from "react";
import { session } from "../app/session";

export interface Queued {
  cell: string;
  title: string;
  state: "running" | "queued";
  fraction: number | null;
}

export function readQueue(): Queued[] {
  const out: Queued[] = [];
  for (const record of session.doc.records()) {
    const { state, fraction } = session.results.get(record.id);
    if (state === "running" || state === "partial" || state === "queued") {
      out.push({ cell: record.id, title: session.edits.label(record), state: state === "queued" ? "queued" : "running", fraction });
    }
  }
  return out.sort((a, b) => Number(a.state === "queued") - Number(b.state === "queued"));
}

export function useQueue(): readonly Queued[] {
  const kept = useRef<{ key: string; list: readonly Queued[] }>({ key: "[]", list: [] });
  const subscribe = useCallback((listener: () => void) => session.results.subscribeAny(listener), []);
  return useSyncExternalStore(subscribe, () => {
    const list = readQueue();
    const key = JSON.stringify(list);
    if (key !== kept.current.key) kept.current = { key, list };
    return kept.current.list;
  });
}
