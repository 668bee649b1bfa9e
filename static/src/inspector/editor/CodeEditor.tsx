/** The shared code of a cell; CodeMirror itself comes in a chunk of its own when the first one is drawn. */
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useCanEdit, useCellResult } from "../../app/hooks";
import { runCells } from "../../app/runs";
import { session } from "../../app/session";
import type { CellRecord } from "../../document/schema";
import s from "./editor.module.css";
import type { Language } from "./names";
import type { OpenEditor } from "./mount";

const library = () => import("./mount");

export function CodeEditor({ record, focus = false }: { record: CellRecord; focus?: boolean }) {
  const host = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState<OpenEditor>();
  const editable = useCanEdit();
  const { id, title } = record;
  const language = session.kinds[record.kind]?.code as Language;
  const place = useCellResult(id).flagged?.place;

  useEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    let wanted = true;
    let editor: OpenEditor | undefined;
    void library().then(({ openEditor }) => {
      if (!wanted) return;
      editor = openEditor(element, {
        cell: id, language, label: `Code of ${title}`, editable, focus,
        run: () => session.can("runner") && runCells([id]),
        leave: () => (element.closest<HTMLElement>("[data-cell-id], [role=dialog]") ?? element).focus(),
      });
      setOpen(editor);
    });
    return () => {
      wanted = false;
      editor?.close();
      setOpen(undefined);
    };
    // The title is only spoken; renaming must not remount what somebody writes in.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [id, language, editable, focus]);

  useEffect(() => open?.showFault(place ?? null), [open, place]);

  return (
    <div className={s.frame} data-editor={id}>
      <div ref={host} className={s.host} />
      {!open && <Still cell={id} />}
    </div>
  );
}

/** The text while the editor is on its way. */
function Still({ cell }: { cell: string }) {
  const text = useSyncExternalStore(() => () => undefined, () => session.doc.code(cell)?.toString() ?? "");
  return <pre className={s.still}>{text}</pre>;
}
