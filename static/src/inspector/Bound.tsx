/** A field whose value comes from another cell, or one of many links into a port: who gives it, and a way to cut it. */
import { session } from "../app/session";
import { useCanEdit, useCellRecord } from "../app/hooks";
import type { EdgeRecord } from "../document/schema";
import { Button, IconButton } from "../theme";
import s from "./inspector.module.css";

export function Bound({ link, label }: { link: EdgeRecord; label: string }) {
  const canEdit = useCanEdit();
  const source = useCellRecord(link.from);
  const name = source?.name || session.edits.label(source);
  return (
    <div className={s.item}>
      <Button className={s.bound} onClick={() => session.ui.select([link.from])} aria-label={`${label} comes from ${name}; select it`}>
        <span className={s.dot} aria-hidden />{name}
      </Button>
      {canEdit && <IconButton icon="x" label={`Unlink ${name} from ${label.toLowerCase()}`} onClick={() => session.edits.removeEdges([link.id])} />}
    </div>
  );
}
