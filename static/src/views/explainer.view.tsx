/** A model opened up: importance, beeswarm, dependence, one row, what flips it, where it errs, and in rules. */
import { useCanEdit, useCellRecord } from "../app/hooks";
import { session } from "../app/session";
import { cx } from "../theme";
import { percent } from "../theme/format";
import { CardTabs } from "./CardTabs";
import { Importance } from "./explainer/Bars";
import { Curve, Field } from "./explainer/Curve";
import { slim, TABS, type ExplainerData } from "./explainer/data";
import s from "./explainer/explainer.module.css";
import { Picks } from "./explainer/Picks";
import { Swarm } from "./explainer/Swarm";
import { Flips, Leaves, OneRow } from "./explainer/Told";
import type { ViewProps } from "./view";

function Body({ cell, view, size, canEdit }: { cell: string; view: ExplainerData; size: [number, number]; canEdit: boolean }) {
  const width = size[0] - 32;
  const height = Math.max(140, size[1] - 150);
  const share = view.task !== "regression";
  if (view.importance) return <Importance data={view.importance} />;
  if (view.beeswarm) return <Swarm data={view.beeswarm} width={width} scale={view.scale} onRow={canEdit ? (row) => session.edits.setParams(cell, { row, show: "row" }) : undefined} />;
  if (view.dependence) {
    const Drawn = view.dependence.columns.length > 1 ? Field : Curve;
    const what = share ? `probability of ${view.label ?? ""}` : view.target;
    return (
      <>
        <p className={s.words}>Mean {what} over {view.dependence.rows} rows{view.dependence.curves ? "; thin lines are single rows" : ""}</p>
        <Drawn data={view.dependence} width={width} height={height} target={view.target} />
      </>
    );
  }
  if (view.row) return <OneRow view={view} data={view.row} />;
  if (view.counterfactual) return <Flips view={view} data={view.counterfactual} />;
  if (view.segments) return <Leaves leaves={view.segments.leaves} share={share} note={`Where the ${view.segments.words} is largest; over all rows ${share ? percent(view.segments.overall) : slim(view.segments.overall)}. Grown on one half of the rows, measured on the other.`} />;
  if (view.surrogate) return <Leaves leaves={view.surrogate.leaves} share={share} note={`A small tree that ${view.surrogate.words}, on rows it was not grown on. ${share ? `Probability of ${view.label ?? ""}` : view.target}:`} />;
  return null;
}

export default function ExplainerView({ cell, view, dimmed, size, interactive }: ViewProps<ExplainerData>) {
  const params = useCellRecord(cell)?.params ?? {};
  const canEdit = useCanEdit();
  const show = String(params.show ?? view.show);
  return (
    <div className={cx(s.explainer, Boolean(dimmed) && s.dimmed)}>
      <CardTabs label="Explanations" value={show} onChange={(id) => session.edits.setParam(cell, "show", id)} tabs={TABS} free={canEdit} />
      {/* It scrolls, so it must be reachable by keyboard. */}
      <div className={cx(s.body, interactive && s.scrolls, interactive && "nowheel")} tabIndex={interactive ? 0 : -1} role="tabpanel" aria-label="Explanation">
        {canEdit && <Picks cell={cell} view={view} params={params} show={show} />}
        <Body cell={cell} view={view} size={size} canEdit={canEdit} />
      </div>
      <p className={s.foot}>Association, not cause · {view.target} explained on {view.on}</p>
    </div>
  );
}
