/** What may be dropped on the desk: files, and kinds dragged out of the palette; on a link, a kind goes in between. */
import type { DragEvent } from "react";
import { session } from "../app/session";
import type { Point } from "../document/schema";
import { addKind } from "./add";
import { snap } from "./geometry";
import s from "./surface.module.css";
import { uploadAll } from "./uploads";
import { viewport } from "./viewport";

/** Type of the drag data that names a kind. */
export const KIND_DATA = "application/x-inkling-kind";

function takes(event: DragEvent): boolean {
  return session.can("editor") && (event.dataTransfer.types.includes("Files") || event.dataTransfer.types.includes(KIND_DATA));
}

export function dragOver(event: DragEvent<HTMLElement>): void {
  if (!takes(event)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
  if (s.dropping && event.dataTransfer.types.includes("Files")) event.currentTarget.classList.add(s.dropping);
}

export function leftDrag(event: DragEvent<HTMLElement>): void {
  if (s.dropping) event.currentTarget.classList.remove(s.dropping);
}

export function dropped(event: DragEvent<HTMLElement>): void {
  leftDrag(event);
  const at = viewport()?.toCanvas(event.clientX, event.clientY);
  if (!takes(event) || !at) return;
  event.preventDefault();
  const kind = event.dataTransfer.getData(KIND_DATA);
  if (kind) dropKind(kind, at, edgeUnder(event.clientX, event.clientY));
  else uploadAll(event.dataTransfer.files, [snap(at[0]), snap(at[1])]);
}

function edgeUnder(x: number, y: number): string | undefined {
  for (const element of document.elementsFromPoint(x, y)) {
    const edge = element.closest<HTMLElement>(".react-flow__edge")?.dataset.id;
    if (edge) return edge;
  }
  return undefined;
}

function dropKind(kind: string, [x, y]: Point, edge: string | undefined): void {
  const [w] = session.kinds[kind]?.size ?? [420, 280];
  const at: Point = edge ? [snap(x - w / 2), snap(y - 19)] : [snap(x), snap(y)];
  addKind(kind, edge ? { at, into: edge } : { at });
}
