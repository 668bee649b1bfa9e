/** Charts: a server-made figure in our colours. Each new answer is sketched at once; Plotly's picture of it follows. */
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useCanEdit, useCellRecord } from "../app/hooks";
import { session } from "../app/session";
import { cx } from "../theme/classes";
import { useShownTheme } from "../theme/theme";
import { canBrush } from "./brush/edit";
import { direction } from "./brush/gesture";
import { withSelection } from "./brush/marked";
import { readSelection } from "./brush/selection";
import { Tools } from "./brush/Tools";
import { useBrush, type Tool } from "./brush/useBrush";
import s from "./figure/figure.module.css";
import { plotly } from "./figure/library";
import { readPalette } from "./figure/palette";
import { Fitted, type Margins } from "./figure/margins";
import { pictureOf, type Picture } from "./figure/picture";
import { drawIdle, drawSoon, drop } from "./figure/queue";
import { sketch } from "./figure/sketch";
import { SketchPicture } from "./figure/SketchPicture";
import { styleFigure } from "./figure/style";
import type { FigureViewData, ViewProps } from "./view";

/** Room kept free left and right together, so that titles stay clear of the ports. */
const EDGE = 16;

/** Height of a sentence under the chart. */
const LINE = 34;

/** An answer that is not exact is followed by another: while it is sketched, Plotly waits for that one this long, or
 * until the pointer comes over the chart. */
const LINGER_MS = 4_000;

const CONFIG = { displayModeBar: false, responsive: false, scrollZoom: false, doubleClick: "reset", showTips: false };

/** Zoom and hidden series survive new steps, but not other columns or another mark. */
function revisionOf(params: Record<string, unknown> | undefined): string {
  return JSON.stringify([params?.mark, params?.x, params?.y, params?.aggregate, params?.color, params?.facet, params?.log, params?.time_unit]);
}

/** What the hand does: nothing can be selected by those who may only look, or where the server says no axes. */
function dragsOf(tool: Tool, able: boolean, view: FigureViewData): Record<string, unknown> {
  if (!able || tool === "zoom") return { dragmode: "zoom" };
  return { dragmode: tool, selectdirection: direction(view), clickmode: "event" };
}

export default function FigureView({ cell, view, dimmed = 0, size, interactive }: ViewProps<FigureViewData>) {
  const element = useRef<HTMLDivElement>(null);
  const fitted = useRef(new Fitted());
  const theme = useShownTheme();
  const canEdit = useCanEdit();
  const [tool, setTool] = useState<Tool>("select");
  const [drawn, setDrawn] = useState(0);
  const [picture, setPicture] = useState<Picture>();
  const here = useRef(false);
  const hurry = useRef<() => void>(undefined);
  const params = useCellRecord(cell)?.params;
  const revision = revisionOf(params);
  const by = typeof params?.color === "string" ? params.color : "";
  const x = typeof params?.x === "string" ? params.x : "";
  const words = view.words ?? [];
  const [width, whole] = size;
  const height = whole - words.length * LINE;
  const chosen = JSON.stringify(params?.selection ?? null);
  const selection = useMemo(() => readSelection({ selection: JSON.parse(chosen) as unknown }), [chosen]);
  const able = canEdit && canBrush(cell) && Boolean(view.brush);
  const { attach, busy, brushing } = useBrush(cell, view, element, () => setDrawn((n) => n + 1));
  const afterDrawing = useRef(attach);
  useEffect(() => { afterDrawing.current = attach; });

  // Only answers on their way keep the margins of the one before: an exact one looks the same to all who see it.
  const key = `${revision} ${width} ${height}`;
  const style = useCallback((kept?: Margins) => {
    const palette = readPalette(theme);
    return withSelection(styleFigure(view, { size: [width - EDGE, height - EDGE / 2], palette, revision, by, x, fitted: kept }), view, selection, palette);
  }, [view, width, height, theme, revision, by, x, selection]);
  // Until Plotly has drawn this view, its sketch is shown; over a chart that is being brushed it would hide the brush.
  const sketched = useMemo(() => {
    if (picture?.view === view || brushing) return undefined;
    const { data, layout } = style(picture?.key === key ? picture.margins : undefined);
    return sketch(data, layout, readPalette(theme), picture?.dates);
  }, [picture, view, brushing, style, key, theme]);
  const covered = useRef(false);
  useEffect(() => { covered.current = sketched !== undefined; });

  useEffect(() => {
    const target = element.current;
    if (!target || width < 40 || height < 40) return;
    let wanted = true;
    const final = session.results.get(cell).step?.final ?? true;
    const draw = (library: Awaited<ReturnType<typeof plotly>>) => {
      if (!wanted || busy.current) return;
      const { data, layout } = style(final ? undefined : fitted.current.recall(key, performance.now()));
      void library.react(target, data, { ...layout, ...dragsOf(tool, able, view) }, CONFIG).then(() => {
        here.current = true;
        afterDrawing.current();
        const drawn = pictureOf(target, view, key);
        if (drawn.margins) fitted.current.keep(key, performance.now(), drawn.margins);
        if (wanted) setPicture(drawn);
      });
    };
    // A chart that shows a sketch can wait for a calm moment; one of another shape follows at once.
    const soon = here.current && !covered.current ? drawSoon : drawIdle;
    const load = () => void plotly().then((library) => wanted && soon(target, () => draw(library)));
    const begin = () => {
      hurry.current = undefined;
      if (here.current) load();
      else drawIdle(target, load);
    };
    const timer = setTimeout(begin, covered.current && here.current && !final ? LINGER_MS : 0);
    hurry.current = () => { clearTimeout(timer); begin(); };
    return () => {
      wanted = false;
      hurry.current = undefined;
      clearTimeout(timer);
    };
  }, [cell, view, style, key, width, height, tool, able, drawn, busy]);

  useEffect(() => {
    const target = element.current;
    return () => {
      if (!target) return;
      drop(target);
      if (here.current) void plotly().then((library) => library.purge(target));
    };
  }, []);

  return (
    <div className={s.whole} onPointerEnter={() => hurry.current?.()}>
      <div role="img" aria-label={view.summary || "Chart"} className={cx(s.figure, interactive ? "nodrag" : s.still, dimmed === 0.45 && s.waiting, dimmed === 0.75 && s.stale)}>
        {/* Plotly's: it keeps classes of its own there. */}
        <div ref={element} aria-hidden />
        <SketchPicture sketch={sketched} size={[width - EDGE, height - EDGE / 2]} />
        {words.map((sentence) => <p key={sentence} className={s.words} title={sentence}>{sentence}</p>)}
      </div>
      {interactive && able && <Tools cell={cell} view={view} tool={tool} onTool={setTool} />}
    </div>
  );
}
