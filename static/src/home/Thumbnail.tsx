/** A small picture of a canvas, drawn by the renderer of the far view. */
import { useEffect, useRef } from "react";
import { drawScene, fitBitmap, readPalette } from "../canvas/draw";
import { useShownTheme } from "../theme/theme";
import type { Layout } from "./canvases";
import { fitLayout } from "./fit";
import s from "./home.module.css";

export function Thumbnail({ layout }: { layout: Layout | undefined }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useShownTheme();
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context || !layout) return;
    fitBitmap(element);
    const read = readPalette(element);
    const palette = { ...read, byState: { ...read.byState, done: read.line, partial: read.accent } };
    const cells = layout.cells.map(([x, y, w, h, kind], i) => ({ id: String(i), x, y, w, h, title: "", state: kind === "chart" ? ("partial" as const) : ("done" as const) }));
    drawScene(context, { cells, links: layout.edges }, { transform: fitLayout(layout, element.clientWidth, element.clientHeight), palette });
  }, [layout, theme]);
  return <canvas ref={canvas} className={s.picture} aria-hidden />;
}
