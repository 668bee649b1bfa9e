/** All links between ports: one drawing under the cards and one for those of the selection; what flows, and a way to remove it. */
import { EdgeLabelRenderer, type ReactFlowState, ViewportPortal, useStore } from "@xyflow/react";
import { memo, useState, useSyncExternalStore } from "react";
import { useCanEdit, useCellRecord, useCellResult, useLineage } from "../app/hooks";
import { session } from "../app/session";
import type { PortType } from "../schema.gen";
import { IconButton } from "../theme/Button";
import { type Link, flow } from "./flow";
import { type Box, overlap } from "./geometry";
import s from "./link.module.css";
import { type LinkLook, lookOfLink, shortCount } from "./words";

/** Pixels between two changes of what is drawn while the view is panned. */
const STEP = 256;

/** The part of the canvas on screen and a little more, in coarse steps: while one pans, it seldom changes. */
function regionOf({ transform: [x, y, zoom], width, height }: ReactFlowState): string {
  const step = 2 ** Math.ceil(Math.log2(STEP / zoom));
  const [left, top] = [Math.floor(-x / zoom / step), Math.floor(-y / zoom / step)];
  const [right, bottom] = [Math.ceil((width - x) / zoom / step), Math.ceil((height - y) / zoom / step)];
  return [left, top, right - left, bottom - top].map((steps) => steps * step).join();
}

/** Told of any result, but redrawn only when a look on screen changed. */
function useLooks(links: readonly Link[]): LinkLook[] {
  const lineage = useLineage();
  const look = ({ source, target, selected }: Link) => (selected ? "lineage" : lookOfLink(lineage, source, target, (cell) => session.results.get(cell).state));
  const looks = useSyncExternalStore(onResult, () => links.map(look).join());
  return looks.split(",") as LinkLook[];
}

const onResult = (listener: () => void) => session.results.subscribeAny(listener);

export function Links() {
  const all = useSyncExternalStore(flow.subscribe, flow.links);
  const [x = 0, y = 0, w = 0, h = 0] = useStore(regionOf).split(",").map(Number);
  const region: Box = { x, y, w, h };
  const links = all.filter(({ box }) => overlap(box, region));
  const looks = useLooks(links);
  const [hovered, setHovered] = useState<string | null>(null);
  const labelled = links.find(({ id }) => id === hovered) ?? links.find(({ selected }) => selected);
  const marks = links.map((link, i) => [link, <Mark key={link.id} link={link} look={looks[i] ?? "rest"} bare={link === labelled} onHover={setHovered} />] as const);
  const drawn = (raised: boolean) => marks.filter(([link]) => link.raised === raised).map(([, mark]) => mark);
  return (
    <>
      <ViewportPortal>
        <svg className={s.links}>
          <Defs />
          {drawn(false)}
        </svg>
        <svg className={`${s.links} ${s.raised}`}>{drawn(true)}</svg>
      </ViewportPortal>
      {labelled && <Label key={labelled.id} link={labelled} onHover={setHovered} />}
    </>
  );
}

interface MarkProps {
  link: Link;
  look: LinkLook;
  /** Its label stands where a funnel would. */
  bare: boolean;
  onHover: (link: string | null) => void;
}

const MARKER: Partial<Record<PortType, string>> = { predicate: "url(#filter-end)" };

function select(id: string): void {
  session.ui.select([]);
  session.ui.set({ selectedEdge: id });
}

/** In React Flow's own classes, whose hit areas and base style it takes. The keyboard follows links from the cards: Alt and arrows. */
const Mark = memo(function Mark({ link: { id, type, words, path, middle: [x, y] }, look, bare, onHover }: MarkProps) {
  return (
    <g
      role="img"
      aria-label={words}
      data-id={id}
      data-look={look}
      data-type={type}
      className={`react-flow__edge ${s.link}`}
      onClick={() => select(id)}
      onMouseEnter={() => onHover(id)}
      onMouseLeave={() => onHover(null)}
    >
      <path className="react-flow__edge-path" d={path} markerEnd={MARKER[type]} />
      <path className={s.hit} d={path} />
      {type === "predicate" && !bare && <path className={s.funnel} transform={`translate(${x - 7} ${y - 7})`} d="M1 2h12L8.5 7.5V12L5.5 10.5v-3z" />}
    </g>
  );
});

function Label({ link: { id, source, target, middle }, onHover }: { link: Link; onHover: (link: string | null) => void }) {
  const from = useCellRecord(source);
  const to = useCellRecord(target);
  const rows = useCellResult(source).step?.rows ?? null;
  const problems = session.results.problemsOfEdge(id);
  const canEdit = useCanEdit();
  const words = `${from?.name || from?.title} → ${to?.title}${rows === null ? "" : `, ${shortCount(rows)} rows`}`;
  return (
    <EdgeLabelRenderer>
      <div
        className={`${s.label} nodrag nopan`}
        style={{ transform: `translate(-50%, -50%) translate(${middle[0]}px, ${middle[1]}px)` }}
        onMouseEnter={() => onHover(id)}
        onMouseLeave={() => onHover(null)}
      >
        <span>{problems[0] ?? words}</span>
        {canEdit && <IconButton icon="x" size={14} label={`Remove link ${words}`} onClick={() => session.edits.removeEdges([id])} />}
      </div>
    </EdgeLabelRenderer>
  );
}

/** The head of a filter link. */
function Defs() {
  return (
    <defs>
      <marker id="filter-end" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto-start-reverse">
        <path d="M0 0 10 5 0 10z" className={s.end} />
      </marker>
    </defs>
  );
}
