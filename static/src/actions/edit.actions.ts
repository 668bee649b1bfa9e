/** Changing what is there: undo, delete, duplicate, copy, rename, order, connect. */
import { session } from "../app/session";
import { canBrush, clearSelection, selectionOf } from "../canvas/brushing";
import { copySelection } from "../canvas/clipboard";
import { isNote } from "../canvas/kinds";
import { viewport } from "../canvas/viewport";
import type { Action, ActionContext } from "./action";

const canEdit = () => session.can("editor");
const some = ({ selection }: ActionContext) => canEdit() && selection.size > 0;
const one = ({ selection }: ActionContext) => canEdit() && selection.size === 1;
const only = (selection: ReadonlySet<string>) => [...selection][0] ?? "";

/** The one selected cell, if something is selected in it. */
function brushedOne(): string {
  const [cell = "", ...more] = session.ui.get().selection;
  return !more.length && canBrush(cell) && selectionOf(cell) ? cell : "";
}

function remove({ selection }: ActionContext): void {
  const edge = session.ui.get().selectedEdge;
  session.undo.stopCapturing();
  if (selection.size) {
    const n = selection.size;
    session.edits.deleteCells(selection);
    session.ui.select([]);
    session.ui.toast(n === 1 ? "Cell deleted" : `${n} cells deleted`, { action: { label: "Undo", run: () => void session.undo.undo() } });
    viewport()?.focus();
  } else if (edge) {
    session.edits.removeEdges([edge]);
    session.ui.set({ selectedEdge: null });
  }
  session.undo.stopCapturing();
}

function tell(verb: string, what: string | undefined): void {
  session.ui.say(what ? `${verb}: ${what}` : `Nothing to ${verb === "Undid" ? "undo" : "redo"}`);
}

function duplicate({ selection }: ActionContext): void {
  session.undo.stopCapturing();
  session.ui.select(session.edits.duplicate(selection));
  session.undo.stopCapturing();
}

export const actions: Action[] = [
  { id: "undo", label: "Undo", group: "Edit", icon: "undo", shortcut: "Mod+Z", when: () => canEdit() && session.undo.canUndo(), run: () => tell("Undid", session.undo.undo()) },
  { id: "redo", label: "Redo", group: "Edit", icon: "redo", shortcut: "Mod+Shift+Z or Mod+Y", when: () => canEdit() && session.undo.canRedo(), run: () => tell("Redid", session.undo.redo()) },
  { id: "rename", label: "Rename", group: "Edit", icon: "pencil", shortcut: "F2", when: one, run: ({ selection }) => session.ui.set({ renaming: only(selection) }) },
  { id: "duplicate", label: "Duplicate", group: "Edit", icon: "copy", shortcut: "Mod+D", when: some, run: duplicate },
  { id: "copy", label: "Copy", group: "Edit", icon: "copy", when: ({ selection }) => selection.size > 0, run: () => void copySelection() },
  { id: "delete", label: "Delete", group: "Edit", icon: "trash", shortcut: "Delete or Backspace", when: (c) => canEdit() && (c.selection.size > 0 || session.ui.get().selectedEdge !== null), run: remove },
  { id: "front", label: "Bring to front", group: "Edit", icon: "layers", shortcut: "Mod+]", when: some, run: ({ selection }) => session.edits.raise(selection) },
  {
    id: "connect",
    label: "Connect to",
    group: "Edit",
    icon: "link",
    shortcut: "L",
    when: (context) => one(context) && Object.keys(session.kinds[session.doc.record(only(context.selection))?.kind ?? ""]?.outputs ?? {}).length > 0,
    run: ({ selection }) => session.ui.set({ connectOpen: { cell: only(selection), port: "" } }),
  },
  { id: "select-all", label: "Select all", group: "Edit", shortcut: "Mod+A", run: () => session.ui.select(session.doc.cellIds()) },
  {
    id: "edit",
    label: "Edit the cell",
    group: "Edit",
    icon: "text-cursor",
    shortcut: "Enter",
    when: () => session.ui.get().active !== null,
    run: () => {
      const cell = session.ui.get().active ?? "";
      session.ui.select([cell]);
      if (isNote(session.kinds[session.doc.record(cell)?.kind ?? ""]) && canEdit()) session.ui.set({ editing: cell });
      else session.ui.set({ inspectorOpen: true });
    },
  },
  {
    id: "escape",
    label: "Clear the selection",
    group: "Edit",
    shortcut: "Escape",
    hidden: true,
    run: () => {
      const { commandMenu, following } = session.ui.get();
      if (commandMenu.open) session.ui.closeCommandMenu();
      else if (following !== null) session.ui.set({ following: null });
      else if (brushedOne()) clearSelection(brushedOne());
      else session.ui.select([]);
    },
  },
];
