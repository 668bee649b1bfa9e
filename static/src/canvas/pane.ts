/** Pointer on the desk: the own cursor for peers, clicks on blocks in the far view, double clicks on nothing. */
import type { MouseEvent, PointerEvent } from "react";
import { session } from "../app/session";
import { detail } from "./detail";
import { cellAt } from "./scene";
import { viewport } from "./viewport";

let pointer: [number, number] | undefined;

export const lastPointer = () => pointer;

export function pointerMoved(event: PointerEvent): void {
  pointer = [event.clientX, event.clientY];
  const at = viewport()?.toCanvas(event.clientX, event.clientY);
  if (at) session.presence.set({ cursor: [Math.round(at[0]), Math.round(at[1])] });
}

export function pointerLeft(): void {
  pointer = undefined;
  session.presence.set({ cursor: null });
}

export function onPaneClick(event: MouseEvent): void {
  const at = viewport()?.toCanvas(event.clientX, event.clientY);
  const hit = detail.get() === "far" && at ? cellAt(...at) : undefined;
  if (!hit) session.ui.select([]);
  else if (event.shiftKey) session.ui.select([...session.ui.get().selection, hit]);
  else session.ui.select([hit]);
  if (hit) session.ui.set({ active: hit });
}

export function onPaneDoubleClick(event: MouseEvent): void {
  if (!(event.target instanceof Element) || !event.target.classList.contains("react-flow__pane")) return;
  const at = viewport()?.toCanvas(event.clientX, event.clientY);
  if (!at) return;
  const hit = detail.get() === "far" ? cellAt(...at) : undefined;
  if (hit) viewport()?.fit([hit]);
  else if (session.can("editor")) session.ui.openCommandMenu({ at });
}
