import { describe, expect, it, vi } from "vitest";
import type { CellStatus, CellStep } from "../schema.gen";
import { BUSY_WAIT, Results, STATE_WAIT, STEP_INTERVAL } from "./store";

const status = (rev: number, fingerprint: string, state: CellStatus["state"]): CellStatus => ({
  type: "cell_status", cell: "c", fingerprint, state, rev, run: "r", fraction: null, reason: "", missing: [], fix: null, estimate_ms: null,
});
const step = (n: number, fingerprint: string, final = false): CellStep => ({
  type: "cell_step", cell: "c", fingerprint, run: `run-${fingerprint}`, step: n, final, fraction: final ? 1 : n / 10, view: { type: "value", value: n }, view_ref: null,
  rows: null, columns: null, interval: "", note: "", elapsed_ms: 1, finished_at: null,
});

describe("results", () => {
  it("drops older revisions and older steps", () => {
    const results = new Results();
    results.apply(status(2, "f", "running"));
    results.apply(status(1, "f", "queued"));
    results.apply(step(2, "f", true));
    results.apply(step(1, "f"));
    expect(results.get("c")).toMatchObject({ state: "running", outdated: false, step: { step: 2 } });
  });

  it("keeps the older result as outdated until a new one comes", () => {
    const results = new Results();
    results.apply(status(1, "old", "done"));
    results.apply(step(1, "old", true));
    results.apply(status(2, "new", "running"));
    results.settle();
    expect(results.get("c")).toMatchObject({ fingerprint: "new", outdated: true, step: { fingerprint: "old" } });
    results.apply(step(1, "new", true));
    expect(results.get("c")).toMatchObject({ outdated: false, step: { fingerprint: "new" } });
  });

  it("holds a step that overtook its status", () => {
    const results = new Results();
    results.apply(status(1, "old", "done"));
    results.apply(step(1, "old", true));
    results.apply(step(1, "new", true));
    expect(results.get("c").step?.fingerprint).toBe("old");
    results.apply(status(2, "new", "done"));
    expect(results.get("c")).toMatchObject({ outdated: false, step: { fingerprint: "new" } });
  });

  it("tells the first answer at once, what refines it at most four times a second, the last one always", () => {
    vi.useFakeTimers();
    const results = new Results();
    results.apply(status(1, "f", "partial"));
    results.settle();
    let told = 0;
    results.subscribe("c", () => (told += 1));
    for (let n = 1; n <= 20; n += 1) results.apply(step(n, "f"));
    expect(told).toBe(1);
    expect(results.get("c").step?.step).toBe(1);
    vi.advanceTimersByTime(STEP_INTERVAL);
    expect(told).toBe(2);
    expect(results.get("c").step?.step).toBe(20);
    vi.useRealTimers();
  });

  it("tells states of a moment together, and at the latest with the next step", () => {
    vi.useFakeTimers();
    const results = new Results();
    const told: string[] = [];
    results.subscribe("c", () => told.push(results.get("c").state));
    for (const [rev, state] of (["queued", "running"] as const).entries()) results.apply(status(rev + 1, "f", state));
    expect(told).toEqual([]);
    vi.advanceTimersByTime(STATE_WAIT);
    expect(told).toEqual(["running"]);
    results.apply(status(3, "g", "partial"));
    results.apply(step(1, "g"));
    vi.runAllTimers();
    expect(told).toEqual(["running", "partial"]);
    vi.useRealTimers();
  });

  it("leaves an answer in peace that a quick one replaces, and says later that it is computed again", () => {
    vi.useFakeTimers();
    const results = new Results();
    results.apply(status(1, "old", "done"));
    results.apply(step(1, "old", true));
    results.settle();
    const told: string[] = [];
    results.subscribe("c", () => told.push(results.get("c").state));
    results.apply(status(2, "quick", "queued"));
    results.apply(status(3, "quick", "running"));
    vi.advanceTimersByTime(BUSY_WAIT - 1);
    results.apply(step(1, "quick"));
    vi.advanceTimersByTime(BUSY_WAIT);
    expect(told).toEqual(["running"]);
    results.apply(status(4, "slow", "queued"));
    results.apply({ ...status(1, "new", "queued"), cell: "other" });
    vi.advanceTimersByTime(STATE_WAIT);
    expect(results.get("other").state).toBe("queued");
    expect(told).toEqual(["running"]);
    vi.advanceTimersByTime(BUSY_WAIT);
    expect(told).toEqual(["running", "queued"]);
    results.apply(status(5, "slow", "error"));
    vi.advanceTimersByTime(STATE_WAIT);
    expect(told).toEqual(["running", "queued", "error"]);
    vi.useRealTimers();
  });

  it("takes a queued run that has given a step for running, and one from a sample of the rows for partial", () => {
    const results = new Results();
    results.apply({ ...status(1, "f", "queued"), run: "run-f" });
    results.apply(step(2, "f"));
    expect(results.get("c")).toMatchObject({ state: "running", fraction: 0.2 });
    results.apply({ ...step(3, "f"), view: { type: "figure", level: { n: 100, N: 1_000 } } });
    results.settle();
    vi.useFakeTimers();
    results.apply({ ...status(1, "f", "running"), run: "run-f" });
    results.settle();
    vi.useRealTimers();
    expect(results.get("c")).toMatchObject({ state: "partial", fraction: 0.3 });
    results.apply({ ...step(4, "f", true), view: { type: "figure", level: null } });
    expect(results.get("c").state).toBe("running");
    results.apply({ ...status(2, "f", "queued"), run: "another" });
    results.settle();
    expect(results.get("c").state).toBe("queued");
  });

  it("fetches a view too large for its event", async () => {
    const results = new Results((ref) => Promise.resolve({ type: "table", ref }));
    results.apply(status(1, "f", "done"));
    results.apply({ ...step(1, "f", true), view: null, view_ref: "/view" });
    await vi.waitFor(() => expect(results.get("c").step?.view).toEqual({ type: "table", ref: "/view" }));
  });

  it("forgets cells that the full state does not mention", () => {
    const results = new Results();
    results.apply(status(5, "f", "done"));
    results.replace([{ ...status(1, "g", "done"), cell: "d" }]);
    expect(results.get("c").state).toBe("not_run");
    expect(results.get("d").state).toBe("done");
  });
});
