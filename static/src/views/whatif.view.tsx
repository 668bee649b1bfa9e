/** What if: the columns of one row on the left, what the model says of it on the right, live. */
import { useCanEdit, useCellRecord } from "../app/hooks";
import { session } from "../app/session";
import { cx, NumberField, Select } from "../theme";
import { percent } from "../theme/format";
import { Curve, Field as Shades } from "./explainer/Curve";
import { slim, type DependenceData } from "./explainer/data";
import { Ask, type Field, type Values } from "./models/Ask";
import s from "./models/models.module.css";
import type { ViewProps } from "./view";

interface WhatIfData {
  type: "whatif";
  target: string;
  task: string;
  classes: string[];
  label: string | null;
  fields: Field[];
  values: Values;
  level: number;
  answer: { prediction: string | number | boolean; probabilities: Record<string, number>; low: number | null; high: number | null; outside: string[] };
  scenario?: { columns: string[]; grid: (string | number)[][]; values: number[] | number[][] };
  sought?: { column: string; value: string | number; prediction: number; reached: boolean; goal: number };
}

function Answer({ view }: { view: WhatIfData }) {
  const { answer } = view;
  const number = view.task === "regression";
  return (
    <div aria-live="polite">
      <p className={s.says}>{view.target}</p>
      <p className={s.big}>{number ? slim(Number(answer.prediction)) : String(answer.prediction)}</p>
      {number && answer.low !== null && answer.high !== null && <p className={s.says}>{slim(answer.low)} to {slim(answer.high)} in {percent(view.level)} of cases</p>}
      {Object.entries(answer.probabilities).slice(0, 6).map(([name, share]) => (
        <div key={name} className={s.probability}><span>{name}</span><span className={s.rail}><span className={s.share} style={{ width: `${share * 100}%` }} /></span><span className={s.given}>{percent(share)}</span></div>
      ))}
      {answer.outside.length > 0 && <p className={s.outside} role="status">Outside the training data: {answer.outside.join("; ")}</p>}
    </div>
  );
}

function sought(found: NonNullable<WhatIfData["sought"]>, classes: boolean): string {
  const said = classes ? percent(found.prediction) : slim(found.prediction);
  const value = typeof found.value === "number" ? slim(found.value) : found.value;
  return found.reached ? `Reached with ${found.column} = ${value} (${said})` : `Not reached by ${found.column} alone; nearest with ${value} (${said})`;
}

function Scenario({ cell, view, params, width, height, canEdit }: { cell: string; view: WhatIfData; params: Values; width: number; height: number; canEdit: boolean }) {
  const found = view.scenario;
  if (!found) return null;
  const roles = found.columns.map((name) => view.fields.find((field) => field.name === name)?.role ?? "category");
  const data: DependenceData = { columns: found.columns, grid: found.grid, roles, mean: found.values, rows: 1 };
  const choices = view.fields.filter((field) => field.role !== "text").map((field) => ({ value: field.name, label: field.name }));
  const Drawn = found.columns.length > 1 ? Shades : Curve;
  const share = view.task !== "regression";
  const goal = typeof params.goal === "number" ? params.goal : null;
  return (
    <>
      {canEdit && (
        <div className={`${s.picks} nodrag`}>
          <Select className={s.pick} mono label="Follow" value={found.columns[0]!} choices={choices} onChange={(along) => session.edits.setParam(cell, "along", along)} />
          <Select className={s.pick} mono label="And" value={found.columns[1] ?? ""} choices={[{ value: "", label: "alone" }, ...choices]} onChange={(beside) => session.edits.setParam(cell, "beside", beside || null)} />
          <span>Goal</span>
          <span className={s.goal}><NumberField aria-label="Goal" value={goal === null ? null : share ? goal * 100 : goal} suffix={share ? "%" : undefined} onChange={(next) => session.edits.setParam(cell, "goal", next === null ? null : share ? next / 100 : next)} /></span>
        </div>
      )}
      {view.sought && <p className={s.says}>{sought(view.sought, share)}</p>}
      <p className={s.says}>{share ? `Probability of ${view.label ?? ""}` : view.target}, all else as on the left</p>
      <Drawn data={data} width={width} height={height} target={view.target} />
    </>
  );
}

export default function WhatIfView({ cell, view, dimmed, size, interactive }: ViewProps<WhatIfData>) {
  const params = useCellRecord(cell)?.params ?? {};
  const canEdit = useCanEdit();
  const own = (params.values ?? {}) as Values;
  const scrolls = cx(interactive && s.scrolls, interactive && "nowheel");
  const wide = size[0] * 0.58 - 33;
  return (
    <div className={cx(s.frame, Boolean(dimmed) && s.dimmed)}>
      <div className={s.split}>
        {/* Both halves scroll, so they must be reachable by keyboard. */}
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
        <div className={cx(s.form, scrolls)} role="group" aria-label="The row" tabIndex={interactive ? 0 : -1}>
          {view.fields.map((field) => (
            <Ask key={field.name} cell={cell} field={field} value={field.name in own ? own[field.name] : view.values[field.name]} disabled={!canEdit} />
          ))}
        </div>
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
        <div className={cx(s.answer, scrolls)} role="group" aria-label="What the model says" tabIndex={interactive ? 0 : -1}>
          <Answer view={view} />
          <Scenario cell={cell} view={view} params={params} width={wide} height={Math.max(120, Math.min(240, size[1] - 220))} canEdit={canEdit} />
        </div>
      </div>
    </div>
  );
}
