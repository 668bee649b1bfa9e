/** Dragging a line of a list to another place by its grip: where it would land, and the move once it is let go. */
import { useRef, useState, type PointerEvent } from "react";

export interface Reorder {
  held: number | null;
  /** The place among the others where the held line would land. */
  place: number | null;
  list: React.RefObject<HTMLOListElement | null>;
  grip: (index: number) => (event: PointerEvent) => void;
}

export function useReorder(move: (from: number, to: number) => void): Reorder {
  const list = useRef<HTMLOListElement>(null);
  const [state, setState] = useState<{ held: number | null; place: number | null }>({ held: null, place: null });

  const grip = (index: number) => (event: PointerEvent) => {
    if (event.button !== 0 || !list.current) return;
    event.preventDefault();
    event.stopPropagation();
    const rows = [...list.current.children].filter((_, i) => i !== index);
    const placeAt = (y: number) => rows.filter((row) => { const box = row.getBoundingClientRect(); return y > box.top + box.height / 2; }).length;
    setState({ held: index, place: index });
    const onMove = (e: globalThis.PointerEvent) => setState({ held: index, place: placeAt(e.clientY) });
    const end = (e: globalThis.PointerEvent | KeyboardEvent) => {
      window.removeEventListener("pointermove", onMove);
      window.removeEventListener("pointerup", end);
      window.removeEventListener("keydown", onEscape, true);
      setState({ held: null, place: null });
      if (e instanceof globalThis.PointerEvent) { const to = placeAt(e.clientY); if (to !== index) move(index, to); }
    };
    const onEscape = (e: KeyboardEvent) => { if (e.key === "Escape") { e.stopPropagation(); end(e); } };
    window.addEventListener("pointermove", onMove);
    window.addEventListener("pointerup", end);
    window.addEventListener("keydown", onEscape, true);
  };
  return { ...state, list, grip };
}
