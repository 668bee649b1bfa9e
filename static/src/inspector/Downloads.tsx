/** The table of a cell as a file: CSV, Excel or Parquet, safe to open in a spreadsheet unless said otherwise. */
import { useState } from "react";
import { useCanRun, useCellResult } from "../app/hooks";
import { session } from "../app/session";
import { download } from "../app/sources";
import type { CellRecord } from "../document/schema";
import { Button, Switch } from "../theme";
import { count } from "../theme/format";
import s from "./inspector.module.css";

const EXCEL_ROWS = 1_048_575;

export function Downloads({ record }: { record: CellRecord }) {
  const canRun = useCanRun();
  const { step } = useCellResult(record.id);
  const [raw, setRaw] = useState(false);
  const gives = Object.values(session.kinds[record.kind]?.outputs ?? {}).includes("table");
  if (!gives || !step) return null;
  const viewer = canRun ? undefined : "Viewers can take the rows they see as CSV";
  const rows = step.rows ?? 0;
  const tooMany = rows > EXCEL_ROWS ? `Excel holds ${count(EXCEL_ROWS)} rows; this table has ${count(rows)}` : undefined;
  return (
    <section className={s.section} aria-label="Download">
      <h3 className={s.heading}>Download</h3>
      <div className={s.buttons}>
        <Button icon="download" onClick={() => void download(record.id, "csv", raw)}>CSV</Button>
        <Button reason={viewer ?? tooMany} onClick={() => void download(record.id, "xlsx", raw)}>Excel</Button>
        <Button reason={viewer} onClick={() => void download(record.id, "parquet")}>Parquet</Button>
      </div>
      <div className={s.entryLine}>
        <Switch label="Leave texts that begin like a formula as they are" checked={raw} onChange={setRaw} />
        <span className={s.small} aria-hidden>Leave texts that begin like a formula</span>
      </div>
    </section>
  );
}
