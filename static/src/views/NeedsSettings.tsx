/** What a cell still lacks, each a link that puts the focus in its field. */
import { session } from "../app/session";
import { useCanEdit } from "../app/hooks";
import { focusField } from "./focus";
import type { Fix } from "../schema.gen";
import { Button } from "../theme";
import s from "./body.module.css";

/** Sentence case without a full stop, as links are written; a bare field name becomes what to do with it. */
export function words(text: string): string {
  const plain = text.replace(/\.$/, "");
  return plain.split(" ").length < 3 ? `Set ${plain}` : plain.charAt(0).toUpperCase() + plain.slice(1);
}

interface NeedsSettingsProps {
  cell: string;
  missing: readonly string[];
  fallback?: string;
  fix?: Fix | null;
}

export function NeedsSettings({ cell, missing, fallback, fix }: NeedsSettingsProps) {
  const canEdit = useCanEdit();
  const list = missing.length ? missing : fallback ? [] : ["Settings are missing"];
  return (
    <div className={`${s.missing} nodrag`}>
      {fallback && <p>{fallback}</p>}
      {fix && canEdit && <Button variant="filled" onClick={() => session.edits.setParams(cell, fix.params ?? {})}>{fix.label || "Fill in"}</Button>}
      {list.map((each) => canEdit
        ? <Button key={each} variant="link" onClick={() => focusField(cell, each)}>{words(each)}</Button>
        : <span key={each}>{words(each)}</span>)}
    </div>
  );
}
