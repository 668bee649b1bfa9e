/** One line over a data cell's rows: how the file was read, and what would be a number but for a few values. */
import { Button, typeWord } from "../../theme";
import type { IngestNotes } from "./notes";
import s from "./table.module.css";

export interface IngestProps {
  notes: IngestNotes;
  onType?: (column: string, type: string) => void;
}

export function Ingest({ notes, onType }: IngestProps) {
  const [hint] = notes.almost;
  const words = `Read as ${notes.words.join(", ")}`;
  return (
    <div className={s.ingest}>
      {notes.words.length > 0 && <span className={s.how} title={words}>{words}</span>}
      {hint && (
        <span className={s.how} title={notes.almost.map((a) => `${a.column}: ${a.misfits} values are no ${typeWord(a.type)}`).join("\n")}>
          <b>{hint.column}</b>: all but {hint.misfits} are {typeWord(hint.type)}s
        </span>
      )}
      {hint && onType && <Button variant="link" className="nodrag" onClick={() => onType(hint.column, hint.type)}>Read as {typeWord(hint.type)}</Button>}
    </div>
  );
}
