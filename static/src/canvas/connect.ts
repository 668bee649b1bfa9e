/** Drawing a link from a port: to a port, to a card, or into the open, where the command menu offers what fits. */
import type { Connection, FinalConnectionState, IsValidConnection, OnConnectStart } from "@xyflow/react";
import { session } from "../app/session";
import { waysIn } from "../document/ports";
import type { KindDeclaration, PortType } from "../schema.gen";
import { connecting, startConnecting, stopConnecting } from "./connecting";
import { handleId, readHandle } from "./geometry";
import { viewport } from "./viewport";

export const connectStart: OnConnectStart = (_event, { nodeId, handleId }) => {
  if (nodeId && handleId) startConnecting(nodeId, handleId);
};

export const isValid: IsValidConnection = ({ source, target, sourceHandle, targetHandle }) => {
  const from = readHandle(sourceHandle ?? "");
  const to = readHandle(targetHandle ?? "");
  return session.edits.whyNot(source, from.port, target, to.port) === undefined;
};

export function connected({ source, target, sourceHandle, targetHandle }: Connection): void {
  join(source, readHandle(sourceHandle ?? "").port, target, readHandle(targetHandle ?? "").port);
}

/** Connects and says what came of it. */
export function join(from: string, fromPort: string, to: string, toPort: string): boolean {
  session.undo.stopCapturing();
  const result = session.edits.connect(from, fromPort, to, toPort);
  session.undo.stopCapturing();
  if (!result.ok) {
    session.ui.toast(result.error);
    session.ui.say(result.error);
    return false;
  }
  const name = (id: string) => session.edits.label(session.doc.record(id));
  session.ui.say(`${name(from)} connected to ${name(to)}`);
  return true;
}

export function connectEnd(event: MouseEvent | TouchEvent, state: FinalConnectionState): void {
  const start = connecting();
  stopConnecting();
  if (!start || state.isValid) return;
  const point = "changedTouches" in event ? event.changedTouches[0] : event;
  if (!point) return;
  const under = document.elementFromPoint(point.clientX, point.clientY);
  const port = under?.closest<HTMLElement>("[data-port]")?.dataset.port?.split(":");
  const card = under?.closest<HTMLElement>("[data-cell-id]")?.dataset.cellId;
  if (card === start.cell) return;
  if (card) joinCard(start, card, port?.[1] === (start.way === "out" ? "in" : "out") ? port[2] : undefined);
  else if (start.way === "out") offer(start.cell, start.port, point.clientX, point.clientY);
}

function waysOut(kind: KindDeclaration | undefined, type: PortType | undefined): { port: string }[] {
  return Object.entries(kind?.outputs ?? {}).filter(([, gives]) => gives === type).map(([port]) => ({ port }));
}

function offer(cell: string, port: string, x: number, y: number): void {
  const at = viewport()?.toCanvas(x, y);
  if (at) session.ui.openCommandMenu({ from: { cell, port, at } });
}

/** Dropped on a card rather than on a port: the first port that fits, else the reason. */
function joinCard(start: NonNullable<ReturnType<typeof connecting>>, card: string, wanted: string | undefined): void {
  const kind = session.kinds[session.doc.record(card)?.kind ?? ""];
  const ways = start.way === "out" ? waysIn(kind, start.type) : waysOut(kind, start.type);
  const choice = !wanted && start.way === "out" && start.type === "value" && ways.length > 1;
  const port = wanted ?? ways[0]?.port;
  if (choice) {
    // A value may stand for any of several params: which one is asked, never guessed.
    session.ui.set({ connectOpen: { cell: start.cell, port: handleId("out", start.port, "right"), only: card } });
  } else if (!port) {
    session.ui.toast(`“${session.edits.label(session.doc.record(card))}” takes no ${start.type ?? "link"}`);
  } else if (start.way === "out") join(start.cell, start.port, card, port);
  else join(card, port, start.cell, start.port);
}
