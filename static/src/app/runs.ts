/** Asking the server to run or stop cells; what comes of it arrives as events. */
import { ApiError, api, canvasPath } from "./api";
import { session } from "./session";

const PATIENCE = 3_000;

async function ask(path: string, body: Record<string, unknown>): Promise<void> {
  try {
    await api.post(canvasPath(path), body);
  } catch (error) {
    session.ui.toast(error instanceof ApiError ? error.message : "The run could not be asked for. Try again.");
  }
}

export function runCells(cells: Iterable<string>, { force = true, upstream = false } = {}): void {
  const chosen = [...cells];
  session.edits.markRan(chosen);
  void written().then(() => ask("runs", { cells: chosen, force, upstream }));
}

/** Resolves when the server has what was written: a run asked for before would take the settings of a moment ago. */
function written(): Promise<void> {
  const { connection } = session;
  const there = () => connection.status().pending === 0;
  if (there()) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => (stop(), clearTimeout(late), resolve());
    const late = setTimeout(() => done(), PATIENCE);
    const stop = connection.subscribe(() => there() && done());
  });
}

export function stopCells(cells: Iterable<string>): void {
  void ask("runs/stop", { cells: [...cells] });
}
