/** Writes of a drag, limited to 15 a second. */
const EVERY = 1000 / 15;

/** Passes on the newest value at most 15 times a second; `flush` passes on what waits. */
export class Limiter<T> {
  #last = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #waiting: { value: T } | undefined;

  constructor(readonly write: (value: T) => void, readonly now: () => number = () => performance.now()) {}

  push(value: T): void {
    this.#waiting = { value };
    if (this.#timer !== undefined) return;
    const wait = this.#last + EVERY - this.now();
    if (wait <= 0) this.flush();
    else this.#timer = setTimeout(() => this.flush(), wait);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const waiting = this.#waiting;
    if (!waiting) return;
    this.#waiting = undefined;
    this.#last = this.now();
    this.write(waiting.value);
  }
}
