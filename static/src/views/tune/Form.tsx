/** The settings of a learner, drawn from its own schema: where to start from, then a field for each. */
import { useId, useMemo } from "react";
import { session } from "../../app/session";
import { cx, NumberField, Select, Switch, TextField, Tooltip } from "../../theme";
import type { TuneData } from "./data";
import { settingsOf, written, type Setting } from "./settings";
import s from "./tune.module.css";

interface FormProps {
  cell: string;
  view: TuneData;
  settings: Record<string, unknown>;
  canEdit: boolean;
  interactive: boolean;
}

function Control({ id, field, value, disabled, onChange }: { id: string; field: Setting; value: unknown; disabled: boolean; onChange: (value: unknown) => void }) {
  if (field.choices) return <Select id={id} label={field.label} value={value === null ? "" : String(value)} choices={field.choices} disabled={disabled} onChange={(next) => onChange(next === "" ? null : next)} />;
  if (field.type === "boolean") return <Switch id={id} label={field.label} checked={value === true} disabled={disabled} onChange={onChange} />;
  if (field.type === "text") return <TextField id={id} lazy value={String(value ?? "")} disabled={disabled} onChange={(text) => onChange(written(text))} />;
  return <NumberField id={id} value={typeof value === "number" ? value : null} min={field.min} max={field.max} integer={field.type === "integer"} disabled={disabled} onChange={onChange} />;
}

function Asked({ field, value, canEdit, onChange }: { field: Setting; value: unknown; canEdit: boolean; onChange: (value: unknown) => void }) {
  const id = useId();
  return (
    <div className={s.field} data-setting={field.name}>
      <Tooltip content={field.help} side="left"><label htmlFor={id}>{field.label}</label></Tooltip>
      <Control id={id} field={field} value={value} disabled={!canEdit} onChange={onChange} />
    </div>
  );
}

export function Form({ cell, view, settings, canEdit, interactive }: FormProps) {
  const fields = useMemo(() => settingsOf(view.schema), [view.schema]);
  // Read when it is written: a slow hand undoes nobody's value.
  const put = (name: string, value: unknown) => {
    const now = (session.doc.record(cell)?.params.settings ?? {}) as Record<string, unknown>;
    session.edits.setParam(cell, "settings", { ...now, [name]: value });
  };
  const starts = view.starts.map(({ id, name }) => ({ value: id, label: name }));
  const learners = view.families.map(({ name, title }) => ({ value: name, label: title }));
  return (
    // It scrolls, so it must be reachable by keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={cx(s.form, "nodrag", interactive && s.scrolls, interactive && "nowheel")} role="group" aria-label="Settings of the pipeline" tabIndex={interactive ? 0 : -1}>
      <Select label="Start from" value={view.start} choices={starts} disabled={!canEdit} onChange={(start) => session.edits.setParams(cell, { start, family: "", settings: {} })} />
      <Select label="Learner" value={view.family} choices={learners} disabled={!canEdit} onChange={(family) => session.edits.setParams(cell, { family, settings: {} })} />
      {fields.map((field) => (
        <Asked key={field.name} field={field} canEdit={canEdit} value={field.name in settings ? settings[field.name] : view.values[field.name]} onChange={(value) => put(field.name, value)} />
      ))}
    </div>
  );
}
