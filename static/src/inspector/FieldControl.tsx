/** The control for one field, chosen by its type. */
import { useUpstreamColumns } from "../app/hooks";
import { Button, ColumnPicker, ColumnsPicker, IconButton, NumberField, Select, Switch, TextField } from "../theme";
import type { PickColumn } from "../theme/ColumnPicker";
import { applies, scalar, valueOf, type Field } from "./fields";
import { ConnectionField } from "./ConnectionField";
import s from "./inspector.module.css";
import { RemoteTable } from "./RemoteTable";
import { SourceField } from "./SourceField";

export interface ControlProps {
  field: Field;
  /** The cell whose param this is. */
  cell: string;
  id?: string;
  value: unknown;
  columns: readonly PickColumn[];
  /** Type of the column that a free value is compared with. */
  against?: string;
  disabled: boolean;
  invalid: boolean;
  onChange: (value: unknown) => void;
}

const strings = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

function fitting(field: Field, columns: readonly PickColumn[]): PickColumn[] {
  return columns.filter((c) => !field.types.length || field.types.includes(c.type));
}

function ListControl({ field, value, against, disabled, onChange, label }: ControlProps & { label: string }) {
  const items = Array.isArray(value) ? value : [];
  const put = (i: number, next: unknown) => onChange(next === null ? items.filter((_, k) => k !== i) : items.map((v, k) => (k === i ? next : v)));
  return (
    <div className={s.stack}>
      {items.map((item, i) => (
        <div key={i} className={s.item}>
          <TextField aria-label={`${label} ${i + 1}`} lazy value={String(item ?? "")} disabled={disabled} onChange={(text) => put(i, scalar(text, against ?? "text"))} />
          {!disabled && <IconButton icon="x" label={`Remove ${label.toLowerCase()} ${i + 1}`} onClick={() => put(i, null)} />}
        </div>
      ))}
      {!disabled && (
        <TextField
          key={items.length} aria-label={`Add to ${label.toLowerCase()}`} placeholder={`Add ${field.label.toLowerCase().replace(/s$/, "")}`} lazy value=""
          onChange={(text) => { const next = scalar(text, against ?? "text"); if (next !== null) onChange([...items, next]); }}
        />
      )}
    </div>
  );
}

/** Several of a few choices, each a button that stays pressed. */
function SetControl({ field, value, disabled, onChange }: ControlProps) {
  const chosen = Array.isArray(value) ? value : [];
  return (
    <div role="group" aria-label={field.label} className={s.set}>
      {field.choices.map((choice) => {
        const on = chosen.includes(choice.value);
        const next = field.choices.map((c) => c.value).filter((v) => (v === choice.value ? !on : chosen.includes(v)));
        return (
          <button key={choice.value} type="button" aria-pressed={on} disabled={disabled} className={s.choice} onClick={() => onChange(next)}>
            {choice.label}
          </button>
        );
      })}
    </div>
  );
}

function RowsControl({ cell, field, value, columns, disabled, onChange }: ControlProps) {
  const rows = (Array.isArray(value) ? value : []) as Record<string, unknown>[];
  const put = (i: number, change: Record<string, unknown>) => onChange(rows.map((r, k) => (k === i ? { ...r, ...change } : r)));
  const fresh = () => Object.fromEntries(field.fields.map((f) => [f.name, f.default ?? f.choices[0]?.value ?? null]));
  return (
    <div className={s.stack}>
      {rows.map((row, i) => (
        <div key={i} className={s.item}>
          <div className={s.card}>
            {field.fields.filter((f) => applies(f, row, field.fields)).map((f) => (
              <PartControl
                key={f.name} cell={cell} field={f} value={valueOf(f, row)} columns={columns} disabled={disabled} invalid={false}
                id={undefined} onChange={(next) => put(i, { [f.name]: next })}
              />
            ))}
          </div>
          {!disabled && <IconButton icon="x" label={`Remove ${field.label.toLowerCase()} ${i + 1}`} onClick={() => onChange(rows.filter((_, k) => k !== i))} />}
        </div>
      ))}
      {!disabled && <Button icon="plus" aria-label={`Add to ${field.label.toLowerCase()}`} onClick={() => onChange([...rows, fresh()])}>Add</Button>}
    </div>
  );
}

/** A field of one row: its columns are those of the port it names, which may be another than that of the row. */
function PartControl(props: ControlProps) {
  const own = useUpstreamColumns(props.cell, props.field.of);
  return <FieldControl {...props} columns={own ?? props.columns} />;
}

export function FieldControl(props: ControlProps) {
  const { field, id, value, columns, against, disabled, invalid, onChange } = props;
  // Inside a row of several fields there is no label beside it.
  const label = id ? undefined : field.label;
  const shared = { id, disabled, invalid };
  switch (field.type) {
    case "column":
      return <ColumnPicker {...shared} label={field.label} columns={fitting(field, columns)} value={typeof value === "string" ? value : null} clearable={field.nullable} onChange={onChange} />;
    case "columns":
      return <ColumnsPicker {...shared} label={field.label} columns={fitting(field, columns)} value={strings(value)} onChange={onChange} />;
    case "choice":
      return <Select {...shared} label={field.label} value={(value ?? null) as string | number | null} choices={field.choices} onChange={onChange} />;
    case "switch":
      return <div className={s.switchRow}><Switch id={id} label={field.label} checked={value === true} disabled={disabled} onChange={onChange} /></div>;
    case "integer":
    case "number":
      return (
        <NumberField
          {...shared} aria-label={label} value={typeof value === "number" ? value : null} min={field.min} max={field.max} integer={field.type === "integer"}
          placeholder={field.nullable ? "Auto" : undefined} onChange={(next) => { if (next !== null || field.nullable) onChange(next); else onChange(field.default); }}
        />
      );
    case "list":
      return <ListControl {...props} label={field.label} />;
    case "set":
      return <SetControl {...props} />;
    case "rows":
      return <RowsControl {...props} />;
    case "types":
    case "recipe":
      return null;
    case "source":
      return <SourceField id={id} cell={props.cell} param={field.name} value={String(value ?? "")} disabled={disabled} onChange={onChange} />;
    case "connection":
      return <ConnectionField id={id} cell={props.cell} param={field.name} value={String(value ?? "")} disabled={disabled} onChange={onChange} />;
    case "remote_table":
      return <RemoteTable id={id} cell={props.cell} source={field.of} value={String(value ?? "")} disabled={disabled} invalid={invalid} onChange={onChange} />;
    case "scalar":
      return <TextField {...shared} aria-label={label} lazy value={value === null || value === undefined ? "" : String(value)} onChange={(text) => onChange(scalar(text, against))} />;
    default:
      return (
        <TextField
          {...shared} aria-label={label} placeholder={field.placeholder || label} lazy mono={field.multiline} multiline={field.multiline}
          value={value === null || value === undefined ? "" : String(value)} onChange={(text) => onChange(text === "" && field.nullable ? null : text)}
        />
      );
  }
}
