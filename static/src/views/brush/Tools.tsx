/** What a hand on the chart does: select, draw around, or zoom; and the way to select from a list. */
import { session } from "../../app/session";
import { IconButton } from "../../theme";
import type { FigureViewData } from "../view";
import s from "../figure/figure.module.css";
import type { Tool } from "./useBrush";

const OUTLINED = new Set(["scatter", "density"]);

export interface ToolsProps {
  cell: string;
  view: FigureViewData;
  tool: Tool;
  onTool: (tool: Tool) => void;
}

export function Tools({ cell, view, tool, onTool }: ToolsProps) {
  const each = (one: Tool, icon: string, label: string) => <IconButton icon={icon} size={14} label={label} pressed={tool === one} onClick={() => onTool(one)} />;
  return (
    <div className={`${s.tools} nodrag`} role="toolbar" aria-label="Selecting">
      {view.mark !== "pie" && each("select", "square-dashed", "Select by dragging")}
      {OUTLINED.has(view.mark ?? "") && each("lasso", "lasso", "Draw around points")}
      {view.mark !== "pie" && each("zoom", "zoom-in", "Zoom by dragging")}
      <IconButton icon="list-checks" size={14} label="Select from a list" onClick={() => session.ui.set({ listOpen: cell })} />
      <IconButton icon="filter" size={14} label="Filter other cells" onClick={() => session.ui.set({ filterOpen: cell })} />
    </div>
  );
}
