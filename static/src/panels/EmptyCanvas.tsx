/** An empty canvas: a place to drop a file, samples to start with, and the one key to know. */
import { useRef, useState, type DragEvent } from "react";
import { useCanEdit, useCellIds } from "../app/hooks";
import { addKind } from "../canvas/add";
import { uploadAll } from "../canvas/uploads";
import { viewport } from "../canvas/viewport";
import { useSamples } from "../inspector/source";
import { Button, Key, cx } from "../theme";
import { count } from "../theme/format";
import e from "./empty.module.css";
import s from "./panels.module.css";

const TYPES = ".csv,.tsv,.txt,.json,.jsonl,.ndjson,.parquet,.xlsx,.xls,.ods";

function middle(): [number, number] {
  const [x, y] = viewport()?.centre() ?? [0, 0];
  return [Math.round((x - 260) / 10) * 10, Math.round((y - 170) / 10) * 10];
}

function Start() {
  const picker = useRef<HTMLInputElement>(null);
  const samples = useSamples();
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    event.stopPropagation();
    setOver(false);
    uploadAll(event.dataTransfer.files, middle());
  };
  return (
    <div className={e.centre}>
    <section
      className={cx(e.empty, over && e.emptyOver)} aria-label="Start with data" data-drop
      onDragOver={(e) => { e.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)} onDrop={drop}
    >
      <h2>Start with data</h2>
      <p className={s.hint}>Drop a CSV, TSV, JSON, Parquet or Excel file here</p>
      <Button icon="upload" onClick={() => picker.current?.click()}>Choose a file</Button>
      <input ref={picker} type="file" hidden multiple accept={TYPES} aria-label="Choose a file" onChange={(e) => { if (e.target.files?.length) uploadAll(e.target.files, middle()); e.target.value = ""; }} />
      {samples.length > 0 && (
        <>
          <p className={s.hint}>or use a sample</p>
          <div className={e.samples}>
            {samples.map((each) => (
              <Button key={each.name} small title={each.about} onClick={() => addKind("dataset", { at: middle(), params: { source: `sample:${each.name}` }, title: each.title })}>
                {each.title}{each.rows ? <span className={s.hint}>{count(each.rows, true)}</span> : null}
              </Button>
            ))}
          </div>
        </>
      )}
      <p className={s.hint}>Press <Key>/</Key> to add any cell</p>
    </section>
    </div>
  );
}

export function EmptyCanvas() {
  const empty = useCellIds().length === 0;
  const canEdit = useCanEdit();
  if (!empty) return null;
  if (canEdit) return <Start />;
  return (
    <div className={e.centre}>
      <section className={e.empty} aria-label="Empty canvas">
        <h2>Nothing here yet</h2>
        <p className={s.hint}>Cells show up as soon as someone adds them.</p>
      </section>
    </div>
  );
}
