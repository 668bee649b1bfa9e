/** Two versions of a source side by side: rows, columns that came or went, and what changed in the others. */
import { useEffect, useState } from "react";
import { api, canvasPath } from "../app/api";
import type { DataVersion } from "../app/sources";
import { Dialog, Select, typeWord } from "../theme";
import { count } from "../theme/format";
import s from "./connection.module.css";
import { versionWords } from "./Versions";

type Pair = [unknown, unknown];

interface ComparedColumn {
  name: string;
  before: string | null;
  after: string | null;
  change: "" | "added" | "removed" | "type" | "values";
  missing?: Pair;
  distinct?: Pair;
  low?: Pair;
  high?: Pair;
}

interface Compared {
  rows: [number, number];
  columns: ComparedColumn[];
}

const WORDS = { "": "the same", added: "new", removed: "gone", type: "another type", values: "other values" };

const plain = (value: unknown) => (value === null || value === undefined ? "none" : typeof value === "number" ? count(value) : String(value));

/** "12 → 14", or nothing where both are the same. */
function step(label: string, pair: Pair | undefined): string {
  return pair && pair[0] !== pair[1] ? `${label} ${plain(pair[0])} → ${plain(pair[1])}` : "";
}

function facts(column: ComparedColumn): string {
  const type = column.change === "type" ? `${typeWord(column.before ?? "")} → ${typeWord(column.after ?? "")}` : "";
  const steps = [type, step("missing", column.missing), step("distinct about", column.distinct), step("lowest", column.low), step("highest", column.high)];
  return steps.filter(Boolean).join(", ");
}

function Columns({ found }: { found: Compared }) {
  const [before, after] = found.rows;
  const more = after - before;
  return (
    <div className={s.scroll}>
      <p>{more === 0 ? `${count(after)} rows in both` : `${count(before)} → ${count(after)} rows (${more > 0 ? "+" : "−"}${count(Math.abs(more))})`}</p>
      <table className={s.table}>
        <thead><tr><th scope="col">Column</th><th scope="col">Change</th><th scope="col">Details</th></tr></thead>
        <tbody>
          {found.columns.map((column) => (
            <tr key={column.name}>
              <th scope="row">{column.name}</th>
              <td className={column.change ? s.changed : undefined}>{WORDS[column.change]}</td>
              <td>{facts(column)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function CompareDialog({ cell, list, onClose }: { cell: string; list: DataVersion[]; onClose: () => void }) {
  const now = list.find((version) => version.current) ?? list[0]!;
  const [after, setAfter] = useState(now.id);
  const [before, setBefore] = useState((list.find((version) => version.id !== now.id) ?? now).id);
  const [found, setFound] = useState<Compared | null>(null);
  const [error, setError] = useState("");
  useEffect(() => {
    const abort = new AbortController();
    setFound(null);
    setError("");
    api.get<Compared>(canvasPath(`cells/${cell}/versions/compare?before=${before}&after=${after}`), abort.signal).then(
      setFound, (e: Error) => { if (!abort.signal.aborted) setError(e.message); },
    );
    return () => abort.abort();
  }, [cell, before, after]);
  const choices = list.map((version) => ({ value: version.id, label: versionWords(version) }));
  return (
    <Dialog open onClose={onClose} title="Compare two versions" width={640}>
      <div className={s.form}>
        <Select label="Before" value={before} choices={choices} onChange={setBefore} />
        <Select label="After" value={after} choices={choices} onChange={setAfter} />
        {error && <p className={s.bad} role="alert">{error}</p>}
        {!error && !found && <p className={s.note} role="status">Comparing</p>}
        {found && <Columns found={found} />}
      </div>
    </Dialog>
  );
}
