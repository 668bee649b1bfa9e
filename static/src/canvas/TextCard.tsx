/** A text cell: rendered Markdown, or the shared editor in place. */
import { Suspense, lazy, memo, useCallback, useSyncExternalStore } from "react";
import { useCanEdit, useCellResult, useUiPart } from "../app/hooks";
import { session } from "../app/session";
import type { CellRecord } from "../document/schema";
import { Prose } from "../views/markdown.view";
import { CellHeader } from "./CellHeader";
import s from "./card.module.css";
import { lookOf } from "./words";

const NoteEditor = lazy(() => import("./NoteEditor"));

function useText(id: string): string {
  const subscribe = useCallback((listener: () => void) => {
    const code = session.doc.code(id);
    code?.observe(listener);
    return () => code?.unobserve(listener);
  }, [id]);
  return useSyncExternalStore(subscribe, () => session.doc.code(id)?.toString() ?? "");
}

export const TextCard = memo(function TextCard({ cell, selected }: { cell: CellRecord; selected: boolean }) {
  const text = useText(cell.id);
  const result = useCellResult(cell.id);
  const canEdit = useCanEdit();
  const editing = useUiPart((ui) => ui.editing === cell.id) && canEdit;
  const edit = () => canEdit && session.ui.set({ editing: cell.id });
  return (
    <div className={s.card}>
      {selected && <CellHeader cell={cell} result={result} look={lookOf(result)} quiet />}
      {editing ? (
        <div className={`${s.body} nodrag nowheel nopan`}>
          <Suspense fallback={<div className={s.note}>{text}</div>}>
            <NoteEditor cell={cell.id} label={`Text of ${cell.title}`} />
          </Suspense>
        </div>
      ) : (
        <div className={`${s.note} drag-handle ${selected ? "nowheel" : ""}`} data-scroll={selected} onDoubleClick={edit}>
          {text.trim() ? <Prose text={text} /> : <p className={s.quiet}>{canEdit ? "Double-click or press Enter to write" : "No text yet"}</p>}
        </div>
      )}
    </div>
  );
});
