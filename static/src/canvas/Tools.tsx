/** Bottom left: zoom, fit, outline, undo. */
import { useStore } from "@xyflow/react";
import { useSyncExternalStore } from "react";
import { useCanEdit, useUiPart } from "../app/hooks";
import { session } from "../app/session";
import { perform } from "../actions/registry";
import { shortcutLabel } from "../actions/shortcuts";
import { IconButton } from "../theme/Button";
import s from "./surface.module.css";

const onUndo = (listener: () => void) => session.undo.subscribe(listener);

export function Tools() {
  const zoom = useStore((state) => Math.round(state.transform[2] * 100));
  const outline = useUiPart((ui) => ui.outlineOpen);
  const canUndo = useSyncExternalStore(onUndo, () => session.undo.canUndo());
  const canEdit = useCanEdit();
  return (
    <div className={`${s.island} ${s.tools}`} role="toolbar" aria-label="Canvas tools" data-region="tools">
      <IconButton icon="minus" label="Zoom out" shortcut="-" side="top" onClick={() => perform("zoom-out")} />
      <button type="button" className={s.zoom} aria-label={`Zoom ${zoom} %, set to 100 %`} onClick={() => perform("zoom-100")}>
        {zoom}%
      </button>
      <IconButton icon="plus" label="Zoom in" shortcut="+" side="top" onClick={() => perform("zoom-in")} />
      <IconButton icon="maximize" label="Fit everything" shortcut="1" side="top" onClick={() => perform("fit")} />
      <IconButton icon="list" label="Outline" shortcut="O" side="top" pressed={outline} onClick={() => perform("outline")} />
      {canEdit && (
        <IconButton icon="undo" label="Undo" shortcut={shortcutLabel("Mod+Z")} side="top" reason={canUndo ? undefined : "Nothing of yours to undo"} onClick={() => perform("undo")} />
      )}
    </div>
  );
}
