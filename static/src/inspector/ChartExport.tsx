/** The ways to take a chart away, at the end of its form. */
import { useCellResult } from "../app/hooks";
import { findAction, isEnabled, perform } from "../actions/registry";
import { Button } from "../theme";
import s from "./inspector.module.css";

const WAYS: [string, string][] = [["chart-png", "PNG"], ["chart-svg", "SVG"], ["chart-csv", "Numbers, CSV"], ["chart-python", "Python code"]];

/** Charts of a table, one click away. */
export function ChartsOf({ cell }: { cell: string }) {
  const { schema } = useCellResult(cell);
  if (!schema || !Object.keys(schema).length) return null;
  return <section className={s.section} aria-label="Charts"><Button icon="lightbulb" onClick={() => perform("suggest-charts")}>Suggest charts</Button></section>;
}

export function ChartExport({ cell }: { cell: string }) {
  const { step } = useCellResult(cell);
  if (step?.view?.type !== "figure") return null;
  const offered = WAYS.flatMap(([id, words]) => { const action = findAction(id); return action && isEnabled(action) ? [{ id, words, label: action.label }] : []; });
  return (
    <section className={s.section} aria-label="Take away">
      <h3 className={s.heading}>Take away</h3>
      <div className={s.ways}>
        {offered.map(({ id, words, label }) => <Button key={id} aria-label={`${words}: ${label}`} onClick={() => perform(id)}>{words}</Button>)}
      </div>
    </section>
  );
}
