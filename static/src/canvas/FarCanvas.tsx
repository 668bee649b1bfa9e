/** The overview below zoom 0.18: one 2-D canvas in place of all cards; pointer events go through to the pane. */
import { useStoreApi } from "@xyflow/react";
import { useEffect, useRef, useSyncExternalStore } from "react";
import { session } from "../app/session";
import { drawScene, fitBitmap, readPalette } from "./draw";
import { detail } from "./detail";
import { onScene, scene } from "./scene";
import s from "./surface.module.css";
import { onThemeChange } from "../theme/theme";

export function FarCanvas() {
  const far = useSyncExternalStore(detail.subscribe, detail.get) === "far";
  return far ? <Drawn /> : null;
}

function Drawn() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const store = useStoreApi();
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context) return undefined;
    let palette = readPalette(element);
    let frame = 0;
    const draw = () => {
      frame = 0;
      fitBitmap(element);
      drawScene(context, scene(), { transform: store.getState().transform, palette, selected: session.ui.get().selection });
    };
    const ask = () => (frame ||= requestAnimationFrame(draw));
    const recolour = () => {
      palette = readPalette(element);
      ask();
    };
    let seen = store.getState().transform;
    const moved = () => {
      const now = store.getState().transform;
      if (now !== seen) ask();
      seen = now;
    };
    const stops = [store.subscribe(moved), onScene(ask), session.ui.subscribe(ask), onThemeChange(recolour)];
    draw();
    return () => {
      cancelAnimationFrame(frame);
      stops.forEach((stop) => stop());
    };
  }, [store]);
  return <canvas ref={canvas} className={s.far} aria-hidden />;
}
