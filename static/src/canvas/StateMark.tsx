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

export function Gauge({ look, thick }: { look: StateLook; thick?: boolean }) {
  const width = look.gauge === "full" || look.gauge === "faint" ? 100 : look.fraction * 100;
  return (
    <div className={`${g.gauge} ${thick ? g.thick : ""}`} data-gauge={look.gauge} data-tone={look.tone}>
      <svg width="100%" height="100%" preserveAspectRatio="none" aria-hidden>
        <rect className={g.gaugeRest} x="0" width="100%" height="100%" />
        <line className={g.gaugeDash} x1="0" x2="100%" y1="50%" y2="50%" />
        <rect className={g.gaugeFill} x="0" width={`${width}%`} height="100%" />
      </svg>
    </div>
  );
}
