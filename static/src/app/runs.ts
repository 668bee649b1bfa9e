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
  void written(chosen).then(() => ask("runs", { cells: chosen, force, upstream }));
}

/** Resolves when the server has what was typed: a run asked for before would take the code of a moment ago. */
function written(cells: string[]): Promise<void> {
  const { connection } = session;
  const there = () => connection.status().pending === 0;
  if (there() || !cells.some((cell) => session.doc.record(cell)?.hasCode)) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => (stop(), clearTimeout(late), resolve());
    const late = setTimeout(() => done(), PATIENCE);
    const stop = connection.subscribe(() => there() && done());
  });
}

export function stopCells(cells: Iterable<string>): void {
  void ask("runs/stop", { cells: [...cells] });
}
