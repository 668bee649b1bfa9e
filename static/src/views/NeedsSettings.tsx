/** What a cell still lacks, each a link that puts the focus in its field. */
import { useCanEdit } from "../app/hooks";
import { focusField } from "../inspector/focus";
import { Button } from "../theme";
import s from "./body.module.css";

/** Sentence case without a full stop, as links are written; a bare field name becomes what to do with it. */
export function words(text: string): string {
  const plain = text.replace(/\.$/, "");
  return plain.split(" ").length < 3 ? `Set ${plain}` : plain.charAt(0).toUpperCase() + plain.slice(1);
}

export function NeedsSettings({ cell, missing, fallback }: { cell: string; missing: readonly string[]; fallback?: string }) {
  const canEdit = useCanEdit();
  const list = missing.length ? missing : fallback ? [] : ["Settings are missing"];
  return (
    <div className={`${s.missing} nodrag`}>
      {fallback && <p>{fallback}</p>}
      {list.map((each) => canEdit
        ? <Button key={each} variant="link" onClick={() => focusField(cell, each)}>{words(each)}</Button>
        : <span key={each}>{words(each)}</span>)}
    </div>
  );
}
