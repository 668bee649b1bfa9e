/** The steps of a recipe in order, on the card and in the inspector alike. */
import { useEffect, useRef } from "react";
import { session } from "../../app/session";
import { StepForm } from "./StepForm";
import { StepRow } from "./StepRow";
import type { Line } from "./steps";
import { useReorder } from "./useReorder";
import s from "./recipe.module.css";

export interface StepListProps {
  cell: string;
  prefix: string;
  lines: readonly Line[];
  /** The step whose fields are shown; undefined where fields are never shown. */
  open?: string | null;
  onOpen: (id: string | null) => void;
}

export function StepList({ cell, prefix, lines, open, onOpen }: StepListProps) {
  const moved = useRef<string | null>(null);
  const move = (from: number, to: number) => {
    const line = lines[from];
    if (!line || to < 0 || to >= lines.length) return;
    moved.current = line.id;
    session.edits.moveEntry(cell, prefix, line.key, to);
  };
  const drag = useReorder(move);
  useEffect(() => {
    // A moved line is another element of the list: the focus goes with it.
    if (!moved.current) return;
    drag.list.current?.querySelector<HTMLElement>(`[data-step="${moved.current}"]`)?.focus();
    moved.current = null;
  }, [lines, drag.list]);
  const others = lines.map((_, i) => i).filter((i) => i !== drag.held);
  const markOf = (index: number) => {
    if (drag.place === null || drag.place === drag.held) return undefined;
    if (others[drag.place] === index) return "above" as const;
    return drag.place === others.length && others[others.length - 1] === index ? ("below" as const) : undefined;
  };
  return (
    <ol ref={drag.list} className={s.list} aria-label="Steps">
      {lines.map((line, i) => (
        <li key={line.key}>
          <StepRow
            cell={cell} line={line} open={open === undefined ? undefined : open === line.id} mark={markOf(i)} held={drag.held === i}
            onOpen={() => onOpen(open === line.id ? null : line.id)} onMove={(by) => move(i, i + by)} onGrip={drag.grip(i)}
          />
          {open === line.id && <StepForm cell={cell} line={line} onGone={() => onOpen(null)} />}
        </li>
      ))}
    </ol>
  );
}
