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

export function drop(owner: object): void {
  waiting.delete(owner);
}
