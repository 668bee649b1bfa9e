/** The columns a cell gives, known before anything ran; for data cells, each with a type one can change. */
import { session } from "../app/session";
import { useCanEdit, useCellResult, useUpstreamColumns } from "../app/hooks";
import type { CellRecord } from "../document/schema";
import { Select, TypeGlyph, typeWord } from "../theme";
import { ingestNotes } from "../views/table/notes";
import { profileWords } from "../views/Profile";
import type { TableViewData } from "../views/view";
import s from "./inspector.module.css";

const TYPES = ["text", "integer", "number", "boolean", "date", "datetime", "time"].map((value) => ({ value, label: typeWord(value) }));

export function DataTab({ record }: { record: CellRecord }) {
  const canEdit = useCanEdit();
  const result = useCellResult(record.id);
  const upstream = useUpstreamColumns(record.id);
  const own = result.schema && Object.values(result.schema)[0];
  const columns = own ?? upstream;
  if (!columns) return <p className={`${s.section} ${s.quiet}`}>The columns show here once this cell has an input and its settings.</p>;
  const view = result.step?.view as unknown as TableViewData | null | undefined;
  const profile = view?.type === "table" ? view.profile : undefined;
  const { unfit } = ingestNotes(view?.source);
  const types = (session.kinds[record.kind]?.params as { properties?: Record<string, unknown> } | undefined)?.properties?.types;
  const change = (name: string, type: string) => session.edits.setParam(record.id, "types", { ...(record.params.types as object | undefined), [name]: type });
  return (
    <ul className={s.listing} aria-label="Columns">
      <li className={s.entry}><span className={s.small}>{columns.length} columns{own ? "" : " of the input"}</span></li>
      {columns.map((c) => (
        <li key={c.name} className={s.entry}>
          <TypeGlyph type={c.type} />
          <span className={s.mono} title={profile?.[c.name] ? `${c.name}: ${profileWords(profile[c.name]!)}` : c.name}>{c.name}</span>
          {unfit[c.name] ? <span className={s.bad} title="Values that do not fit this type are missing">{unfit[c.name]} do not fit</span> : null}
          {types && canEdit && own
            ? <div style={{ width: 116 }}><Select label={`Type of ${c.name}`} value={c.type} choices={TYPES} onChange={(type) => change(c.name, type)} /></div>
            : <span className={s.small}>{typeWord(c.type)}</span>}
        </li>
      ))}
    </ul>
  );
}
