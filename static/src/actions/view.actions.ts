/** Zoom, fit, and showing or hiding the parts of the frame. */
import { session } from "../app/session";
import { nextRegion } from "../canvas/regions";
import type { Action, ActionContext } from "./action";

const ui = () => session.ui;
const seen = ({ viewport }: ActionContext) => viewport !== null;

export const actions: Action[] = [
  { id: "zoom-in", label: "Zoom in", group: "View", icon: "plus", shortcut: "+ or Mod++", when: seen, run: (c) => c.viewport?.zoomBy(1.25) },
  { id: "zoom-out", label: "Zoom out", group: "View", icon: "minus", shortcut: "- or Mod+-", when: seen, run: (c) => c.viewport?.zoomBy(0.8) },
  { id: "zoom-100", label: "Zoom to 100 %", group: "View", icon: "search", shortcut: "0 or Mod+0", when: seen, run: (c) => c.viewport?.zoomTo(1) },
  { id: "fit", label: "Fit everything", group: "View", icon: "maximize", shortcut: "1 or Shift+1", when: seen, run: (c) => c.viewport?.fit() },
  { id: "fit-selection", label: "Fit the selection", group: "View", icon: "scan", shortcut: "2 or Shift+2", when: (c) => seen(c) && c.selection.size > 0, run: (c) => c.viewport?.fit(c.selection) },
  { id: "palette", label: "Show or hide the palette", group: "View", icon: "panel-left", shortcut: "[", run: () => ui().set({ paletteOpen: !ui().get().paletteOpen }) },
  { id: "inspector", label: "Show or hide the inspector", group: "View", icon: "panel-right", shortcut: "]", run: () => ui().set({ inspectorOpen: !ui().get().inspectorOpen }) },
  { id: "outline", label: "Show or hide the outline", group: "View", icon: "list-tree", shortcut: "O", run: () => ui().set({ outlineOpen: !ui().get().outlineOpen }) },
  { id: "find", label: "Find a cell", group: "View", icon: "search", shortcut: "Mod+F", run: () => ui().openCommandMenu({ query: "" }) },
  { id: "share", label: "Share", group: "Canvas", icon: "share", when: () => session.can("manager"), run: () => ui().set({ shareOpen: true }) },
  { id: "shortcuts", label: "Keyboard shortcuts", group: "Help", icon: "keyboard", shortcut: "?", run: () => ui().set({ shortcutsOpen: true }) },
  { id: "next-region", label: "Next part of the window", group: "View", shortcut: "F6", everywhere: true, hidden: true, run: () => nextRegion(1) },
  { id: "previous-region", label: "Previous part of the window", group: "View", shortcut: "Shift+F6", everywhere: true, hidden: true, run: () => nextRegion(-1) },
];
