/** Listens to clicks and drags in a drawn chart and writes what they select. */
import { useEffect, useRef, useState, type RefObject } from "react";
import type { PlotlyElement } from "plotly.js-cartesian-dist-min";
import type { FigureViewData } from "../view";
import { canBrush, Drag, selectConditions } from "./edit";
import { ofClick, ofDrag, type Clicked, type Dragged } from "./gesture";

export type Tool = "select" | "lasso" | "zoom";

export interface Brush {
  /** To be called when Plotly has drawn in the element. */
  attach: () => void;
  /** True while a drag goes on: redrawing would end it. */
  busy: RefObject<boolean>;
  /** The same for what is rendered. */
  brushing: boolean;
}

const EVENTS = ["plotly_click", "plotly_selecting", "plotly_selected", "plotly_deselect"];

export function useBrush(cell: string, view: FigureViewData, element: RefObject<HTMLDivElement | null>, onEnd: () => void): Brush {
  const busy = useRef(false);
  const [brushing, setBrushing] = useState(false);
  const drag = useRef<Drag | null>(null);
  const shift = useRef(false);
  const latest = useRef({ view, onEnd });
  useEffect(() => { latest.current = { view, onEnd }; });

  useEffect(() => {
    const target = element.current;
    if (!target) return undefined;
    const down = (event: PointerEvent) => { shift.current = event.shiftKey; };
    target.addEventListener("pointerdown", down, true);
    return () => target.removeEventListener("pointerdown", down, true);
  }, [element]);

  const attach = () => {
    const target = element.current as PlotlyElement | null;
    if (!target?.on || !target.removeAllListeners) return;
    for (const name of EVENTS) target.removeAllListeners(name);
    if (!canBrush(cell) || !latest.current.view.brush) return;
    target.on("plotly_click", (event: { points?: Clicked[] }) => {
      const point = event.points?.[0];
      const found = point ? ofClick(latest.current.view, point) : [];
      if (found.length) selectConditions(cell, found, shift.current);
    });
    target.on("plotly_selecting", (event: Dragged | undefined) => {
      if (!event) return;
      busy.current = true;
      setBrushing(true);
      drag.current ??= new Drag(cell, shift.current);
      drag.current.move(ofDrag(latest.current.view, event));
    });
    target.on("plotly_selected", (event: Dragged | undefined) => {
      const found = event ? ofDrag(latest.current.view, event) : [];
      // Plotly also reports a drawing of its own after our redraw: there is no drag then.
      if (busy.current) (drag.current ?? new Drag(cell, shift.current)).end(found);
      drag.current = null;
      busy.current = false;
      setBrushing(false);
      latest.current.onEnd();
    });
  };
  return { attach, busy, brushing };
}
