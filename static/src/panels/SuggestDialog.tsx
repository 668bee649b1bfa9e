/** Charts for chosen columns of a table: tick columns, take a suggestion. */
import { useState } from "react";
import { useCellResult, useUiPart } from "../app/hooks";
import { session } from "../app/session";
import { addKind } from "../canvas/add";
import { Button, Dialog, DialogActions, Icon, TypeGlyph } from "../theme";
import { suggestCharts, type SuggestColumn, type Suggestion } from "../views/figure/suggest";
import type { ColumnProfile } from "../views/view";
import s from "./filter.module.css";

function Body({ cell, first }: { cell: string; first: readonly string[] }) {
  const { schema, step } = useCellResult(cell);
  const [port = "table", columns = []] = Object.entries(schema ?? {})[0] ?? [];
  const [chosen, setChosen] = useState<readonly string[]>(first);
  const profiles = (step?.view?.profile ?? {}) as Record<string, ColumnProfile>;
  const known: SuggestColumn[] = columns.map((c) => ({ ...c, distinct: profiles[c.name]?.distinct ?? null, unique: profiles[c.name]?.unique ?? false }));
  const asked = chosen.flatMap((name) => known.find((c) => c.name === name) ?? []);
  const add = ({ title, params }: Suggestion) => {
    session.ui.set({ suggestOpen: null });
    addKind("chart", { from: { cell, port }, params, title });
  };
  return (
    <>
      <fieldset className={s.group}>
        <legend>Columns</legend>
        <ul className={s.list} data-short>
          {columns.map((c) => (
            <li key={c.name}>
              <label className={s.line}>
                <input type="checkbox" checked={chosen.includes(c.name)} onChange={(e) => setChosen(e.target.checked ? [...chosen, c.name] : chosen.filter((n) => n !== c.name))} />
                <TypeGlyph type={c.type} /><span className={s.name}>{c.name}</span>
              </label>
            </li>
          ))}
        </ul>
      </fieldset>
      {!asked.length && <p className={s.says}>Tick one to four columns.</p>}
      <ul className={s.list} aria-label="Suggested charts">
        {suggestCharts(asked).map((each) => (
          <li key={each.title}><Button variant="quiet" className={s.wide} onClick={() => add(each)}><Icon name="chart-column" /><span className={s.name}>{each.title}</span></Button></li>
        ))}
      </ul>
      <DialogActions><Button onClick={() => session.ui.set({ suggestOpen: null })}>Close</Button></DialogActions>
    </>
  );
}

export function SuggestDialog() {
  const open = useUiPart((ui) => ui.suggestOpen);
  if (!open || !session.doc.record(open.cell)) return null;
  return (
    <Dialog open title={`Charts of ${session.edits.label(session.doc.record(open.cell))}`} onClose={() => session.ui.set({ suggestOpen: null })}>
      <Body key={open.cell} cell={open.cell} first={open.columns} />
    </Dialog>
  );
}
