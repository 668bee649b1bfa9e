/** A canvas in memory, without a server: for measuring a thousand cells and for looking at every state. */
import "../theme/base.css";
import { createRoot } from "react-dom/client";
import type { CanvasEvent, KindDeclaration, State } from "../schema.gen";
import { SCENE_KINDS } from "./scene-kinds";
import { type Session, openSession } from "./session";

const STATES: State[] = ["done", "done", "cached", "done", "partial", "done", "stale", "running", "error", "queued", "needs_settings", "not_run", "stopped"];
const CYCLE = ["dataset", "filter", "chart", "aggregate", "text"];

function tableView(seed: number) {
  const columns = ["id", "carrier", "origin", "delay"].map((name, i) => ({ name, type: i === 0 ? "integer" : i === 3 ? "number" : "text" }));
  const rows = Array.from({ length: 40 }, (_, i) => [1000 + i + seed, ["UA", "AA", "DL"][i % 3], ["EWR", "JFK"][i % 2], (i * 7 + seed) % 90]);
  return { type: "table", columns, rows, total: 336_776 };
}

function chartView(seed: number) {
  const x = ["UA", "B6", "EV", "DL", "AA", "MQ", "US", "9E", "WN", "VX"];
  const y = x.map((_, i) => 30 + ((i * 37 + seed * 13) % 60));
  const layout = { xaxis: { title: { text: "carrier" } }, yaxis: { title: { text: "count" } } };
  return { type: "figure", figure: { data: [{ type: "bar", x, y }], layout }, marks: 10, level: null, summary: "Bars of count by carrier", mark: "bar" };
}

function eventsFor(cell: string, kind: KindDeclaration, i: number): CanvasEvent[] {
  const state = STATES[i % STATES.length] ?? "done";
  const fingerprint = `f${i}`;
  const fraction = state === "partial" ? 0.38 : state === "running" ? 0.62 : state === "stopped" ? 0.38 : null;
  const missing = state === "needs_settings" ? ["Pick a column", "Pick a value"] : [];
  const reason = state === "stale" ? "input changed 2 min ago" : state === "queued" ? "Starts after “Clean”" : "";
  const run = `run${i}`;
  const events: CanvasEvent[] = [{ type: "cell_status", cell, fingerprint, state, rev: i, run, fraction, reason, missing, fix: null, estimate_ms: null }];
  if (!["not_run", "needs_settings", "error"].includes(state)) {
    const view = kind.view === "figure" ? chartView(i) : tableView(i);
    events.push({
      type: "cell_step", cell, fingerprint, run, step: 1, final: state === "done", fraction: fraction ?? 1, view, view_ref: null, rows: 336_776, columns: 19,
      interval: state === "partial" ? "±0.6 pp at 95%" : "", note: "", elapsed_ms: 420, finished_at: 1_700_000_000,
    });
  }
  if (state === "error") {
    const fix = { label: "Replace it", params: { column: "plan" } };
    events.push({ type: "cell_failed", cell, fingerprint, run, code: "unknown_column", message: "No column “plan_tier”. The closest name is plan.", param: "column", fix, place: null, detail: "line 1, column 26" });
  }
  return events;
}

/** n cells in lineages of five, twenty-five a row, with 1.2 links a cell. */
function seed(session: Session, n: number): void {
  const ids: string[] = [];
  for (let i = 0; i < n; i += 1) {
    const kind = CYCLE[i % CYCLE.length] ?? "chart";
    const wide = n > 50 ? 25 : 5;
    const pos: [number, number] = [(i % wide) * 500, Math.floor(i / wide) * 380];
    ids.push(session.edits.addCell({ kind, pos, size: [420, 300], title: `${session.kinds[kind]?.title} ${i}`, code: kind === "text" ? "## Working hypothesis\nPartner sign-ups churn at half the rate." : "" }));
  }
  ids.forEach((id, i) => {
    const source = ids[i - (i % CYCLE.length)];
    if (source && i % CYCLE.length > 0 && i % CYCLE.length < 4) session.edits.connect(i % CYCLE.length === 2 ? (ids[i - 1] ?? source) : source, "table", id, "table");
    const kind = session.kinds[CYCLE[i % CYCLE.length] ?? ""];
    if (kind && kind.name !== "text") for (const event of eventsFor(id, kind, i)) session.results.apply(event);
  });
}

async function start(): Promise<void> {
  const query = new URLSearchParams(location.search);
  const n = Number(query.get("scene") ?? "12");
  const role = query.get("role") === "viewer" ? "viewer" : "owner";
  const canvas = { id: "scene", name: "Subscriber churn, Q3", role: "owner" as const, epoch: 1, workspace: "w" };
  const user = { id: "user:1", name: "Mei Tanaka", guest: false, theme: "system" as const, color: "coral" };
  const theme = query.get("theme");
  if (theme) document.documentElement.dataset.theme = theme;
  const session = openSession({ page: "canvas", user, canvas, kinds: SCENE_KINDS });
  session.doc.doc.transact(() => seed(session, n), session.doc.local);
  session.undo.manager.clear();
  if (role === "viewer") session.receive({ type: "role", role });
  Object.assign(globalThis, { inkling: session });
  const { CanvasPage } = await import("./CanvasPage");
  const mount = () => createRoot(document.getElementById("app") as HTMLElement).render(<CanvasPage />);
  if (query.has("hold")) Object.assign(globalThis, { inklingMount: mount });
  else mount();
}

void start();
