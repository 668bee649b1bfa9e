/** What was understood of the table before training, and what to mend first, each with its one click. */
import { session } from "../../app/session";
import { useCanEdit } from "../../app/hooks";
import { Button, Icon, cx } from "../../theme";
import { count } from "../../theme/format";
import { type Guard, type LeaderboardData, splitWords, taskWords } from "./data";
import s from "./leaderboard.module.css";

const ICONS: Record<Guard["severity"], string> = { error: "triangle-alert", warn: "triangle-alert", info: "info" };

export function Guards({ cell, guards }: { cell: string; guards: readonly Guard[] }) {
  const canEdit = useCanEdit();
  return (
    <ul className={s.guards} aria-label="Warnings">
      {guards.map((guard) => (
        <li key={guard.kind + guard.columns.join()} className={cx(s.guard, s[guard.severity])}>
          <Icon name={ICONS[guard.severity]} />
          <span>
            {guard.message}{" "}
            {guard.fix && canEdit && (
              <Button variant="link" onClick={() => session.edits.setParams(cell, guard.fix?.params ?? {})}>{guard.fix.label}</Button>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}

const ROLES: Record<string, string> = { number: "numbers", category: "categories", date: "dates", text: "texts", unused: "left out" };

/** The problem in words, for a cell that waits for Run. */
export function Ready({ cell, view }: { cell: string; view: LeaderboardData }) {
  const budget = view.budget.trials ? `${count(view.budget.trials)} trials` : `${view.budget.seconds} seconds`;
  const roles = Object.entries(view.roles).map(([role, names]) => `${names.length} ${ROLES[role] ?? role}`).join(", ");
  return (
    <div className={s.ready}>
      <dl>
        <dt>Predict</dt>
        <dd><code>{view.target}</code>, {taskWords(view.task)} <span className={s.quiet}>({view.reason})</span></dd>
        <dt>Judge by</dt>
        <dd>{view.metric.words} over {splitWords(view.split)}; {Math.round(view.split.test * 100)}% of the rows stay locked until the end</dd>
        <dt>Learn from</dt>
        <dd>{roles}</dd>
        <dt>Budget</dt>
        <dd>{budget}</dd>
      </dl>
      <Guards cell={cell} guards={view.guards} />
    </div>
  );
}
