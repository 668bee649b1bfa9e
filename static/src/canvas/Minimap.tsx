/** The map in the corner: all cells, what is on screen, errors in red; click or drag to go there. */
import { useStoreApi } from "@xyflow/react";
import { type PointerEvent, useCallback, useEffect, useRef } from "react";
import { session } from "../app/session";
import { drawIdle, drop } from "../views/figure/queue";
import { type Palette, drawScene, fitBitmap, readPalette } from "./draw";
import { type Box, bounds } from "./geometry";
import { onScene, scene, sceneExtent } from "./scene";
import s from "./surface.module.css";
import { onThemeChange } from "../theme/theme";
import { viewport } from "./viewport";

type Store = ReturnType<typeof useStoreApi>;

function screenBox(store: Store): Box {
  const { transform: [x, y, zoom], width, height } = store.getState();
  return { x: -x / zoom, y: -y / zoom, w: width / zoom, h: height / zoom };
}

function mapTransform(store: Store, canvas: HTMLCanvasElement): [number, number, number] {
  const screen = screenBox(store);
  const all = bounds([screen, sceneExtent() ?? screen]) ?? screen;
  const zoom = Math.min((canvas.clientWidth - 16) / all.w, (canvas.clientHeight - 16) / all.h);
  return [canvas.clientWidth / 2 - (all.x + all.w / 2) * zoom, canvas.clientHeight / 2 - (all.y + all.h / 2) * zoom, zoom];
}

function paint(store: Store, canvas: HTMLCanvasElement, palette: Palette): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  fitBitmap(canvas);
  const transform = mapTransform(store, canvas);
  drawScene(context, { cells: scene().cells, links: [] }, { transform, palette, plain: true, selected: session.ui.get().selection });
  const screen = screenBox(store);
  context.strokeStyle = palette.ink;
  context.lineWidth = 1.5 / transform[2];
  context.strokeRect(screen.x, screen.y, screen.w, screen.h);
}

export function Minimap() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const store = useStoreApi();
  useEffect(() => {
    const element = canvas.current;
    if (!element) return undefined;
    let palette = readPalette(element);
    let timer: ReturnType<typeof setTimeout> | undefined;
    let seen = store.getState();
    const draw = () => paint(store, element, palette);
    // States change while charts are drawn, and they are what people look at.
    const ask = () => drawIdle(element, draw);
    const moved = () => {
      const now = store.getState();
      const same = now.transform === seen.transform && now.width === seen.width && now.height === seen.height;
      seen = now;
      if (same) return;
      timer ??= setTimeout(() => {
        timer = undefined;
        draw();
      }, 100);
    };
    const recolour = () => {
      palette = readPalette(element);
      ask();
    };
    const stops = [store.subscribe(moved), onScene(ask), onThemeChange(recolour)];
    ask();
    return () => {
      clearTimeout(timer);
      drop(element);
      stops.forEach((stop) => stop());
    };
  }, [store]);
  const go = useCallback((event: PointerEvent<HTMLCanvasElement>) => {
    if (event.buttons !== 1) return;
    const element = event.currentTarget;
    element.setPointerCapture(event.pointerId);
    const rect = element.getBoundingClientRect();
    const [x, y, zoom] = mapTransform(store, element);
    const [cx, cy] = [(event.clientX - rect.left - x) / zoom, (event.clientY - rect.top - y) / zoom];
    const { transform, width, height } = store.getState();
    viewport()?.set(width / 2 - cx * transform[2], height / 2 - cy * transform[2], transform[2]);
  }, [store]);
  return <canvas ref={canvas} className={s.minimap} role="img" aria-label="Map of the canvas" onPointerDown={go} onPointerMove={go} />;
}
