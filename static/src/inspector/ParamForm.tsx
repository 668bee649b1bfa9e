/** The form of a cell's params, drawn from its kind's schema. */
import { memo, useMemo, useState } from "react";
import { session } from "../app/session";
import { useCanEdit, useCellResult, useEdges, useUpstreamColumns } from "../app/hooks";
import { PARAM } from "../document/ports";
import type { CellRecord } from "../document/schema";
import { Button } from "../theme";
import { Bound } from "./Bound";
import { FieldControl } from "./FieldControl";
import { applies, fieldsOf, fitsTypes, isSet, sections, valueOf, type Field } from "./fields";
import { fieldFor } from "../views/focus";
import s from "./inspector.module.css";
import { RecipeEditor } from "./recipe/RecipeEditor";
import { Row } from "./Row";
import { rangeOf } from "./slider";
import { Threshold } from "./Threshold";
import { useSourceProfile } from "./useSource";

/** Reasons by the field they speak of. */
function useErrors(cell: string, fields: readonly Field[]): Record<string, string> {
  const { failed, problems } = useCellResult(cell);
  return useMemo(() => {
    const out: Record<string, string> = {};
    for (const problem of problems) {
      const name = fieldFor(problem, fields);
      if (name) out[name] = problem;
    }
    if (failed?.param) out[failed.param] = failed.message;
    return out;
  }, [failed, problems, fields]);
}

interface ParamFieldProps {
  record: CellRecord;
  field: Field;
  fields: readonly Field[];
  error?: string;
}

/** A field reads its own value and that of the picker it belongs to. */
function sameField(a: ParamFieldProps, b: ParamFieldProps): boolean {
  const { field, fields, error, record } = a;
  if (record.id !== b.record.id || field !== b.field || fields !== b.fields || error !== b.error) return false;
  const read = [field, ...fields.filter((f) => f.name === field.of || f.type === "column")];
  return read.every((f) => record.params[f.name] === b.record.params[f.name]);
}

const ParamField = memo(function ParamField({ record, field, fields, error }: ParamFieldProps) {
  const canEdit = useCanEdit();
  const bound = useEdges().find((edge) => edge.to === record.id && edge.toPort === PARAM + field.name);
  const free = field.type === "scalar" || field.type === "list";
  // A free value belongs to the column picked in the field that its `of` names; a picker's `of` names the input port.
  const picker = free ? (fields.find((f) => f.name === field.of) ?? fields.find((f) => f.type === "column")) : undefined;
  const port = picker?.of ?? field.of;
  const columns = useUpstreamColumns(record.id, port) ?? [];
  const profiles = useSourceProfile(record.id, port);
  const value = valueOf(field, record.params);
  const column = picker && columns.find((c) => c.name === valueOf(picker, record.params));
  const range = field.type === "scalar" && column ? rangeOf(profiles?.[column.name], column.type) : undefined;
  return (
    <Row name={field.name} label={field.label} help={field.help} error={error}>
      {(id) => bound ? <Bound link={bound} label={field.label} /> : (
        <>
          <FieldControl
            cell={record.id} field={field} id={id} value={value} columns={columns} against={free ? column?.type : undefined} disabled={!canEdit} invalid={Boolean(error)}
            onChange={(next) => session.edits.setParam(record.id, field.name, next)}
          />
          {range && <Threshold cell={record.id} param={field.name} label={field.label} value={value} range={range} disabled={!canEdit} />}
        </>
      )}
    </Row>
  );
}, sameField);

export function ParamForm({ record }: { record: CellRecord }) {
  const schema = session.kinds[record.kind]?.params;
  const fields = useMemo(() => fieldsOf(schema), [schema]);
  const errors = useErrors(record.id, fields);
  const columns = useUpstreamColumns(record.id);
  const typeOf = (name: string) => columns?.find((c) => c.name === name)?.type;
  const shown = fields.filter((f) => f.type !== "types" && applies(f, record.params, fields) && fitsTypes(f, record.params, typeOf));
  const [more, setMore] = useState(false);
  const folded = shown.some((f) => f.advanced) && !more && !shown.some((f) => f.advanced && errors[f.name]);
  const listed = shown.filter((f) => !f.advanced || !folded || isSet(f, record.params));
  const unfold = folded && <Button variant="link" className={s.more} onClick={() => setMore(true)}>More settings</Button>;
  if (!listed.length) return unfold && <section className={s.section} aria-label="Settings">{unfold}</section>;
  return sections(listed).map(([heading, list], i) => (
    <section key={heading} className={s.section} aria-label={heading || "Settings"}>
      {heading && <h3 className={s.heading}>{heading}</h3>}
      {list.map((f) => f.type === "recipe" ? <RecipeEditor key={f.name} record={record} param={f.name} /> : <ParamField key={f.name} record={record} field={f} fields={fields} error={errors[f.name]} />)}
      {i === 0 && unfold}
    </section>
  ));
}
