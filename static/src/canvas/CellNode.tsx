/** One cell on the surface: the card at the right level of detail, its ports, rings and resize handles. */
import { type NodeProps, NodeResizeControl } from "@xyflow/react";
import { memo, useSyncExternalStore } from "react";
import { useCanEdit, useCellRecord, useCellResult, usePeersOn, useSelection, useUiPart } from "../app/hooks";
import { session } from "../app/session";
import type { CellRecord } from "../document/schema";
import { MIN_SIZE } from "../document/schema";
import { Icon } from "../theme/Icon";
import { CellCard } from "./CellCard";
import { CardBar } from "./CellHeader";
import { Ports } from "./Ports";
import { Gauge, StateMark } from "./StateMark";
import { TextCard } from "./TextCard";
import s from "./card.module.css";
import { detail } from "./detail";
import { type CellNode as CellNodeType, flow } from "./flow";
import { endResize, resizeTo } from "./gestures";
import { isNote } from "./kinds";
import { lookOf, spokenName } from "./words";

export const CellNode = memo(function CellNode({ id, selected, dragging, data }: NodeProps<CellNodeType>) {
  const record = useCellRecord(id);
  const level = useSyncExternalStore(detail.subscribe, detail.get);
  const compact = useSyncExternalStore(detail.subscribe, detail.compact);
  const result = useCellResult(id);
  const active = useUiPart((ui) => ui.active === id);
  if (!record) return null;
  const cell = flow.seen(record);
  const look = lookOf(result);
  return (
    <div
      className={s.node}
      role="group"
      // One tab stop for the whole canvas, moved by arrow keys.
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={active ? 0 : -1}
      data-cell-id={id}
      data-selected={selected}
      data-dragging={dragging}
      data-state={result.state}
      aria-label={spokenName(session.kinds[cell.kind], cell, result)}
      aria-busy={look.busy}
      onFocus={() => session.ui.set({ active: id })}
    >
      {level === "near" ? <Near cell={cell} selected={selected} /> : <Mid cell={cell} />}
      {selected && <span className={s.ring1} />}
      <span className={s.focusRing} />
      <PeerRing id={id} />
      {level === "near" && <Ports cell={id} spots={data.spots} />}
      {selected && level === "near" && <Resize id={id} />}
      {selected && compact && <CardBar cell={cell} quiet={isNote(session.kinds[cell.kind])} />}
    </div>
  );
});

function Near({ cell, selected }: { cell: CellRecord; selected: boolean }) {
  return isNote(session.kinds[cell.kind]) ? <TextCard cell={cell} selected={selected} /> : <CellCard cell={cell} selected={selected} />;
}

function Mid({ cell }: { cell: CellRecord }) {
  const look = lookOf(useCellResult(cell.id));
  const kind = session.kinds[cell.kind];
  return (
    <div className={`${s.card} ${s.mid} drag-handle`}>
      <Gauge look={look} thick />
      <div className={s.midTitle}>
        <div>
          {look.tone === "err" ? <StateMark look={look} /> : <Icon name={kind?.icon ?? "box"} />}
          {cell.title || kind?.title}
        </div>
      </div>
    </div>
  );
}

function PeerRing({ id }: { id: string }) {
  const [peer] = usePeersOn(id);
  if (!peer) return null;
  const style = { "--peer": `var(--peer-${peer.user.color})` } as React.CSSProperties;
  return (
    <span className={s.peerRing} style={style}>
      <span className={s.peerTab}>{peer.editing === id ? `${peer.user.name} is editing` : peer.user.name}</span>
    </span>
  );
}

const CORNERS = ["top-left", "top-right", "bottom-left", "bottom-right"] as const;

function Resize({ id }: { id: string }) {
  const canEdit = useCanEdit();
  const alone = useSelection().size === 1;
  if (!canEdit || !alone) return null;
  return CORNERS.map((corner) => (
    <NodeResizeControl
      key={corner}
      position={corner}
      minWidth={MIN_SIZE[0]}
      minHeight={MIN_SIZE[1]}
      className="resize"
      onResize={(event, box) => resizeTo(id, box, event.sourceEvent as MouseEvent)}
      onResizeEnd={() => endResize(id)}
    />
  ));
}
