/** What Plotly has drawn last: the view it shows, and what a sketch of the next one takes over from it. */
import type { FigureViewData } from "../view";
import type { Margins } from "./margins";
import type { Tick } from "./sketch";

export interface Picture {
  view: FigureViewData;
  /** Size and columns it was drawn for. */
  key: string;
  margins?: Margins;
  /** The labels of an axis of dates: Plotly's choice of them is not foreseen by a sketch. */
  dates: Tick[];
}

interface Axis {
  type?: string;
  _vals?: { x?: unknown; text?: unknown }[];
}

/** What Plotly leaves on its element. */
type Drawn = HTMLElement & { _fullLayout?: { _size?: Margins; xaxis?: Axis } };

export function pictureOf(element: HTMLElement, view: FigureViewData, key: string): Picture {
  const drawn = (element as Drawn)._fullLayout;
  const ticks = drawn?.xaxis?.type === "date" ? (drawn.xaxis._vals ?? []) : [];
  const dates = ticks.flatMap(({ x, text }) => (typeof x === "number" && typeof text === "string" && text ? [{ at: x, text }] : []));
  return { view, key, dates, ...(drawn?._size && { margins: drawn._size }) };
}
