/** Connects the view of React Flow with actions, the level of detail, presence and the address of the page. */
import { type Viewport as FlowViewport, useStoreApi, useReactFlow } from "@xyflow/react";
import { useEffect, useMemo, useRef } from "react";
import { session } from "../app/session";
import { detail } from "./detail";
import { flow } from "./flow";
import { bounds, boxOf, fitTransform } from "./geometry";
import { lastPointer } from "./pane";
import { type Viewport, registerViewport } from "./viewport";

const CLEAR = 24;
const PAN_TIME = 180;

/** Where to start: the view kept for this canvas, else everything in view. */
export function startView(): FlowViewport {
  const kept = readKept();
  if (kept) return open(kept);
  const all = bounds(session.doc.records().map(boxOf));
  if (!all) return open({ x: 0, y: 0, zoom: 1 });
  const [x, y, zoom] = fitTransform(all, window.innerWidth - 516, window.innerHeight - (session.can("editor") ? 48 : 80));
  return open({ x, y, zoom });
}

function open(view: FlowViewport): FlowViewport {
  detail.zoomed(view.zoom);
  return view;
}

const key = () => `inkling:view:${session.bootstrap.canvas?.id ?? ""}`;

function readKept(): FlowViewport | undefined {
  try {
    const view = JSON.parse(sessionStorage.getItem(key()) ?? "null") as FlowViewport | null;
    return view && [view.x, view.y, view.zoom].every(Number.isFinite) ? view : undefined;
  } catch {
    return undefined;
  }
}

const still = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

type Instance = ReturnType<typeof useReactFlow>;
type Store = ReturnType<typeof useStoreApi>;

function makeViewport(instance: Instance, store: Store, host: () => HTMLElement | null): Viewport {
  const move = (x: number, y: number, zoom: number, animate = false) => {
    void instance.setViewport({ x, y, zoom }, animate && !still() ? { duration: PAN_TIME } : undefined);
  };
  const get = (): [number, number, number] => store.getState().transform;
  const centre = (): [number, number] => {
    const { width, height, transform: [x, y, zoom] } = store.getState();
    return [(width / 2 - x) / zoom, (height / 2 - y) / zoom];
  };
  const zoomTo = (zoom: number) => {
    const { width, height } = store.getState();
    const [cx, cy] = centre();
    const next = Math.min(4, Math.max(0.05, zoom));
    move(width / 2 - cx * next, height / 2 - cy * next, next, true);
  };
  const fit = (cells?: Iterable<string>) => {
    const { width, height } = store.getState();
    const boxes = cells ? [...cells].map(flow.box).filter((box) => box !== undefined) : session.doc.records().map(boxOf);
    const all = bounds(boxes);
    if (all) move(...fitTransform(all, width, height, cells ? 1.2 : 1), true);
  };
  const toCanvas = (x: number, y: number): [number, number] => {
    const point = instance.screenToFlowPosition({ x, y });
    return [point.x, point.y];
  };
  return {
    get,
    set: move,
    centre,
    zoomTo,
    fit,
    toCanvas,
    zoomBy: (factor) => zoomTo(get()[2] * factor),
    reveal: (cell, focus) => reveal(cell, focus ?? false, store, move),
    pointer: () => {
      const at = lastPointer();
      return at ? toCanvas(...at) : null;
    },
    focus: () => host()?.querySelector<HTMLElement>("[data-cell-id][tabindex='0']")?.focus(),
  };
}

/** Pans as little as needed, so that the cell is clear of the edges; focus waits until the card is there. */
function reveal(id: string, focus: boolean, store: Store, move: (x: number, y: number, zoom: number, animate?: boolean) => void): void {
  const box = flow.box(id);
  if (!box) return;
  const { width, height, transform: [x, y, zoom] } = store.getState();
  const [left, top] = [box.x * zoom + x, box.y * zoom + y];
  const dx = shift(left, left + box.w * zoom, width);
  const dy = shift(top, top + box.h * zoom, height);
  if (dx || dy) move(x + dx, y + dy, zoom, true);
  if (focus) focusWhenThere(id, 40);
}

function shift(low: number, high: number, room: number): number {
  if (low < CLEAR) return CLEAR - low;
  return high > room - CLEAR ? Math.max(room - CLEAR - high, CLEAR - low) : 0;
}

function focusWhenThere(id: string, tries: number): void {
  const element = document.querySelector<HTMLElement>(`[data-cell-id="${id}"]`);
  if (element) element.focus({ preventScroll: true });
  else if (tries > 0) requestAnimationFrame(() => focusWhenThere(id, tries - 1));
}

/** Titles of the middle level and the hit areas of ports keep their size on screen; in coarse steps near, where it costs more. */
function scaleTitles(host: HTMLElement | null, zoom: number): void {
  const inverse = detail.get() === "mid" ? (1 / zoom).toFixed(1) : Math.min(2, Math.max(1, Math.ceil(5 / zoom) / 5)).toFixed(1);
  if (host && host.style.getPropertyValue("--inverse") !== inverse) host.style.setProperty("--inverse", inverse);
}

/** While it moves the browser keeps the picture of the cells and only shifts it; at rest it is drawn sharp again. */
function setMoving(host: HTMLElement | null, moving: boolean): void {
  host?.toggleAttribute("data-moving", moving);
  detail.setMoving(moving);
}

export function useViewport() {
  const instance = useReactFlow();
  const store = useStoreApi();
  const host = useRef<HTMLElement>(null);
  useEffect(() => {
    registerViewport(makeViewport(instance, store, () => host.current));
    const [x, y, zoom] = store.getState().transform;
    scaleTitles(host.current, zoom);
    // Known from the start, so that one can be followed before one moves.
    session.presence.set({ viewport: [Math.round(x), Math.round(y), zoom] });
    return () => registerViewport(null);
  }, [instance, store]);
  return useMemo(() => {
    const onMove = (event: unknown, view: FlowViewport) => {
      detail.zoomed(view.zoom);
      scaleTitles(host.current, view.zoom);
      session.presence.set({ viewport: [Math.round(view.x), Math.round(view.y), view.zoom] });
      if (event) session.ui.set({ following: null });
    };
    return {
      host,
      onMove,
      onMoveStart: () => setMoving(host.current, true),
      onMoveEnd: (_event: unknown, view: FlowViewport) => {
        setMoving(host.current, false);
        sessionStorage.setItem(key(), JSON.stringify(view));
      },
    };
  }, []);
}
