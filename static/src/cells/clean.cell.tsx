/** The card of a recipe: its steps with what each did, or the rows behind the last one; what the data suggests below. */
import { useState } from "react";
import { session } from "../app/session";
import { StepList } from "../inspector/recipe/StepList";
import { Suggestions } from "../inspector/recipe/Suggestions";
import { openStep } from "../inspector/recipe/opened";
import { recipeParam, useRecipe } from "../inspector/recipe/useRecipe";
import { cx } from "../theme";
import { ErrorPanel } from "../views/ErrorPanel";
import { View } from "../views/View";
import type { BodyProps } from "./body";
import s from "./clean.module.css";

const HEAD = 34;

export default function CleanBody({ cell, result, size, dimmed, selected }: BodyProps) {
  const [rows, setRows] = useState(false);
  const { prefix, lines, suggestions, failed } = useRecipe(cell, recipeParam(cell.kind));
  const view = result.step?.view;
  const faults = lines.filter((line) => line.error).length;
  const show = (step: string | null) => {
    session.ui.select([cell.id]);
    session.ui.set({ inspectorOpen: true });
    openStep(cell.id, step);
  };
  return (
    <div className={s.body}>
      <div className={s.head} role="group" aria-label="Show">
        <button type="button" aria-pressed={!rows} className={cx(s.tab, "nodrag")} onClick={() => setRows(false)}>Steps</button>
        <button type="button" aria-pressed={rows} className={cx(s.tab, "nodrag")} disabled={!view} onClick={() => setRows(true)}>Rows</button>
        {faults > 0 && <span className={s.faults}>{faults === 1 ? "1 step does not fit" : `${faults} steps do not fit`}</span>}
      </div>
      {failed && <ErrorPanel cell={cell.id} failed={failed} />}
      {rows && view ? <View cell={cell.id} view={view} dimmed={dimmed} size={[size[0], size[1] - HEAD]} interactive={selected} /> : (
        <div className={cx(s.steps, selected && s.scrolls)}>
          {lines.length === 0 && <p className={s.empty}>No steps yet. {session.can("editor") && <button type="button" className={cx(s.link, "nodrag")} onClick={() => show(null)}>Add the first one</button>}</p>}
          <StepList cell={cell.id} prefix={prefix} lines={lines} onOpen={(step) => show(step)} />
          <Suggestions cell={cell.id} prefix={prefix} lines={lines} suggestions={suggestions} most={3} />
        </div>
      )}
    </div>
  );
}
