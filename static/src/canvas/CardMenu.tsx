/** The menu of a card, made from the same actions as the keyboard and the command menu. */
import { useState } from "react";
import { session } from "../app/session";
import { actionContext, actions, isEnabled } from "../actions/registry";
import { shortcutLabel } from "../actions/shortcuts";
import type { CellRecord } from "../document/schema";
import { IconButton } from "../theme/Button";
import { Menu, type MenuEntry } from "../theme/Menu";

const ENTRIES = [
  "run", "run-upstream", "stop", "-", "rename", "connect", "duplicate", "copy", "-", "suggest-charts", "filter-others", "select-from-list", "selection-invert", "selection-clear", "-",
  "chart-png", "chart-svg", "chart-csv", "chart-python", "-", "mode", "front", "-", "refresh", "download-csv", "download-xlsx", "download-parquet", "-", "script-py", "script-ipynb", "-", "delete",
];

export function CardMenu({ cell }: { cell: CellRecord }) {
  const [open, setOpen] = useState(false);
  const change = (next: boolean) => {
    if (next && !session.ui.get().selection.has(cell.id)) session.ui.select([cell.id]);
    setOpen(next);
  };
  const trigger = <IconButton icon="ellipsis" label="More" />;
  return <Menu trigger={trigger} items={open ? entries() : []} align="end" open={open} onOpenChange={change} />;
}

function entries(): MenuEntry[] {
  const context = actionContext();
  const found: MenuEntry[] = [];
  for (const id of ENTRIES) {
    const action = actions.find((each) => each.id === id);
    if (id === "-" && found.length && !("separator" in found[found.length - 1]!)) found.push({ separator: true });
    if (!action || !isEnabled(action, context)) continue;
    const entry: MenuEntry = { id, label: action.label, danger: id === "delete", run: () => action.run(actionContext()) };
    if (action.icon) entry.icon = action.icon;
    if (action.shortcut) entry.shortcut = shortcutLabel(action.shortcut);
    found.push(entry);
  }
  return found;
}
