/** The header of a card: kind, title, output name, state in words, run or stop, menu. */
import { NodeToolbar, Position } from "@xyflow/react";
import { useEffect, useRef, useSyncExternalStore } from "react";
import { useCanEdit, useCanRun, useCellResult, useOffline, useSelection, useUiPart } from "../app/hooks";
import { runCells, stopCells } from "../app/runs";
import { session } from "../app/session";
import type { CellRecord } from "../document/schema";
import type { CellResult } from "../results/store";
import { IconButton } from "../theme/Button";
import { Icon } from "../theme/Icon";
import { CardMenu } from "./CardMenu";
import { SelectionChip, useBrushed } from "./SelectionChip";
import { StateMark } from "./StateMark";
import h from "./header.module.css";
import { detail } from "./detail";
import { type StateLook, lookOf } from "./words";

const NAME_FROM = 320;

interface HeaderProps {
  cell: CellRecord;
  result: CellResult;
  look: StateLook;
  /** Without state and run button: for cells that compute nothing. */
  quiet?: boolean;
}

export function CellHeader({ cell, result, look, quiet }: HeaderProps) {
  const kind = session.kinds[cell.kind];
  const compact = useSyncExternalStore(detail.subscribe, detail.compact);
  // A selection takes the place of the name.
  const brushed = useBrushed(cell);
  return (
    <div className={`${h.header} drag-handle`}>
      <span className={h.kind} title={kind?.title}>
        <Icon name={kind?.icon ?? "box"} />
      </span>
      <Title cell={cell} />
      {cell.name && !brushed && cell.size[0] >= NAME_FROM && (
        <span className={h.name} title={cell.name}>
          {cell.name}
        </span>
      )}
      <SelectionChip cell={cell} />
      <span className={h.space} />
      {!quiet && (
        <span className={h.state} data-tone={look.tone} title={result.reason || undefined}>
          <StateMark look={look} />
          {look.words}
        </span>
      )}
      {!compact && (
        <span className={`${h.buttons} nodrag`}>
          {!quiet && <RunButton cell={cell.id} result={result} look={look} />}
          <CardMenu cell={cell} />
        </span>
      )}
    </div>
  );
}

/** The same buttons at their size on screen, above a selected card that is drawn too small for them. */
export function CardBar({ cell, quiet }: { cell: CellRecord; quiet: boolean }) {
  const result = useCellResult(cell.id);
  const alone = useSelection().size === 1;
  if (!alone) return null;
  return (
    <NodeToolbar isVisible position={Position.Top} align="end" offset={6} className={`${h.bar} nodrag nopan`}>
      {!quiet && <RunButton cell={cell.id} result={result} look={lookOf(result)} />}
      <CardMenu cell={cell} />
    </NodeToolbar>
  );
}

function RunButton({ cell, result, look }: { cell: string; result: CellResult; look: StateLook }) {
  const canRun = useCanRun();
  const lost = useOffline();
  if (look.busy) {
    const label = result.state === "partial" ? "Stop and keep this" : "Stop";
    return <IconButton icon="square" label={label} reason={canRun ? undefined : "You can only view"} onClick={() => stopCells([cell])} />;
  }
  const missing = result.state === "needs_settings" ? result.missing.join(", ") || result.reason || "Settings are missing" : undefined;
  const reason = !canRun ? "You can only view" : lost ? "Offline, trying to reconnect" : missing;
  return <IconButton icon="play" label="Run" reason={reason} onClick={() => runCells([cell])} />;
}

function Title({ cell }: { cell: CellRecord }) {
  const renaming = useUiPart((ui) => ui.renaming === cell.id);
  const canEdit = useCanEdit();
  if (renaming && canEdit) return <TitleInput cell={cell} />;
  const words = cell.title || "Untitled";
  return (
    <span className={h.title} title={words} onDoubleClick={() => canEdit && session.ui.set({ renaming: cell.id })}>
      {words}
    </span>
  );
}

function TitleInput({ cell }: { cell: CellRecord }) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.select(), []);
  const end = (save: boolean) => {
    const title = field.current?.value.trim();
    if (save && title && title !== cell.title) session.edits.rename(cell.id, title);
    session.undo.stopCapturing();
    session.ui.set({ renaming: null });
  };
  return (
    <input
      ref={field}
      className={`${h.titleInput} nodrag`}
      defaultValue={cell.title}
      maxLength={200}
      aria-label="Title"
      onBlur={() => end(true)}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Enter") end(true);
        if (event.key === "Escape") end(false);
        if (event.key === "Enter" || event.key === "Escape") document.querySelector<HTMLElement>(`[data-cell-id="${cell.id}"]`)?.focus();
      }}
    />
  );
}
