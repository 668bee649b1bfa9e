/** What a tuning view holds: the form of one learner, and its pipeline among those of the search. */
import type { LeaderRow, LeaderboardData, Report, Versus } from "../leaderboard/data";

export interface TuneRow extends LeaderRow {
  yours: boolean;
}

export interface TuneData {
  type: "tune";
  state: "ready" | "searching" | "done";
  target: string;
  task: string;
  metric: LeaderboardData["metric"];
  split: LeaderboardData["split"];
  rows: TuneRow[];
  /** The pipeline in the form, and those added before. */
  own: string;
  added: string[];
  start: string;
  starts: { id: string; name: string }[];
  families: { name: string; title: string }[];
  family: string;
  schema: unknown;
  values: Record<string, unknown>;
  versus?: Record<string, Versus>;
  reports?: Record<string, Report>;
  code?: Record<string, string>;
}

export interface AddedPipeline {
  start: string;
  family: string;
  settings: Record<string, unknown>;
}
