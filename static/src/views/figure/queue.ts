/** Heavy drawing, one job a frame: a canvas of charts must not freeze the page. */
const waiting = new Map<object, () => void>();
let asked = false;

function next(): void {
  asked = false;
  const first = waiting.entries().next().value;
  if (!first) return;
  waiting.delete(first[0]);
  first[1]();
  if (waiting.size) ask();
}

function ask(): void {
  if (asked) return;
  asked = true;
  requestAnimationFrame(next);
}

/** Draw for `owner` soon; a newer request of the same owner replaces the older one. */
export function drawSoon(owner: object, draw: () => void): void {
  waiting.set(owner, draw);
  ask();
}

/** Room that a chart takes at least; less is left while the view moves or something is animated. */
const ROOM_MS = 20;
/** Waiting for more room has an end. */
const PATIENCE_MS = 400;
const resting = new Map<object, { draw: () => void; since: number }>();
let idle = false;

function whenIdle(look: (room: number) => void): void {
  if (typeof requestIdleCallback === "function") requestIdleCallback((deadline) => look(deadline.timeRemaining()), { timeout: PATIENCE_MS });
  else setTimeout(() => look(ROOM_MS), ROOM_MS);
}

function rest(room: number): void {
  idle = false;
  const [first] = resting;
  if (first && (room >= ROOM_MS || performance.now() - first[1].since > PATIENCE_MS)) {
    resting.delete(first[0]);
    first[1].draw();
  }
  if (resting.size) askRest();
}

function askRest(): void {
  if (idle) return;
  idle = true;
  whenIdle(rest);
}

/** Draw for `owner` when the page has nothing else to do, one drawing at a time; but not much later than soon. */
export function drawIdle(owner: object, draw: () => void): void {
  resting.set(owner, { draw, since: resting.get(owner)?.since ?? performance.now() });
  askRest();
}

export function drop(owner: object): void {
  waiting.delete(owner);
  resting.delete(owner);
}
