/** Running and stopping cells. */
import { runCells, stopCells } from "../app/runs";
import { session } from "../app/session";
import type { Action, ActionContext } from "./action";

const BUSY = new Set(["queued", "running", "partial"]);
const some = ({ selection }: ActionContext) => session.can("runner") && selection.size > 0;
const busy = (id: string) => BUSY.has(session.results.get(id).state);
const stale = () => session.doc.cellIds().filter((id) => session.results.get(id).state === "stale");

export const actions: Action[] = [
  { id: "run", label: "Run", group: "Run", icon: "play", shortcut: "Mod+Enter", when: some, run: ({ selection }) => runCells(selection) },
  { id: "run-upstream", label: "Run with what feeds it", group: "Run", icon: "play", shortcut: "Mod+Shift+Enter", when: some, run: ({ selection }) => runCells(selection, { upstream: true }) },
  { id: "stop", label: "Stop", group: "Run", icon: "square", shortcut: "Mod+.", when: (c) => some(c) && [...c.selection].some(busy), run: ({ selection }) => stopCells([...selection].filter(busy)) },
  { id: "run-stale", label: "Run all stale cells", group: "Run", icon: "rotate-cw", when: () => session.can("runner") && stale().length > 0, run: () => runCells(stale(), { force: false }) },
  {
    id: "mode",
    label: "Switch between automatic and manual runs",
    group: "Run",
    icon: "settings",
    when: ({ selection }) => session.can("editor") && selection.size === 1,
    run: ({ selection }) => {
      const [cell = ""] = selection;
      const next = session.doc.record(cell)?.mode === "manual" ? "auto" : "manual";
      session.edits.setMode(cell, next);
      session.ui.toast(next === "manual" ? "This cell now runs only when you ask" : "This cell now runs by itself");
    },
  },
];
