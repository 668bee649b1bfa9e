/** A table's profile: what is worth a look, every column, what goes together, and how a second table differs. */
import { useCanEdit } from "../app/hooks";
import { Button, cx } from "../theme";
import { count } from "../theme/format";
import { Quiet } from "./Quiet";
import { ColumnHeads, ColumnRow } from "./survey/Columns";
import { addStep, type SurveyData } from "./survey/data";
import { Correlations, Target } from "./survey/Together";
import s from "./survey/survey.module.css";
import type { ViewProps } from "./view";

function Summary({ view }: { view: SurveyData }) {
  const parts = [`${view.level ? "≈ " : ""}${count(view.rows)} rows`, `${count(view.columns.length + view.left_out)} columns`];
  if (view.duplicates !== null) parts.push(view.duplicates ? `${count(view.duplicates)} repeated` : "no row repeated");
  if (view.other) parts.push(`other table ${count(view.other.rows)} rows`);
  return <p className={s.summary}>{parts.join(" · ")}{view.level && <span className={s.part}>{` from ${count(view.level.n)} rows`}</span>}</p>;
}

function Worth({ cell, view }: { cell: string; view: SurveyData }) {
  const canEdit = useCanEdit();
  if (!view.suggestions.length) return null;
  return (
    <section className={s.section} aria-label="Worth a look">
      <div className={s.sectionHead}><h3>Worth a look</h3></div>
      <ul className={s.worth}>
        {view.suggestions.map((each) => (
          <li key={each.id}>
            <span title={each.words}>{each.words}</span>
            {canEdit && <Button variant="link" className="nodrag" aria-label={`${each.action}: ${each.words}`} onClick={() => addStep(cell, each.step)}>{each.action}</Button>}
          </li>
        ))}
      </ul>
    </section>
  );
}

export default function ProfileView({ cell, view, dimmed, interactive }: ViewProps<SurveyData>) {
  const drift = new Map(view.other?.drift?.map((each) => [each.column, each]));
  const fresh = view.other?.drift?.filter((each) => each.change === "new") ?? [];
  if (!view.columns.length) return <Quiet>This table has no columns</Quiet>;
  return (
    // It scrolls, so it must be reachable by keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={cx(s.survey, interactive && s.scrolls, interactive && "nowheel", Boolean(dimmed) && s.dimmed)} tabIndex={interactive ? 0 : -1} role="group" aria-label="Profile">
      <Summary view={view} />
      <Worth cell={cell} view={view} />
      {view.target && <Target target={view.target} />}
      <section className={s.section} aria-label="Columns">
        <ColumnHeads compared={drift.size > 0} />
        <ul className={s.columns}>
          {view.columns.map((column) => <ColumnRow key={column.name} column={column} rows={view.rows} drift={drift.get(column.name)} />)}
        </ul>
        {view.left_out > 0 && <p className={s.small}>{count(view.left_out)} more columns are not profiled. Pick the ones you want in the inspector.</p>}
        {fresh.length > 0 && <p className={s.small}>Only in the other table: {fresh.map((each) => each.column).join(", ")}</p>}
      </section>
      {view.correlations && <Correlations found={view.correlations} rows={view.rows} />}
    </div>
  );
}
