/** What went wrong in a cell, where, and the closest fix as a button; the log stays folded. */
import { session } from "../app/session";
import { useCanEdit } from "../app/hooks";
import type { CellFailed } from "../schema.gen";
import { Button } from "../theme";
import { focusField } from "./focus";
import s from "./body.module.css";

/** The first sentence is what happened; the rest says where and what to do. */
export function splitMessage(message: string): [string, string] {
  const end = message.search(/[.:;](\s|$)/);
  return end < 0 ? [message, ""] : [message.slice(0, end + 1), message.slice(end + 1).trim()];
}

export function ErrorPanel({ cell, failed }: { cell: string; failed: CellFailed }) {
  const canEdit = useCanEdit();
  const [what, rest] = splitMessage(failed.message);
  const fix = failed.fix?.params;
  return (
    <div className={`${s.panel} nodrag`}>
      <p>
        <span className={s.what}>{what}</span> {rest}{" "}
        {fix && canEdit && (
          <Button variant="link" onClick={() => session.edits.setParams(cell, fix)}>{failed.fix?.label || "Fix it"}</Button>
        )}
        {!fix && failed.param && canEdit && (
          <Button variant="link" onClick={() => focusField(cell, failed.param ?? "")}>Change it</Button>
        )}
      </p>
      {failed.detail && (
        <details>
          <summary>Details</summary>
          <pre>{failed.detail}</pre>
        </details>
      )}
    </div>
  );
}
