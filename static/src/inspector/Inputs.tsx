/** Which table feeds each input port; changeable without dragging. */
import { session } from "../app/session";
import { useCanEdit, useCellIds, useEdges } from "../app/hooks";
import type { CellRecord } from "../document/schema";
import { Select } from "../theme";
import { labelOf } from "./fields";
import s from "./inspector.module.css";
import { Row } from "./Row";

const NONE = "";

interface Source {
  value: string;
  label: string;
}

/** Every output of the right type that may feed this port; one that would close a loop is left out. */
function sourcesFor(cell: string, port: string): Source[] {
  const type = session.kinds[session.doc.record(cell)?.kind ?? ""]?.inputs[port];
  return session.doc.records().flatMap((other) =>
    Object.entries(session.kinds[other.kind]?.outputs ?? {})
      .filter(([out, gives]) => gives === type && other.id !== cell && !session.edits.whyNot(other.id, out, cell, port))
      .map(([out]) => ({ value: `${other.id}:${out}`, label: other.name || other.title })),
  );
}

export function Inputs({ record }: { record: CellRecord }) {
  const canEdit = useCanEdit();
  const edges = useEdges();
  useCellIds();
  const kind = session.kinds[record.kind];
  const ports = Object.keys(kind?.inputs ?? {});
  if (!ports.length) return null;
  return (
    <section className={s.section} aria-label="Inputs">
      {ports.map((port) => {
        const edge = edges.find((e) => e.to === record.id && e.toPort === port);
        const optional = kind?.optional_inputs.includes(port);
        const choices = [...sourcesFor(record.id, port), ...(edge ? [{ value: NONE, label: "Nothing" }] : [])];
        const label = ports.length === 1 ? "Input" : labelOf(port);
        return (
          <Row key={port} name={`input:${port}`} label={label} help={optional ? "May stay empty" : "The table this cell reads"}>
            {(id) => (
              <Select
                id={id} label={label} mono value={edge ? `${edge.from}:${edge.fromPort}` : null} placeholder={choices.length ? "Pick a table" : "No table yet"}
                disabled={!canEdit || !choices.length}
                choices={choices.map((c) => ({ ...c, glyph: c.value ? <span className={s.dot} aria-hidden /> : undefined }))}
                onChange={(next) => {
                  const [from = "", out = ""] = next.split(":");
                  if (next === NONE) session.edits.removeEdges(edge ? [edge.id] : []);
                  else {
                    const done = session.edits.connect(from, out, record.id, port);
                    if (!done.ok) session.ui.toast(done.error);
                  }
                }}
              />
            )}
          </Row>
        );
      })}
    </section>
  );
}
