/** What is known of each cell's result, kept in the order of revisions and told per cell; no React here. */
import type { CanvasEvent, CellFailed, CellSchema, CellStatus, CellStep, ColumnInfo, Diagnostics, Fix, State } from "../schema.gen";

export interface CellResult {
  state: State;
  fingerprint: string;
  fraction: number | null;
  reason: string;
  missing: string[];
  /** A guess at what is missing, offered as a button. */
  fix: Fix | null;
  /** The newest step to show; of an older fingerprint when `outdated`. */
  step: CellStep | null;
  outdated: boolean;
  failed: CellFailed | null;
  /** What is known to be wrong with the code as it stands, run or not. */
  flagged: CellFailed | null;
  schema: Record<string, ColumnInfo[]> | null;
  problems: string[];
  estimateMs: number | null;
  run: string | null;
}

const NO_LIST: string[] = [];

export const NO_RESULT: CellResult = Object.freeze({
  state: "not_run",
  fingerprint: "",
  fraction: null,
  reason: "",
  missing: NO_LIST,
  fix: null,
  step: null,
  outdated: false,
  failed: null,
  flagged: null,
  schema: null,
  problems: NO_LIST,
  estimateMs: null,
  run: null,
}) as CellResult;

interface Known {
  status?: CellStatus;
  /** Newest step per role: of the current fingerprint, of an older one, or of one not announced yet. */
  current?: CellStep;
  older?: CellStep;
  ahead?: CellStep;
  failed?: CellFailed;
  schema?: CellSchema;
}

export const STEP_INTERVAL = 250;

/** States and columns wait this long for others: a dragged value changes several of several cells, and one drawing shows them all. */
export const STATE_WAIT = 30;

/** That a cell with an answer is computed again is told so much later: a quick next answer tells it, and nothing flickers. */
export const BUSY_WAIT = 150;

export class Results {
  #known = new Map<string, Known>();
  #shown = new Map<string, CellResult>();
  #diagnostics: Diagnostics = { type: "diagnostics", cells: {}, edges: {} };
  #listeners = new Map<string, Set<() => void>>();
  #anyListeners = new Set<() => void>();
  #edgeListeners = new Set<() => void>();
  #told = new Map<string, number>();
  #timers = new Map<string, ReturnType<typeof setTimeout>>();
  /** Cells whose state is not told yet, and when it will be. */
  #due = new Map<string, number>();
  #settling: { at: number; timer: ReturnType<typeof setTimeout> } | undefined;

  /** `fetchView` brings a view too large to ride in its event. */
  constructor(readonly fetchView: (ref: string) => Promise<Record<string, unknown>> = () => Promise.reject(new Error("offline"))) {}

  get(cell: string): CellResult {
    return this.#shown.get(cell) ?? NO_RESULT;
  }

