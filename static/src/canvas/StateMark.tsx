/** The icon of a cell state; rings and half discs show the share done. */
import { Icon } from "../theme/Icon";
import g from "./gauge.module.css";
import type { StateLook } from "./words";

const ROUND = 2 * Math.PI * 6;

export function StateMark({ look }: { look: StateLook }) {
  if (look.icon === "ring") {
    const share = Math.max(0.06, look.fraction || 0.25);
    return (
      <svg className={look.gauge === "sweep" ? g.spin : g.ring} viewBox="0 0 16 16" width="14" height="14" aria-hidden>
        <circle cx="8" cy="8" r="6" className={g.ringTrack} />
        <circle cx="8" cy="8" r="6" className={g.ringArc} strokeDasharray={`${ROUND * share} ${ROUND}`} transform="rotate(-90 8 8)" />
      </svg>
    );
  }
  if (look.icon === "half") {
    return (
      <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden>
        <circle cx="8" cy="8" r="6" className={g.halfRing} />
        <path d="M8 2a6 6 0 0 1 0 12z" className={g.halfFill} />
      </svg>
    );
  }
  return <Icon name={look.icon} size={14} />;
}

const SHARED: ReadonlySet<string> = new Set(["filled", "partial", "stopped"]);

/** Drawn by backgrounds alone: an element more for each card is felt when a thousand are panned. */
export function Gauge({ look, thick }: { look: StateLook; thick?: boolean }) {
  const width = look.gauge === "full" || look.gauge === "faint" ? 100 : SHARED.has(look.gauge) ? look.fraction * 100 : 0;
  const share = { "--share": `${width}%` } as React.CSSProperties;
  return (
    <div className={`${g.gauge} ${thick ? g.thick : ""}`} data-gauge={look.gauge} data-tone={look.tone} style={share}>
      {look.gauge === "sweep" && <span />}
    </div>
  );
}
