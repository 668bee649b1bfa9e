/** The link being drawn now: where it starts and which ports could end it, worked out once when it starts. */
import { useSyncExternalStore } from "react";
import { session } from "../app/session";
import { reach } from "../document/cycles";
import { inputType } from "../document/ports";
import type { PortType } from "../schema.gen";
import { readHandle } from "./geometry";

export interface Connecting {
  cell: string;
  way: "in" | "out";
  port: string;
  type: PortType | undefined;
  forbidden: ReadonlySet<string>;
}

let current: Connecting | undefined;
const listeners = new Set<() => void>();

export function connecting(): Connecting | undefined {
  return current;
}

export function startConnecting(cell: string, handle: string): void {
  const { way, port } = readHandle(handle);
  const kind = session.kinds[session.doc.record(cell)?.kind ?? ""];
  const type = way === "out" ? kind?.outputs[port] : inputType(kind, port);
  const forbidden = reach(session.doc.edgeList(), [cell], way === "out" ? "up" : "down");
  set({ cell, way, port, type, forbidden });
}

export function stopConnecting(): void {
  set(undefined);
}

function set(next: Connecting | undefined): void {
  current = next;
  for (const listener of [...listeners]) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Whether a port could end the link being drawn; undefined when none is drawn or it is the start. */
export function useFits(cell: string, way: "in" | "out", port: string, type: PortType): boolean | undefined {
  return useSyncExternalStore(subscribe, () => {
    if (!current || (current.cell === cell && current.port === port && current.way === way)) return undefined;
    return current.way !== way && current.type === type && !current.forbidden.has(cell);
  });
}
