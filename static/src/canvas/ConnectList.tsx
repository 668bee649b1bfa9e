/** Connecting without dragging: pick an output, then the cell it should feed. */
import { useRef } from "react";
import { useUiPart } from "../app/hooks";
import { session } from "../app/session";
import { Dialog } from "../theme/Dialog";
import { Button } from "../theme/Button";
import { waysIn } from "../document/ports";
import { join } from "./connect";
import { readHandle } from "./geometry";
import s from "./list.module.css";

interface Target {
  fromPort: string;
  to: string;
  toPort: string;
  label: string;
  error: string | undefined;
}

function targets(cell: string, port: string, only: string | undefined): Target[] {
  const outputs = Object.entries(session.kinds[session.doc.record(cell)?.kind ?? ""]?.outputs ?? {});
  const list: Target[] = [];
  for (const [fromPort, gives] of outputs) {
    if (port && port !== fromPort) continue;
    for (const other of session.doc.records()) {
      if (other.id === cell || (only && other.id !== only)) continue;
      for (const way of waysIn(session.kinds[other.kind], gives)) {
        list.push({ fromPort, to: other.id, toPort: way.port, label: way.label, error: session.edits.whyNot(cell, fromPort, other.id, way.port) });
      }
    }
  }
  return list.sort((a, b) => Number(Boolean(a.error)) - Number(Boolean(b.error)));
}

export function ConnectList() {
  const open = useUiPart((ui) => ui.connectOpen);
  const first = useRef<HTMLButtonElement>(null);
  if (!open) return null;
  const handle = readHandle(open.port);
  const from = session.doc.record(open.cell);
  const list = targets(open.cell, handle.way === "out" ? handle.port : "", open.only);
  const close = () => session.ui.set({ connectOpen: null });
  return (
    <Dialog open title={`Connect ${session.edits.label(from)} to`} initialFocus={first} onClose={close}>
      {list.length === 0 && <p>No cell on this canvas takes what it gives.</p>}
      <ul className={s.list}>
        {list.map((target, i) => (
          <li key={`${target.fromPort} ${target.to} ${target.toPort}`}>
            <Button ref={i === 0 ? first : undefined} variant="quiet" reason={target.error} onClick={() => join(open.cell, target.fromPort, target.to, target.toPort) && close()}>
              {session.edits.label(session.doc.record(target.to))}, {target.label}
            </Button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
