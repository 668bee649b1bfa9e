/** A card at reading size: header, gauge, body and footer. */
import { memo, Suspense, useEffect, useState } from "react";
import { useCellResult } from "../app/hooks";
import { session } from "../app/session";
import { BODIES, bodyOf } from "../cells/bodies";
import type { CellRecord } from "../document/schema";
import type { CellResult } from "../results/store";
import { useLate } from "../theme/late";
import { ErrorPanel } from "../views/ErrorPanel";
import { NeedsSettings } from "../views/NeedsSettings";
import { Skeleton } from "../views/Skeleton";
import { View } from "../views/View";
import { CellFooter } from "./CellFooter";
import { CellHeader } from "./CellHeader";
import { Gauge } from "./StateMark";
import s from "./card.module.css";
import { whenCalm } from "./detail";
import { type StateLook, lookOf } from "./words";

const HEADER = 40;
const FOOTER = 30;

export const CellCard = memo(function CellCard({ cell, selected }: { cell: CellRecord; selected: boolean }) {
  const result = useCellResult(cell.id);
  const look = lookOf(result);
  return (
    <div className={s.card}>
      <CellHeader cell={cell} result={result} look={look} />
      <Gauge look={look} />
      <div className={`${s.body} ${selected ? "nowheel" : ""}`} data-body>
        <Body cell={cell} result={result} look={look} selected={selected} />
      </div>
      <CellFooter cell={cell} result={result} />
    </div>
  );
});

function Body({ cell, result, look, selected }: { cell: CellRecord; result: CellResult; look: StateLook; selected: boolean }) {
  const ready = useReady(selected);
  const size: [number, number] = [cell.size[0], cell.size[1] - HEADER - FOOTER];
  const dimmed = useLate(result.outdated && look.dimmed === 0 && look.busy ? 0.45 : look.dimmed, BLINK_MS);
  const Own = BODIES[bodyOf(session.kinds[cell.kind])];
  if (Own) return ready ? <Suspense fallback={<Skeleton />}><Own cell={cell} result={result} size={size} dimmed={dimmed} selected={selected} busy={look.busy} /></Suspense> : null;
  if (result.failed) return <ErrorPanel cell={cell.id} failed={result.failed} />;
  if (result.state === "needs_settings") return <NeedsSettings cell={cell.id} missing={result.missing} fallback={result.reason} fix={result.fix} />;
  const view = result.step?.view;
  if (!view) return look.busy ? <Skeleton /> : <Empty cell={cell} result={result} />;
  if (!ready) return null;
  return <View cell={cell.id} view={view} dimmed={dimmed} size={size} interactive={selected} />;
}

function Empty({ cell, result }: { cell: CellRecord; result: CellResult }) {
  const kind = session.kinds[cell.kind];
  const lacks = Object.keys(kind?.inputs ?? {}).length > 0 && !session.doc.edgeList().some((edge) => edge.to === cell.id);
  const words = result.problems[0] ?? (result.reason || (lacks ? "Connect a table to its input" : "Not run yet"));
  return <div className={s.empty}>{words}</div>;
}

/** How long an answer may take before the one it replaces is dimmed: quicker ones would only flicker, and cost a drawing. */
const BLINK_MS = 150;

/** False until there is time to draw a body: not while the view moves, and one body a frame. */
function useReady(now: boolean): boolean {
  const [ready, setReady] = useState(now);
  useEffect(() => (ready ? undefined : whenCalm(() => setReady(true))), [ready]);
  return ready || now;
}
