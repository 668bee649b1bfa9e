/** The fields of one step, what it is as code, and taking it away. */
import { useState } from "react";
import { session } from "../../app/session";
import { useCanEdit, useUpstreamColumns } from "../../app/hooks";
import { Button } from "../../theme";
import { FieldControl } from "../FieldControl";
import { applies, valueOf, type Field } from "../fields";
import { Row } from "../Row";
import type { Line } from "./steps";
import s from "./recipe.module.css";

function StepField({ cell, line, field, fields }: { cell: string; line: Line; field: Field; fields: readonly Field[] }) {
  const canEdit = useCanEdit();
  const upstream = useUpstreamColumns(cell);
  const columns = line.result?.columns.map(([name, type]) => ({ name, type })) ?? upstream ?? [];
  const of = fields.find((f) => f.name === field.of);
  const picked = of ? valueOf(of, line.value) : undefined;
  const against = columns.find((c) => c.name === (Array.isArray(picked) ? picked[0] : picked))?.type;
  return (
    <Row name={`${line.key}:${field.name}`} label={field.label} help={field.help}>
      {(id) => (
        <FieldControl
          cell={cell} field={field} id={id} value={valueOf(field, line.value)} columns={columns} against={against} disabled={!canEdit} invalid={false}
          onChange={(next) => session.edits.setEntry(cell, line.key, { [field.name]: next })}
        />
      )}
    </Row>
  );
}

const LANGUAGES = [["sql", "SQL"], ["pandas", "pandas"]] as const;

function Code({ line }: { line: Line }) {
  const [shown, setShown] = useState<"sql" | "pandas" | null>(null);
  if (!line.result?.sql && !line.result?.pandas) return null;
  return (
    <div className={s.code}>
      <div role="group" aria-label="This step as code" className={s.languages}>
        {LANGUAGES.map(([key, label]) => (
          <button key={key} type="button" aria-pressed={shown === key} className={s.language} onClick={() => setShown(shown === key ? null : key)}>{label}</button>
        ))}
      </div>
      {/* The code scrolls, so it must be reachable by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      {shown && <pre tabIndex={0} aria-label={`The step in ${shown}`}>{line.result[shown]}</pre>}
    </div>
  );
}

export function StepForm({ cell, line, onGone }: { cell: string; line: Line; onGone: () => void }) {
  const canEdit = useCanEdit();
  const fields = line.kind?.fields ?? [];
  return (
    <div className={s.form}>
      {line.kind?.help && <p className={s.help}>{line.kind.help}</p>}
      {fields.filter((f) => applies(f, line.value, fields)).map((f) => <StepField key={f.name} cell={cell} line={line} field={f} fields={fields} />)}
      <Code line={line} />
      {canEdit && (
        <Button icon="trash" variant="quiet" small className={s.delete} onClick={() => { onGone(); session.edits.removeEntry(cell, line.key); }}>Delete step</Button>
      )}
    </div>
  );
}
