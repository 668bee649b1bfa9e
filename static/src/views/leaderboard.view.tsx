/** The AutoML cell: what was understood, the leaderboard as it grows, comparison, evaluation and code. */
import { useState } from "react";
import { session } from "../app/session";
import { useCanEdit, useCellRecord } from "../app/hooks";
import { CardTabs } from "./CardTabs";
import { Skeleton } from "./Skeleton";
import { Board } from "./leaderboard/Board";
import { Code } from "./leaderboard/Code";
import { Compare } from "./leaderboard/Compare";
import { Evaluation } from "./leaderboard/Evaluation";
import { Guards, Ready } from "./leaderboard/Guards";
import type { LeaderboardData } from "./leaderboard/data";
import s from "./leaderboard/leaderboard.module.css";
import type { ViewProps } from "./view";

const PARTS = ["Leaderboard", "Compare", "Evaluation", "Code", "Warnings"] as const;
type Part = (typeof PARTS)[number];

export default function LeaderboardView({ cell, view, dimmed, interactive }: ViewProps<LeaderboardData>) {
  const [part, setPart] = useState<Part>("Leaderboard");
  const canEdit = useCanEdit();
  const record = useCellRecord(cell);
  const picked = typeof record?.params.pipeline === "string" && view.kept?.includes(record.params.pipeline) ? record.params.pipeline : "best";
  const dim = dimmed ? { opacity: Math.max(dimmed, 0.75) } : undefined;
  if (view.state === "ready") return <div className={s.view} data-scrolls={interactive} style={dim}><Ready cell={cell} view={view} /></div>;
  const parts = PARTS.filter((p) => p !== "Warnings" || view.guards.length > 0);
  return (
    <div className={s.view} style={dim}>
      <CardTabs label="Parts of the search" value={part} onChange={(next) => setPart(next as Part)} tabs={parts.map((p) => [p, p === "Warnings" ? `${p} ${view.guards.length}` : p])} />
      <div className={`${s.panel} ${interactive ? "nowheel nodrag" : ""}`} data-scrolls={interactive} role="tabpanel" aria-label={part}>
        {part === "Leaderboard" && (view.rows.length
          ? <Board cell={cell} view={view} picked={picked} onPick={canEdit && view.kept ? (id) => session.edits.setParam(cell, "pipeline", id) : undefined} />
          : <Skeleton />)}
        {part === "Compare" && <Compare view={view} />}
        {part === "Evaluation" && <Evaluation view={view} picked={picked} />}
        {part === "Code" && <Code view={view} picked={picked} />}
        {part === "Warnings" && <div className={s.section}><Guards cell={cell} guards={view.guards} /></div>}
      </div>
    </div>
  );
}
