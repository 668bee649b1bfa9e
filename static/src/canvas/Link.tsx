/** A link between two ports: its line, what flows in it, and a way to remove it. */
import { BaseEdge, EdgeLabelRenderer, type EdgeProps, type Position, getBezierPath } from "@xyflow/react";
import { memo, useState } from "react";
import { useCanEdit, useCellRecord, useCellResult, useLineage } from "../app/hooks";
import { session } from "../app/session";
import { IconButton } from "../theme/Button";
import type { LinkEdge } from "./flow";
import s from "./link.module.css";
import { shortCount } from "./words";

function useLook(source: string, target: string): string {
  const lineage = useLineage();
  const from = useCellResult(source).state;
  const to = useCellResult(target).state;
  if (from === "error") return "error";
  if (to === "running" || to === "partial") return "flowing";
  if (to === "stale") return "stale";
  if (lineage.has(source) && lineage.has(target)) return "lineage";
  return lineage.size > 1 ? "other" : "rest";
}

/** React Flow ends lines at the rim of the 24 px target; ours end at the visible port. */
const RIM = 7;
const INWARD: Record<Position, [number, number]> = { left: [RIM, 0], right: [-RIM, 0], top: [0, RIM], bottom: [0, -RIM] };

function inward(edge: EdgeProps<LinkEdge>): EdgeProps<LinkEdge> {
  const [sx, sy] = INWARD[edge.sourcePosition];
  const [tx, ty] = INWARD[edge.targetPosition];
  return { ...edge, sourceX: edge.sourceX + sx, sourceY: edge.sourceY + sy, targetX: edge.targetX + tx, targetY: edge.targetY + ty };
}

export const Link = memo(function Link(props: EdgeProps<LinkEdge>) {
  const { id, source, target, selected, data } = props;
  const [hover, setHover] = useState(false);
  const look = useLook(source, target);
  const [path, x, y] = getBezierPath(inward(props));
  return (
    <g data-look={selected ? "lineage" : look} data-type={data?.type} className={s.link} onMouseEnter={() => setHover(true)} onMouseLeave={() => setHover(false)}>
      <BaseEdge id={id} path={path} interactionWidth={16} markerEnd={data?.type === "predicate" ? "url(#filter-end)" : undefined} />
      {data?.type === "predicate" && !selected && !hover && <path className={s.funnel} transform={`translate(${x - 7} ${y - 7})`} d="M1 2h12L8.5 7.5V12L5.5 10.5v-3z" />}
      {(selected || hover) && <Label id={id} source={source} target={target} x={x} y={y} onHover={setHover} />}
    </g>
  );
});

interface LabelProps {
  id: string;
  source: string;
  target: string;
  x: number;
  y: number;
  onHover: (over: boolean) => void;
}

function Label({ id, source, target, x, y, onHover }: LabelProps) {
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
        style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}
        onMouseEnter={() => onHover(true)}
        onMouseLeave={() => onHover(false)}
      >
        <span>{problems[0] ?? words}</span>
        {canEdit && <IconButton icon="x" size={14} label={`Remove link ${words}`} onClick={() => session.edits.removeEdges([id])} />}
      </div>
    </EdgeLabelRenderer>
  );
}

/** The line of a link that is being drawn. */
export function LinkDefs() {
  return (
    <svg className={s.defs} aria-hidden>
      <defs>
        <marker id="filter-end" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto-start-reverse">
          <path d="M0 0 10 5 0 10z" className={s.end} />
        </marker>
      </defs>
    </svg>
  );
}
