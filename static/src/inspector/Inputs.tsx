/** Which cells feed each input port; changeable without dragging. */
import { session } from "../app/session";
import { useCanEdit, useCellIds, useEdges } from "../app/hooks";
import { takesMany } from "../document/ports";
import type { CellRecord, EdgeRecord } from "../document/schema";
import { Select } from "../theme";
import { Bound } from "./Bound";
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
  useCellIds();
  const edges = useEdges();
  const kind = session.kinds[record.kind];
  const ports = Object.keys(kind?.inputs ?? {}).filter((port) => {
    // Filters are made where things are chosen; here they only show once there are any.
    return kind?.inputs[port] !== "predicate" || edges.some((e) => e.to === record.id && e.toPort === port);
  });
  if (!ports.length) return null;
  return (
    <section className={s.section} aria-label="Inputs">
      {ports.map((port) => {
        const links = edges.filter((e) => e.to === record.id && e.toPort === port);
        const label = ports.length === 1 ? "Input" : labelOf(port);
        return takesMany(kind, port)
          ? <ManyInput key={port} record={record} port={port} label={label} links={links} />
          : <OneInput key={port} record={record} port={port} label={label} link={links[0]} />;
      })}
    </section>
  );
}

interface InputProps {
  record: CellRecord;
  port: string;
  label: string;
}

function OneInput({ record, port, label, link }: InputProps & { link: EdgeRecord | undefined }) {
  const canEdit = useCanEdit();
  const kind = session.kinds[record.kind];
  const choices = [...sourcesFor(record.id, port), ...(link ? [{ value: NONE, label: "Nothing" }] : [])];
  const type = kind?.inputs[port] ?? "table";
  return (
    <Row name={`input:${port}`} label={label} help={kind?.optional_inputs.includes(port) ? "May stay empty" : `The ${type} this cell reads`}>
      {(id) => (
        <Select
          id={id} label={label} mono value={link ? `${link.from}:${link.fromPort}` : null} placeholder={choices.length ? `Pick a ${type}` : `No ${type} yet`}
          disabled={!canEdit || !choices.length} choices={choices.map(withDot)}
          onChange={(next) => (next === NONE ? session.edits.removeEdges(link ? [link.id] : []) : feed(record.id, port, next))}
        />
      )}
    </Row>
  );
}

/** A port that any number of cells feed: each with a way to cut it, and a list to add from. */
function ManyInput({ record, port, label, links }: InputProps & { links: EdgeRecord[] }) {
  const canEdit = useCanEdit();
  const type = session.kinds[record.kind]?.inputs[port] ?? "table";
  const taken = new Set(links.map((e) => `${e.from}:${e.fromPort}`));
  const choices = sourcesFor(record.id, port).filter((each) => !taken.has(each.value));
  return (
    <Row name={`input:${port}`} label={label} help={`Any number of ${type}s, known by their names`}>
      {(id) => (
        <div className={s.stack}>
          {links.map((link) => <Bound key={link.id} link={link} label={label} />)}
          {canEdit && choices.length > 0 && (
            <Select key={links.length} id={id} label={`Add to ${label.toLowerCase()}`} mono value={null} placeholder={`Add a ${type}`} choices={choices.map(withDot)} onChange={(next) => feed(record.id, port, next)} />
          )}
          {!links.length && !choices.length && <span className={s.quiet}>{`No ${type} yet`}</span>}
        </div>
      )}
    </Row>
  );
}

function withDot(choice: Source) {
  return { ...choice, glyph: choice.value ? <span className={s.dot} aria-hidden /> : undefined };
}

function feed(cell: string, port: string, source: string): void {
  const [from = "", out = ""] = source.split(":");
  const done = session.edits.connect(from, out, cell, port);
  if (!done.ok) session.ui.toast(done.error);
}
