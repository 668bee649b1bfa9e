/** Adding each kind of cell, and the command menu that finds everything. */
import { session } from "../app/session";
import { addKind } from "../canvas/add";
import { viewport } from "../canvas/viewport";
import type { Action } from "./action";

const canEdit = () => session.can("editor");

const kinds: Action[] = Object.values(session?.kinds ?? {}).map((kind) => ({
  id: `add-${kind.name}`,
  label: `Add ${kind.title.toLowerCase()}`,
  group: "Add",
  icon: kind.icon,
  ...(kind.shortcut ? { shortcut: kind.shortcut.toUpperCase() } : {}),
  when: canEdit,
  run: () => void addKind(kind.name),
}));

export const actions: Action[] = [
  {
    id: "command-menu",
    label: "Open the command menu",
    group: "Add",
    icon: "search",
    shortcut: "/ or Mod+K",
    run: () => {
      const at = viewport()?.pointer();
      session.ui.openCommandMenu(at && session.ui.get().selection.size === 0 ? { at } : {});
    },
  },
  ...kinds,
];
