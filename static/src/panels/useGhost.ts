/** Dragging a kind out of the palette: a ghost of true size follows, a drop on the desk places the cell. */
import { useEffect, useRef, useState, type PointerEvent } from "react";
import { addKind } from "../canvas/add";
import { snap } from "../canvas/geometry";
import { viewport } from "../canvas/viewport";
import type { KindDeclaration } from "../schema.gen";

const SLACK = 6;

export interface Ghost {
  kind: KindDeclaration;
  x: number;
  y: number;
  w: number;
  h: number;
}

/** The link under the pointer, if the cell may be put into it. */
function edgeAt(x: number, y: number): string | undefined {
  const hit = document.elementsFromPoint(x, y).find((e) => e.closest(".react-flow__edge"))?.closest(".react-flow__edge");
  return hit?.getAttribute("data-id") ?? undefined;
}

function overDesk(x: number, y: number): boolean {
  const hit = document.elementFromPoint(x, y);
  return Boolean(hit?.closest("[aria-label=Canvas]")) && !hit?.closest("[aria-label=Palette]");
}

export function useGhost(canEdit: boolean) {
  const [ghost, setGhost] = useState<Ghost | null>(null);
  const stop = useRef<(() => void) | null>(null);
  const dragged = useRef(false);
  useEffect(() => () => stop.current?.(), []);

  const onPointerDown = (kind: KindDeclaration) => (event: PointerEvent<HTMLElement>) => {
    dragged.current = false;
    if (!canEdit || event.button !== 0) return;
    const [startX, startY] = [event.clientX, event.clientY];
    const zoom = viewport()?.get()[2] ?? 1;
    const [w, h] = [kind.size[0] * zoom, kind.size[1] * zoom];
    const move = (e: globalThis.PointerEvent) => {
      if (!dragged.current && Math.hypot(e.clientX - startX, e.clientY - startY) < SLACK) return;
      dragged.current = true;
      setGhost({ kind, x: e.clientX - w / 2, y: e.clientY - 20 * zoom, w, h });
    };
    const end = (e: globalThis.PointerEvent) => {
      stop.current?.();
      const view = viewport();
      if (!dragged.current || !view || !overDesk(e.clientX, e.clientY)) return;
      const [x, y] = view.toCanvas(e.clientX - w / 2, e.clientY - 20 * zoom);
      addKind(kind.name, { at: [snap(x), snap(y)], into: edgeAt(e.clientX, e.clientY) });
    };
    const key = (e: KeyboardEvent) => { if (e.key === "Escape") { e.stopPropagation(); stop.current?.(); } };
    stop.current = () => {
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", end);
      window.removeEventListener("pointercancel", stop.current!);
      window.removeEventListener("keydown", key, true);
      setGhost(null);
    };
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", end);
    window.addEventListener("pointercancel", stop.current);
    window.addEventListener("keydown", key, true);
  };
  return { ghost, onPointerDown, wasDragged: () => dragged.current };
}
