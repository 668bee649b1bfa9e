/** Ports of a cell as handles: a shape per type, a 24 px target, and words for those who cannot see it. */
import { Handle, type Position } from "@xyflow/react";
import { memo } from "react";
import { useLineage, useCellRecord } from "../app/hooks";
import { session } from "../app/session";
import type { PortType } from "../schema.gen";
import p from "./port.module.css";
import { useFits } from "./connecting";
import type { PortSpot } from "./geometry";

const SHAPES: Record<PortType, string> = {
  table: "M12 6a6 6 0 1 0 0 12a6 6 0 1 0 0-12z",
  model: "M12 5l7 7l-7 7l-7-7z",
  value: "M7 7h10v10h-10z",
  predicate: "M7 6l11 6l-11 6z",
};

const SHAPE_NAMES: Record<PortType, string> = { table: "circle", model: "diamond", value: "square", predicate: "triangle" };

export function PortGlyph({ type }: { type: PortType }) {
  return (
    <svg viewBox="0 0 24 24" aria-hidden>
      <circle cx="12" cy="12" r="11" className={p.halo} />
      <path d={SHAPES[type]} className={p.glyph} />
    </svg>
  );
}

function Port({ cell, spot, title }: { cell: string; spot: PortSpot; title: string }) {
  const fits = useFits(cell, spot.way, spot.port, spot.type);
  const lineage = useLineage();
  const words = `${spot.way === "in" ? "Input" : "Output"} ${spot.port} of ${title}, ${spot.type}, ${SHAPE_NAMES[spot.type]}${spot.connected ? ", connected" : ""}`;
  const open = () => session.ui.set({ connectOpen: { cell, port: spot.handle } });
  return (
    <Handle
      id={spot.handle}
      type={spot.way === "in" ? "target" : "source"}
      position={spot.side as Position}
      className={p.port}
      style={{ left: spot.x, top: spot.y, right: "auto", bottom: "auto" }}
      role="button"
      tabIndex={-1}
      aria-label={words}
      title={`${spot.port}, ${spot.type}`}
      data-port={`${cell}:${spot.way}:${spot.port}`}
      data-connected={spot.connected}
      data-lineage={spot.connected && lineage.has(cell)}
      data-fits={fits}
      isConnectableStart
      onKeyDown={(event) => event.key === "Enter" && open()}
    >
      <PortGlyph type={spot.type} />
    </Handle>
  );
}

export const Ports = memo(function Ports({ cell, spots }: { cell: string; spots: PortSpot[] }) {
  const title = useCellRecord(cell)?.title ?? "";
  return spots.map((spot) => <Port key={spot.handle} cell={cell} spot={spot} title={title} />);
});
