/** Which table of a database a cell reads: picked from its list, or typed where it cannot be listed. */
import { useCellRecord } from "../app/hooks";
import { Select, TextField } from "../theme";
import { count } from "../theme/format";
import { useRemoteTables } from "./connections";
import s from "./inspector.module.css";

export interface RemoteTableProps {
  id?: string;
  cell: string;
  /** The param that names the database. */
  source: string;
  value: string;
  disabled: boolean;
  invalid: boolean;
  onChange: (value: unknown) => void;
}

export function RemoteTable({ id, cell, source, value, disabled, invalid, onChange }: RemoteTableProps) {
  const from = String(useCellRecord(cell)?.params[source] ?? "");
  const listed = !disabled && /^(?:connection|upload):/.test(from);
  const { tables, error } = useRemoteTables(from, listed);
  if (listed && tables === null && !error) {
    const now = value ? [{ value, label: value }] : [];
    return <Select id={id} label="Table" mono value={value || null} choices={now} placeholder="Looking for tables" disabled onChange={onChange} />;
  }
  if (tables === null) {
    return (
      <div className={s.stack}>
        <TextField id={id} aria-label={id ? undefined : "Table"} lazy mono invalid={invalid} disabled={disabled} value={value} placeholder="Name of a table" onChange={onChange} />
        {error && <span className={s.small}>{error}</span>}
      </div>
    );
  }
  const choices = tables.map((t) => ({ value: t.name, label: t.name, hint: t.rows ? `about ${count(t.rows)} rows` : undefined }));
  if (value && !choices.some((c) => c.value === value)) choices.unshift({ value, label: value, hint: "not there" });
  return <Select id={id} label="Table" mono invalid={invalid} value={value || null} choices={choices} placeholder={choices.length ? "Pick a table" : "There are no tables"} disabled={disabled || !choices.length} onChange={onChange} />;
}
