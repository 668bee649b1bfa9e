/** Asking the server to run or stop cells; what comes of it arrives as events. */
import { ApiError, api, canvasPath } from "./api";
import { session } from "./session";

async function ask(path: string, body: Record<string, unknown>): Promise<void> {
  try {
    await api.post(canvasPath(path), body);
  } catch (error) {
    session.ui.toast(error instanceof ApiError ? error.message : "The run could not be asked for. Try again.");
  }
}

export function runCells(cells: Iterable<string>, { force = true, upstream = false } = {}): void {
  void ask("runs", { cells: [...cells], force, upstream });
}

export function stopCells(cells: Iterable<string>): void {
  void ask("runs/stop", { cells: [...cells] });
}