  /** The full state after a connect: what it does not mention any more is forgotten, steps already here are kept. */
  replace(events: readonly CanvasEvent[]): void {
    const told = new Set(events.map((event) => ("cell" in event ? event.cell : "")));
    for (const [cell, known] of this.#known) {
      if (known.status) known.status = { ...known.status, rev: -1 };
      if (!told.has(cell)) this.#known.delete(cell);
    }
    for (const event of events) this.apply(event);
    this.settle();
    for (const cell of [...this.#shown.keys()]) if (!this.#known.has(cell)) this.#refresh(cell, true);
  }

  apply(event: CanvasEvent): void {
    if (event.type === "diagnostics") return this.#diagnosed(event);
    const known = this.#known.get(event.cell) ?? {};
    this.#known.set(event.cell, known);
    // A step that overtook its status waits for no more.
    const promotes = event.type === "cell_status" && known.ahead?.fingerprint === event.fingerprint;
    if (event.type === "cell_status") this.#status(known, event);
    else if (event.type === "cell_step") this.#step(known, event);
    else if (event.type === "cell_schema") known.schema = event;
    else known.failed = event;
    if (event.type === "cell_status" && !promotes) return this.#settleIn(this.#isQuiet(event) ? BUSY_WAIT : STATE_WAIT, event.cell);
    if (event.type === "cell_schema") return this.#settleIn(STATE_WAIT, event.cell);
    // The first answer to new params shows at once; only what refines it is paced.
    const paced = event.type === "cell_step" && !event.final && this.#shown.get(event.cell)?.step?.fingerprint === event.fingerprint;
    this.#refresh(event.cell, !paced);
  }

  /** Tell the states that wait for others now; with a moment, those that are due by then. */
  settle(by = Infinity): void {
    clearTimeout(this.#settling?.timer);
    this.#settling = undefined;
    for (const [cell, due] of [...this.#due]) {
      if (due <= by) this.#refresh(cell, true);
      else this.#settleAt(due);
    }
  }

  /** Whether a cell is only at work again while its last answer is still shown. */
  #isQuiet({ cell, state }: CellStatus): boolean {
    return (state === "queued" || state === "running") && Boolean(this.#shown.get(cell)?.step?.view);
  }

  #settleIn(wait: number, cell: string): void {
    const due = Math.min(this.#due.get(cell) ?? Infinity, performance.now() + wait);
    this.#due.set(cell, due);
    this.#settleAt(due);
  }

  #settleAt(due: number): void {
    if (this.#settling && this.#settling.at <= due) return;
    clearTimeout(this.#settling?.timer);
    this.#settling = { at: due, timer: setTimeout(() => this.settle(due), due - performance.now()) };
  }

  problemsOfEdge(edge: string): string[] {
    return this.#diagnostics.edges[edge] ?? NO_LIST;
  }

  forget(cell: string): void {
    this.#known.delete(cell);
    this.#refresh(cell, true);
  }

  subscribe(cell: string, listener: () => void): () => void {
    const set = this.#listeners.get(cell) ?? new Set();
    this.#listeners.set(cell, set);
    set.add(listener);
    return () => {
      set.delete(listener);
      if (set.size === 0) this.#listeners.delete(cell);
    };
  }

  subscribeAny(listener: () => void): () => void {
    this.#anyListeners.add(listener);
    return () => this.#anyListeners.delete(listener);
  }

  subscribeEdges(listener: () => void): () => void {
    this.#edgeListeners.add(listener);
    return () => this.#edgeListeners.delete(listener);
  }

  #status(known: Known, event: CellStatus): void {
    if (known.status && event.rev < known.status.rev) return;
    const moved = known.status?.fingerprint !== event.fingerprint;
    known.status = event;
    if (!moved) return;
    const steps = [known.current, known.ahead, known.older].filter((step) => step !== undefined);
    known.current = steps.find((step) => step.fingerprint === event.fingerprint);
    known.older = steps.find((step) => step !== known.current && step.view) ?? known.older;
    known.ahead = undefined;
  }

  #step(known: Known, event: CellStep): void {
    const now = known.status?.fingerprint;
    const slot = now === event.fingerprint ? "current" : now === undefined ? "current" : "ahead";
    const before = known[slot];
    const sameRun = before?.fingerprint === event.fingerprint && before.run === event.run;
    if (sameRun && (before.step > event.step || (before.final && !event.final))) return;
    known[slot] = event.view === null && sameRun && before.view ? { ...event, view: before.view } : event;
    if (event.view === null && event.view_ref) void this.#load(event.cell, event, event.view_ref);
  }

  async #load(cell: string, step: CellStep, ref: string): Promise<void> {
    const view = await this.fetchView(ref).catch(() => undefined);
    const known = this.#known.get(cell);
    if (!view || !known) return;
    for (const slot of ["current", "ahead"] as const) {
      const held = known[slot];
      if (held?.run === step.run && held.step === step.step) known[slot] = { ...held, view };
    }
    this.#refresh(cell, true);
  }

  #diagnosed(event: Diagnostics): void {
    const touched = new Set([...Object.keys(this.#diagnostics.cells), ...Object.keys(event.cells)]);
    this.#diagnostics = event;
    for (const cell of touched) this.#refresh(cell, true);
    for (const listener of [...this.#edgeListeners]) listener();
  }

  /** Recomputes what is shown; non-final steps reach listeners at most four times a second per cell. */
  #refresh(cell: string, now: boolean): void {
    const shown = show(this.#known.get(cell), this.#diagnostics.cells[cell] ?? NO_LIST);
    const wait = now ? 0 : (this.#told.get(cell) ?? 0) + STEP_INTERVAL - performance.now();
    if (wait > 0) {
      if (!this.#timers.has(cell)) this.#timers.set(cell, setTimeout(() => this.#refresh(cell, true), wait));
      return;
    }
    clearTimeout(this.#timers.get(cell));
    this.#timers.delete(cell);
    this.#due.delete(cell);
    this.#told.set(cell, performance.now());
    if (shown) this.#shown.set(cell, shown);
    else this.#shown.delete(cell);
    for (const listener of [...(this.#listeners.get(cell) ?? [])]) listener();
    for (const listener of [...this.#anyListeners]) listener();
  }
}

function show(known: Known | undefined, problems: string[]): CellResult | undefined {
  if (!known) return problems.length ? { ...NO_RESULT, problems } : undefined;
  const { status, current, older, failed, schema } = known;
  const step = current?.view ? current : (older ?? current ?? null);
  const fingerprint = status?.fingerprint ?? current?.fingerprint ?? "";
  const flagged = failed?.fingerprint === fingerprint ? failed : null;
  const failure = flagged && (!status || status.state === "error") ? flagged : null;
  return {
    state: stateOf(status, current),
    fingerprint,
    fraction: fractionOf(status, current),
    reason: status?.reason ?? "",
    missing: status?.missing ?? NO_LIST,
    fix: status?.fix ?? null,
    step,
    outdated: step !== null && step.fingerprint !== fingerprint,
    failed: failure,
    flagged,
    schema: schema?.outputs ?? null,
    problems,
    estimateMs: status?.estimate_ms ?? null,
    run: status?.run ?? null,
  };
}

/** A run that has given a step is at work: word of it comes later, or never if it is quick. Partial is an answer from some rows. */
function stateOf(status: CellStatus | undefined, step: CellStep | undefined): State {
  const state = status?.state ?? "not_run";
  if ((state !== "queued" && state !== "running") || !step || step.final || step.run !== status?.run) return state;
  return step.view?.level ? "partial" : "running";
}

function fractionOf(status: CellStatus | undefined, step: CellStep | undefined): number | null {
  const fromStep = step && step.run === status?.run ? step.fraction : null;
  const fromStatus = status?.fraction ?? null;
  if (fromStep === null || fromStatus === null) return fromStep ?? fromStatus;
  return Math.max(fromStep, fromStatus);
}
