/** A model at work: how the table met it, how far it is, and the rows with their predictions. */
import { useState } from "react";
import { cx } from "../theme";
import { count } from "../theme/format";
import { CardTabs } from "./CardTabs";
import s from "./models/models.module.css";
import TableView from "./table.view";
import type { TableViewData, ViewProps } from "./view";

interface Match {
  column: string;
  state: string;
  words: string;
  rows: number;
  role: string;
}

interface ExecutorData {
  type: "executor";
  target: string;
  task: string;
  matches: Match[];
  done: number;
  rows: number;
  errors: number;
  notes: number;
  table: Omit<TableViewData, "type">;
}

const STATES: Record<string, string> = {
  fits: "fits", read: "read", unseen: "never seen", outside: "outside", renamed: "renamed", missing: "missing", extra: "extra", target: "target",
};
const ODD = new Set(["missing", "unseen", "outside", "read", "renamed"]);

function Matches({ matches }: { matches: Match[] }) {
  return (
    <table className={s.matches}>
      <thead><tr><th scope="col">Column</th><th scope="col">How it fits</th><th scope="col">What was found, and done</th><th scope="col" className={s.right}>Rows</th></tr></thead>
      <tbody>
        {matches.map((match) => (
          <tr key={match.column}>
            <th scope="row" className={s.mono}>{match.column}</th>
            <td><span className={cx(s.state, ODD.has(match.state) && s.odd)}>{STATES[match.state] ?? match.state}</span></td>
            <td>{match.words}</td>
            <td className={cx(s.right, s.mono)}>{match.rows ? count(match.rows) : ""}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function summary(view: ExecutorData): string {
  const odd = view.matches.filter((match) => ODD.has(match.state)).length;
  const parts = [
    view.done < view.rows ? `${count(view.done)} of ${count(view.rows)} rows scored` : `${count(view.rows)} rows scored`,
    odd ? `${odd} ${odd === 1 ? "column does" : "columns do"} not simply fit` : "every column fits",
  ];
  if (view.errors) parts.push(`${count(view.errors)} ${view.errors === 1 ? "row" : "rows"} could not be predicted`);
  if (view.notes) parts.push(`${count(view.notes)} with a note`);
  return parts.join(" · ");
}

const TOP = 64;
const TABS = [["rows", "Predictions"], ["match", "How the table fits"]] as const;

export default function ExecutorView(props: ViewProps<ExecutorData>) {
  const { view, size, interactive } = props;
  const [tab, setTab] = useState("rows");
  const table: TableViewData = { type: "table", ...view.table, total: view.done < view.rows ? view.table.rows.length : view.table.total };
  return (
    <div className={s.frame}>
      <CardTabs label="Result" value={tab} onChange={setTab} tabs={TABS} />
      <p className={s.summary}>{summary(view)}</p>
      <div className={s.panel} role="tabpanel" aria-label={tab === "rows" ? "Predictions" : "How the table fits"}>
        {tab === "rows"
          ? <TableView {...props} view={table} size={[size[0], Math.max(60, size[1] - TOP)]} />
          // It scrolls, so it must be reachable by keyboard.
          // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
          : <div className={cx(s.scroll, interactive && s.scrolls, interactive && "nowheel")} tabIndex={interactive ? 0 : -1} role="group" aria-label="Columns"><Matches matches={view.matches} /></div>}
      </div>
    </div>
  );
}
