/** Tuning by hand: the settings of a pipeline on the left, where they put it among the others on the right. */
import { useCanEdit, useCellRecord } from "../app/hooks";
import { runCells } from "../app/runs";
import { session } from "../app/session";
import { Button, cx, IconButton } from "../theme";
import { Whiskers } from "./leaderboard/Board";
import { scoreRange, scoreWords } from "./leaderboard/data";
import b from "./leaderboard/leaderboard.module.css";
import { Form } from "./tune/Form";
import type { AddedPipeline, TuneData, TuneRow } from "./tune/data";
import s from "./tune/tune.module.css";
import type { ViewProps } from "./view";

function told(view: TuneData): string {
  const own = view.rows.find((row) => row.id === view.own && row.yours);
  if (view.state === "ready" || !own) return "Run scores these settings on the same folds as the others.";
  if (view.state === "searching") return `${own.folds.length} of ${view.split.folds} folds`;
  return `Yours is number ${own.rank} of ${view.rows.length}: ${scoreWords(own.score)}`;
}

function Better({ view, row }: { view: TuneData; row: TuneRow }) {
  const said = view.versus?.[row.id];
  if (!said) return view.state === "done" && row.id !== view.own ? <span className={s.quiet} title="Not compared: it was not scored on every fold, or its predictions were not kept">–</span> : null;
  const words = `Yours is ${said.clear ? "clearly" : "not clearly"} ${said.better_by < 0 ? "worse" : "better"} than ${row.name}`;
  return <span title={words} className={said.clear ? undefined : s.quiet}>{said.better_by > 0 ? "+" : ""}{scoreWords(said.better_by)} <span className={s.quiet}>({scoreWords(said.low)} to {scoreWords(said.high)})</span></span>;
}

function Rows({ view, canEdit, onForget }: { view: TuneData; canEdit: boolean; onForget: (id: string) => void }) {
  const range = scoreRange(view.rows);
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">#</th>
          <th scope="col">Pipeline</th>
          <th scope="col">{view.metric.words}{view.metric.greater_is_better ? "" : ", less is better"}</th>
          <th scope="col" className={b.number}>Mean</th>
          <th scope="col" className={b.number}>Yours better by</th>
        </tr>
      </thead>
      <tbody>
        {view.rows.map((row) => (
          <tr key={row.id} data-pipeline={row.id} data-yours={row.yours || undefined} className={cx(row.yours && s.yours, row.id === view.own && row.yours && s.own, row.family === "dummy" && b.muted)}>
            <td>{row.rank}</td>
            <td title={row.name}>
              <div className={s.name}>
                <span>{row.name}</span>
                {canEdit && row.yours && view.added.includes(row.id) && <IconButton icon="x" label={`Take ${row.name} off`} onClick={() => onForget(row.id)} />}
              </div>
            </td>
            <td><Whiskers row={row} range={range} lead={row.yours} /></td>
            <td className={b.number}>{scoreWords(row.score)}</td>
            <td className={b.number}><Better view={view} row={row} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export default function TuneView({ cell, view, dimmed, interactive }: ViewProps<TuneData>) {
  const params = useCellRecord(cell)?.params ?? {};
  const canEdit = useCanEdit();
  const settings = (params.settings ?? {}) as Record<string, unknown>;
  const added = (params.added ?? []) as AddedPipeline[];
  const fresh = view.state === "done" && !view.added.includes(view.own);
  // Kept, it is another question, whose folds are all known: asked at once, so that the board stays as it is.
  const put = (kept: AddedPipeline[]) => {
    session.edits.setParam(cell, "added", kept);
    runCells([cell]);
  };
  const add = () => put([...added, { start: view.start, family: view.family, settings }]);
  return (
    <div className={s.view} style={dimmed ? { opacity: Math.max(dimmed, 0.75) } : undefined}>
      <Form cell={cell} view={view} settings={settings} canEdit={canEdit} interactive={interactive} />
      {/* It scrolls, so it must be reachable by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className={cx(b.board, s.board, interactive && s.scrolls, interactive && "nowheel nodrag")} role="group" aria-label="Leaderboard" tabIndex={interactive ? 0 : -1}>
        <div className={s.told}>
          <p aria-live="polite">{told(view)}</p>
          {canEdit && fresh && <Button onClick={add}>Keep on the leaderboard</Button>}
        </div>
        <Rows view={view} canEdit={canEdit} onForget={(id) => put(added.filter((_, i) => view.added[i] !== id))} />
      </div>
    </div>
  );
}
