/** Draws a sketch of a chart in the place where Plotly will. */
import { memo } from "react";
import s from "./figure.module.css";
import type { Sketch } from "./sketch";

export const SketchPicture = memo(function SketchPicture({ sketch, size: [width, height] }: { sketch: Sketch; size: [number, number] }) {
  return (
    <svg className={s.sketch} width={width} height={height} aria-hidden data-sketch>
      <path d={sketch.axes} className={s.sketchAxes} />
      <g className={s.sketchMarks}>
        {sketch.outlines.map(({ d, fill, stroke, width: thick, opacity }, i) => (
          <path key={i} d={d} fill={fill ?? "none"} stroke={stroke} strokeWidth={thick} strokeLinecap="round" strokeLinejoin="round" opacity={opacity} />
        ))}
      </g>
      {sketch.words.map(({ x, y, text, anchor, turned, mono }) => (
        <text key={`${x},${y}`} className={mono ? s.sketchMono : undefined} textAnchor={anchor} {...(turned ? { transform: `translate(${x} ${y}) rotate(-90)` } : { x, y })}>{text}</text>
      ))}
    </svg>
  );
});
