/** The inspector with nothing or several cells selected: facts of the canvas, or what the cells share. */
import { api, canvasPath } from "../app/api";
import { session } from "../app/session";
import { useCanEdit, useCanRun, useCellIds, useEdges, usePeers, useRole, useTables, useUiPart } from "../app/hooks";
import { Button, Select } from "../theme";
import { count } from "../views/format";
import s from "./inspector.module.css";
import { Row } from "./Row";

const ROLES: Record<string, string> = { viewer: "You can view", commenter: "You can comment", runner: "You can run", editor: "You can edit", manager: "You can edit and share", owner: "You own it" };

export function Summary() {
  const cells = useCellIds();
  const edges = useEdges();
  const tables = useTables();
  const peers = usePeers();
  const role = useRole();
  const name = useUiPart((ui) => ui.canvasName);
  return (
    <section className={s.section}>
      <dl className={s.facts}>
        <dt>Name</dt><dd>{name || "Untitled"}</dd>
        <dt>Cells</dt><dd>{count(cells.length)}</dd>
        <dt>Links</dt><dd>{count(edges.length)}</dd>
        <dt>Tables</dt><dd>{count(tables.length)}</dd>
        <dt>Here now</dt><dd>{["You", ...peers.map((p) => p.user.name)].join(", ")}</dd>
        <dt>Access</dt><dd>{ROLES[role] ?? role}</dd>
      </dl>
      <p className={s.quiet}>Select a cell to see its settings.</p>
    </section>
  );
}

export function Several({ ids }: { ids: ReadonlySet<string> }) {
  const canEdit = useCanEdit();
  const canRun = useCanRun();
  useCellIds();
  const records = [...ids].flatMap((id) => session.doc.record(id) ?? []);
  const modes = new Set(records.map((r) => r.mode));
  const run = () => void api.post(canvasPath("runs"), { cells: [...ids], force: false, upstream: true })
    .catch((e: Error) => session.ui.toast(e.message));
  return (
    <section className={s.section}>
      <Row name="cell:mode" label="Runs">
        {(id) => (
          <Select
            id={id} label="Runs" value={modes.size === 1 ? [...modes][0]! : null} placeholder="Mixed" disabled={!canEdit}
            choices={[{ value: "auto" as const, label: "On every change" }, { value: "manual" as const, label: "Only when asked" }]}
            onChange={(mode) => { for (const each of ids) session.edits.setMode(each, mode); }}
          />
        )}
      </Row>
      <div className={s.buttons}>
        <Button icon="play" reason={canRun ? undefined : "You can view this canvas, not run it"} onClick={run}>Run</Button>
        <Button
          icon="trash" variant="danger" reason={canEdit ? undefined : "You can view this canvas, not change it"}
          onClick={() => { session.edits.deleteCells(ids); session.ui.select([]); }}
        >
          Delete
        </Button>
      </div>
    </section>
  );
}
