/** The selection of a chart or table as commands: invert, clear, link, pick from a list. */
import { session } from "../app/session";
import { canBrush, canFilter, clearSelection, invertSelection, selectionOf } from "../canvas/brushing";
import type { Action, ActionContext } from "./action";

const only = (selection: ReadonlySet<string>) => [...selection][0] ?? "";
const brushable = ({ selection }: ActionContext) => selection.size === 1 && canBrush(only(selection));
const brushed = (context: ActionContext) => brushable(context) && selectionOf(only(context.selection)) !== null;

export const actions: Action[] = [
  { id: "filter-others", label: "Filter other cells", group: "Edit", icon: "filter", when: ({ selection }) => selection.size === 1 && canFilter(only(selection)), run: ({ selection }) => session.ui.set({ filterOpen: only(selection) }) },
  { id: "select-from-list", label: "Select values from a list", group: "Edit", icon: "list-checks", when: brushable, run: ({ selection }) => session.ui.set({ listOpen: only(selection) }) },
  { id: "selection-invert", label: "Invert what is selected in it", group: "Edit", icon: "combine", when: brushed, run: ({ selection }) => invertSelection(only(selection)) },
  { id: "selection-clear", label: "Clear what is selected in it", group: "Edit", icon: "filter-x", when: brushed, run: ({ selection }) => clearSelection(only(selection)) },
];
