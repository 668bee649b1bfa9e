/** Draws a sketch of a chart over the place where Plotly draws. */
import { memo } from "react";
import s from "./figure.module.css";
import type { Sketch } from "./sketch";

/** Stays in its place without a sketch, too: to put it there, or to hide what is below, would lay the page out in layers anew. */
export const SketchPicture = memo(function SketchPicture({ sketch, size: [width, height] }: { sketch: Sketch | undefined; size: [number, number] }) {
  return (
    <svg className={s.sketch} width={width} height={height} aria-hidden data-sketch={sketch && true}>
      {sketch && <Picture sketch={sketch} />}
    </svg>
  );
});

function Picture({ sketch }: { sketch: Sketch }) {
  return (
    <>
      <rect width="100%" height="100%" className={s.sketchPaper} />
      <path d={sketch.axes} className={s.sketchAxes} />
      <g className={s.sketchMarks}>
        {sketch.outlines.map(({ d, fill, stroke, width: thick, opacity }, i) => (
          <path key={i} d={d} fill={fill ?? "none"} stroke={stroke} strokeWidth={thick} strokeLinecap="round" strokeLinejoin="round" opacity={opacity} />
        ))}
      </g>
      {sketch.words.map(({ x, y, text, anchor, turned, mono }, i) => (
        <text key={i} className={mono ? s.sketchMono : undefined} textAnchor={anchor} {...(turned ? { transform: `translate(${x} ${y}) rotate(-90)` } : { x, y })}>{text}</text>
      ))}
    </>
  );
}
