/** Pages of 200 rows, fetched when seen, kept least recently used, forgotten when the result changes. */
export const PAGE = 200;
const KEEP = 60;

type Fetch = (page: number, signal: AbortSignal) => Promise<unknown[][]>;

export class Pages {
  #rows = new Map<number, unknown[][]>();
  #loading = new Map<number, AbortController>();
  #failed = new Set<number>();
  #listeners = new Set<() => void>();
  version = 0;

  constructor(readonly fetch: Fetch, first: unknown[][], total: number) {
    if (first.length >= Math.min(PAGE, total)) this.#rows.set(0, first);
    else if (first.length) this.#first = first;
  }

  #first: unknown[][] = [];

  row(index: number): unknown[] | undefined {
    const page = Math.floor(index / PAGE);
    const rows = this.#rows.get(page);
    if (rows) {
      this.#rows.delete(page);
      this.#rows.set(page, rows);
      return rows[index - page * PAGE];
    }
    return this.#first[index];
  }

  failed(index: number): boolean {
    return this.#failed.has(Math.floor(index / PAGE));
  }

  /** Ask for the pages of these rows; what is no longer wanted is called off. */
  want(first: number, last: number): void {
    const wanted = new Set<number>();
    for (let page = Math.floor(first / PAGE); page * PAGE < last; page++) wanted.add(page);
    for (const [page, abort] of this.#loading) {
      if (wanted.has(page)) continue;
      abort.abort();
      this.#loading.delete(page);
    }
    for (const page of wanted) if (!this.#rows.has(page) && !this.#loading.has(page) && !this.#failed.has(page)) this.#load(page);
  }

  #load(page: number): void {
    const abort = new AbortController();
    this.#loading.set(page, abort);
    this.fetch(page, abort.signal).then(
      (rows) => {
        this.#rows.set(page, rows);
        for (const oldest of this.#rows.keys()) {
          if (this.#rows.size <= KEEP) break;
          this.#rows.delete(oldest);
        }
      },
      () => { if (!abort.signal.aborted) this.#failed.add(page); },
    ).finally(() => {
      if (this.#loading.get(page) === abort) this.#loading.delete(page);
      if (abort.signal.aborted) return;
      this.version += 1;
      for (const listener of [...this.#listeners]) listener();
    });
  }

  retry(): void {
    this.#failed.clear();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  stop(): void {
    for (const abort of this.#loading.values()) abort.abort();
    this.#loading.clear();
  }
}
