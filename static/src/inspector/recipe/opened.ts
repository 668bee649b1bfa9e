/** Which step of which cell shows its fields in the inspector; only on this screen. */
import { useSyncExternalStore } from "react";

let now: { cell: string; step: string | null } = { cell: "", step: null };
const listeners = new Set<() => void>();

export function openStep(cell: string, step: string | null): void {
  now = { cell, step };
  for (const listener of [...listeners]) listener();
}

export function useOpened(cell: string): string | null {
  return useSyncExternalStore(
    (listener) => { listeners.add(listener); return () => listeners.delete(listener); },
    () => (now.cell === cell ? now.step : null),
  );
}
