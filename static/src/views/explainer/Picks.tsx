/** What each tab asks: a row, a class, columns, what is wanted and what must stay; all of it params that peers see. */
import { session } from "../../app/session";
import { NumberField, Select } from "../../theme";
import type { ExplainerData } from "./data";
import s from "./explainer.module.css";

const ROW = new Set(["row", "counterfactual"]);
const LABEL = new Set(["beeswarm", "dependence", "row", "surrogate"]);

interface PicksProps {
  cell: string;
  view: ExplainerData;
  params: Record<string, unknown>;
  show: string;
}

export function Picks({ cell, view, params, show }: PicksProps) {
  const put = (values: Record<string, unknown>) => session.edits.setParams(cell, values);
  const columns = view.columns.map((name) => ({ value: name, label: name }));
  const none = { value: "", label: "no second column" };
  return (
    <div className={`${s.picks} nodrag`}>
      {ROW.has(show) && (
        <label className={s.picks}>Row
          <span className={s.number}><NumberField value={Number(params.row ?? 1)} min={1} max={view.rows} onChange={(row) => row !== null && put({ row: Math.round(row) })} integer aria-label="Row to explain" /></span>
          of {view.rows.toLocaleString()}
        </label>
      )}
      {LABEL.has(show) && view.classes.length > 2 && (
        <Select className={s.pick} label="Class" value={view.label ?? ""} choices={view.classes.map((c) => ({ value: c, label: c }))} onChange={(label) => put({ label })} />
      )}
      {show === "dependence" && (
        <>
          <Select className={s.pick} mono label="Column" value={String(params.column ?? view.dependence?.columns[0] ?? "")} choices={columns} onChange={(column) => put({ column })} />
          <Select className={s.pick} mono label="Second column" value={String(params.second ?? "")} choices={[none, ...columns]} onChange={(second) => put({ second: second || null, column: params.column ?? view.dependence?.columns[0] ?? null })} />
        </>
      )}
      {show === "counterfactual" && <Wanted view={view} params={params} put={put} />}
    </div>
  );
}

function Wanted({ view, params, put }: { view: ExplainerData; params: Record<string, unknown>; put: (values: Record<string, unknown>) => void }) {
  const fixed = Array.isArray(params.fixed) ? (params.fixed as string[]) : [];
  const now = String(params.wanted ?? "");
  return (
    <>
      {view.classes.length > 0
        ? <Select className={s.pick} label="Wanted" value={now} choices={[{ value: "", label: "another class" }, ...view.classes.map((c) => ({ value: c, label: c }))]} onChange={(wanted) => put({ wanted })} />
        : <span className={s.picks}>Wanted <span className={s.number}><NumberField value={now ? Number(now) : null} onChange={(value) => put({ wanted: value === null ? "" : String(value) })} aria-label="Wanted value" /></span></span>}
      <span>Must stay:</span>
      <span className={s.chips}>
        {view.columns.map((name) => (
          <button key={name} type="button" className={s.chip} aria-pressed={fixed.includes(name)} onClick={() => put({ fixed: fixed.includes(name) ? fixed.filter((f) => f !== name) : [...fixed, name] })}>{name}</button>
        ))}
      </span>
    </>
  );
}
