/** Level of detail by zoom, with hysteresis, and whether the view is moving; a store, so that few components redraw. */
export type Detail = "near" | "mid" | "far";

const NEAR = 0.45;
const MID = 0.18;
const SLACK = 0.03;
/** Below this a header button would be smaller than 24 px on screen. */
const ROOMY = 0.85;

export function detailOf(zoom: number, now: Detail): Detail {
  const near = now === "near" ? NEAR - SLACK : NEAR;
  const mid = now === "far" ? MID + SLACK : MID - (now === "mid" ? SLACK : 0);
  return zoom >= near ? "near" : zoom >= mid ? "mid" : "far";
}

class DetailStore {
  #detail: Detail = "near";
  #compact = false;
  #moving = false;
  #listeners = new Set<() => void>();

  get = (): Detail => this.#detail;
  /** Cards are too small on screen for buttons in their headers. */
  compact = (): boolean => this.#compact;
  moving = (): boolean => this.#moving;

  zoomed(zoom: number): void {
    const next = detailOf(zoom, this.#detail);
    const compact = zoom < (this.#compact ? ROOMY + SLACK : ROOMY);
    if (next === this.#detail && compact === this.#compact) return;
    this.#detail = next;
    this.#compact = compact;
    this.#tell();
  }

  setMoving(moving: boolean): void {
    if (moving === this.#moving) return;
    this.#moving = moving;
    if (!moving) pump();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

export const detail = new DetailStore();

/** Bodies waiting to be drawn: one a frame, and none while the view moves. */
const waiting = new Set<() => void>();
let frame = 0;

function pump(): void {
  if (frame || detail.moving() || waiting.size === 0) return;
  frame = requestAnimationFrame(() => {
    frame = 0;
    if (detail.moving()) return;
    const [first] = waiting;
    if (first) {
      waiting.delete(first);
      first();
    }
    pump();
  });
}

/** Calls back when there is time to mount a heavy body; the returned function gives up the place in the queue. */
export function whenCalm(mount: () => void): () => void {
  waiting.add(mount);
  pump();
  return () => waiting.delete(mount);
}
