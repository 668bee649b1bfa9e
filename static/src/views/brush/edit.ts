/** Writing a selection: at most 15 times a second while dragging, one undo step for a gesture. */
import { session } from "../../app/session";
import { Limiter } from "../limiter";
import { readSelection, toggled, type Condition, type Selection } from "./selection";

export function selectionOf(cell: string): Selection | null {
  return readSelection(session.doc.record(cell)?.params);
}

/** Whether a cell can be brushed: its kind steers by a selection, and one may edit. */
export function canBrush(cell: string): boolean {
  return session.can("editor") && Boolean(session.kinds[session.doc.record(cell)?.kind ?? ""]?.steers.includes("selection"));
}

function put(cell: string, selection: Selection | null): void {
  session.edits.setParam(cell, "selection", selection);
}

/** One change, one undo step. */
export function select(cell: string, selection: Selection | null): void {
  session.undo.stopCapturing();
  put(cell, selection && selection.conditions.length ? selection : null);
  session.undo.stopCapturing();
}

export function selectConditions(cell: string, conditions: Condition[], add: boolean): void {
  const now = selectionOf(cell);
  const invert = now?.invert === true;
  const next = add && now ? toggled(now.conditions, conditions) : toggled([], conditions);
  const again = !add && now && JSON.stringify(now.conditions) === JSON.stringify(next);
  select(cell, again ? null : { conditions: next, ...(invert ? { invert } : {}) });
}

export function invert(cell: string): void {
  const now = selectionOf(cell);
  if (now) select(cell, { ...now, invert: !now.invert });
}

/** A drag: what it covers is written while it goes on, and once more at its end. */
export class Drag {
  readonly #limiter: Limiter<Condition[]>;
  #before: Selection | null;

  constructor(readonly cell: string, readonly add: boolean) {
    this.#before = selectionOf(cell);
    session.undo.stopCapturing();
    this.#limiter = new Limiter((conditions) => this.#write(conditions));
  }

  move(conditions: Condition[]): void {
    if (conditions.length) this.#limiter.push(conditions);
  }

  end(conditions: Condition[]): void {
    if (conditions.length) this.#limiter.push(conditions);
    this.#limiter.flush();
    session.undo.stopCapturing();
  }

  #write(conditions: Condition[]): void {
    const before = this.#before;
    const all = this.add && before ? toggled(before.conditions, conditions) : conditions;
    put(this.cell, { conditions: all, ...(before?.invert ? { invert: true } : {}) });
  }
}
