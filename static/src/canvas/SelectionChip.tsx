/** In the header of a card: what is selected in it, or what others' selections let through. */
import { useState } from "react";
import { useCellRecord, useEdges } from "../app/hooks";
import { session } from "../app/session";
import type { CellRecord } from "../document/schema";
import { Icon } from "../theme/Icon";
import { Menu, type MenuEntry } from "../theme/Menu";
import { readSelection, selectionWords } from "../views/brush/selection";
import { brushWords, canBrush, clearSelection, filteredBy, filtering, invertSelection } from "./brushing";
import h from "./header.module.css";

/** The selection of the first cell that filters this one, in words. */
function Incoming({ from, more }: { from: string; more: number }) {
  const source = useCellRecord(from);
  const selection = readSelection(source?.params);
  const name = session.edits.label(source);
  const brushed = session.kinds[source?.kind ?? ""]?.steers.includes("selection");
  const said = selection ? selectionWords(selection) : brushed ? `nothing selected in ${name}` : `as ${name} is set`;
  const words = more ? `${said} and ${more} more` : said;
  return <span className={h.filtered} data-on={selection !== null || !brushed} title={`Filtered by “${name}”: ${words}`}><Icon name="filter" size={12} /><span>{words}</span></span>;
}

/** Whether the header has something to say of selections. */
export function useBrushed(cell: CellRecord): boolean {
  useEdges();
  return readSelection(cell.params) !== null || filtering(cell.id).length > 0;
}

export function SelectionChip({ cell }: { cell: CellRecord }) {
  useEdges();
  const selection = readSelection(cell.params);
  const sources = filtering(cell.id);
  if (selection && "selection" in (session.kinds[cell.kind]?.outputs ?? {})) return <Own cell={cell.id} words={brushWords(selection, filteredBy(cell.id).length)} />;
  const [first] = sources;
  return first ? <Incoming from={first} more={sources.length - 1} /> : null;
}

function Own({ cell, words }: { cell: string; words: string }) {
  const [open, setOpen] = useState(false);
  const body = <><Icon name="filter" size={12} /><span>{words}</span></>;
  if (!canBrush(cell)) return <span className={h.filtered} data-on title={words}>{body}</span>;
  const items: MenuEntry[] = [
    { id: "others", label: "Filter other cells", icon: "filter", run: () => session.ui.set({ filterOpen: cell }) },
    { id: "list", label: "Select from a list", icon: "list-checks", run: () => session.ui.set({ listOpen: cell }) },
    { id: "invert", label: "Invert the selection", icon: "combine", run: () => invertSelection(cell) },
    { id: "clear", label: "Clear the selection", icon: "filter-x", shortcut: "Esc", run: () => clearSelection(cell) },
  ];
  const trigger = <button type="button" className={`${h.filtered} nodrag`} data-on title={words} aria-label={`Selected: ${words}`}>{body}</button>;
  return <Menu trigger={trigger} items={open ? items : []} open={open} onOpenChange={setOpen} />;
}
