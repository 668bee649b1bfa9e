/** The body of a cell with code: the editor on top, a divider, the result below; or both large, over the page. */
import { useEffect, useRef, useState } from "react";
import { useCanEdit, useEdges } from "../app/hooks";
import { session } from "../app/session";
import type { CellRecord } from "../document/schema";
import { CodeEditor } from "../inspector/editor/CodeEditor";
import { IconButton } from "../theme/Button";
import { Dialog } from "../theme/Dialog";
import { ErrorPanel } from "../views/ErrorPanel";
import { Printed, type PrintedText } from "../views/Printed";
import { Skeleton } from "../views/Skeleton";
import { View } from "../views/View";
import type { BodyProps } from "./body";
import s from "./code.module.css";

const DIVIDER = 25;
const LARGE: [number, number] = [1100, 760];

export default function CodeBody(props: BodyProps) {
  const { cell, size } = props;
  const [share, setShare] = useState(cell.split);
  const [large, setLarge] = useState(false);
  useEffect(() => setShare(cell.split), [cell.split]);
  const top = Math.round((size[1] - DIVIDER) * share);
  return (
    <div className={s.body}>
      <div className={`${s.code} nodrag nopan`} style={{ height: top }}>
        <CodeEditor record={cell} />
      </div>
      <Divider cell={cell} share={share} height={size[1]} onMove={setShare} onLarge={() => setLarge(true)} />
      <div className={s.result}><Outcome {...props} size={[size[0], size[1] - top - DIVIDER]} /></div>
      <Dialog open={large} onClose={() => setLarge(false)} title={cell.title || "Code"} width={LARGE[0]}>
        <div className={s.large}>
          <div className={s.largeCode}><CodeEditor record={cell} focus /></div>
          <div className={s.result}><Outcome {...props} selected size={[LARGE[0] - 48, LARGE[1] * 0.4]} /></div>
        </div>
      </Dialog>
    </div>
  );
}

/** Dragged, or moved by arrow keys; beside it what the code uses. */
function Divider({ cell, share, height, onMove, onLarge }: { cell: CellRecord; share: number; height: number; onMove: (share: number) => void; onLarge: () => void }) {
  const bar = useRef<HTMLDivElement>(null);
  const canEdit = useCanEdit();
  const clamp = (value: number) => Math.min(0.85, Math.max(0.15, value));
  const drag = (down: React.PointerEvent) => {
    if (!canEdit) return;
    const body = bar.current?.parentElement?.getBoundingClientRect();
    if (!body) return;
    bar.current?.setPointerCapture(down.pointerId);
    let next = share;
    const move = (event: PointerEvent) => onMove((next = clamp((event.clientY - body.top) / body.height)));
    const up = () => {
      bar.current?.removeEventListener("pointermove", move);
      if (next !== share) session.edits.setSplit(cell.id, next);
    };
    bar.current?.addEventListener("pointermove", move);
    bar.current?.addEventListener("pointerup", up, { once: true });
  };
  const key = (event: React.KeyboardEvent) => {
    const step = event.key === "ArrowUp" ? -20 : event.key === "ArrowDown" ? 20 : 0;
    if (!step || !canEdit) return;
    event.preventDefault();
    event.stopPropagation();
    session.edits.setSplit(cell.id, clamp(share + step / height));
  };
  return (
    <div className={`${s.between} nodrag nopan`}>
      <Uses cell={cell.id} />
      {/* A divider that can be moved is a control: it takes the focus and the arrow keys. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <div
        ref={bar}
        className={s.divider}
        role="separator"
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={canEdit ? 0 : -1}
        aria-label="Size of the code"
        aria-orientation="horizontal"
        aria-valuenow={Math.round(share * 100)}
        aria-valuemin={15}
        aria-valuemax={85}
        onPointerDown={drag}
        onKeyDown={key}
      />
      <IconButton icon="maximize" label="Open large" size={14} onClick={onLarge} />
    </div>
  );
}

/** The names of the tables and values that arrive, as the code may write them. */
function Uses({ cell }: { cell: string }) {
  const edges = useEdges().filter((edge) => edge.to === cell && (edge.toPort === "tables" || edge.toPort === "values"));
  const names = [...new Set(edges.map((edge) => session.doc.record(edge.from)?.name ?? ""))].filter(Boolean).sort();
  return <span className={s.uses} title={names.join(", ")}>{names.length ? <>uses {names.map((name) => <code key={name}>{name}</code>)}</> : "uses no other cell"}</span>;
}

function Outcome({ cell, result, busy, dimmed, selected, size }: BodyProps) {
  if (result.failed) return <ErrorPanel cell={cell.id} failed={result.failed} />;
  const view = result.step?.view;
  if (!view) return busy ? <Skeleton /> : <div className={s.empty}>{result.missing[0] ?? (result.reason || "Not run yet")}</div>;
  const printed = view.printed as PrintedText | undefined;
  const room = printed?.text && view.type !== "printed" ? Math.min(96, size[1] * 0.35) : 0;
  return (
    <>
      <div className={s.shown}><View cell={cell.id} view={view} dimmed={dimmed} size={[size[0], size[1] - room]} interactive={selected} /></div>
      {printed && room > 0 && <div className={s.printed} style={{ height: room }}><Printed printed={printed} interactive={selected} /></div>}
    </>
  );
}
