/** React's window on the session: each hook redraws only for what it names. */
import { useCallback, useRef, useSyncExternalStore } from "react";
import type { Peer } from "../connection/presence";
import type { ConnectionStatus, Ended } from "../connection/status";
import { lineage } from "../document/cycles";
import type { CellRecord, EdgeRecord } from "../document/schema";
import type { CellResult } from "../results/store";
import type { ColumnInfo, State } from "../schema.gen";
import type { Role } from "./bootstrap";
import { newerCells, onNewer } from "./sources";
import { session } from "./session";
import type { UiState } from "./ui";

const subscribeIds = (listener: () => void) => session.doc.subscribeIds(listener);
const subscribeEdges = (listener: () => void) => session.doc.subscribeEdges(listener);
const subscribeUi = (listener: () => void) => session.ui.subscribe(listener);
const subscribeRole = (listener: () => void) => session.subscribeRole(listener);
const subscribeConnection = (listener: () => void) => session.connection.subscribe(listener);
const subscribePeers = (listener: () => void) => session.presence.subscribe(listener);

export function useCellIds(): readonly string[] {
  return useSyncExternalStore(subscribeIds, () => session.doc.cellIds());
}

export function useCellRecord(id: string): CellRecord | undefined {
  const subscribe = useCallback((listener: () => void) => session.doc.subscribeCell(id, listener), [id]);
  return useSyncExternalStore(subscribe, () => session.doc.record(id));
}

export function useEdges(): readonly EdgeRecord[] {
  return useSyncExternalStore(subscribeEdges, () => session.doc.edgeList());
}

export function useCellResult(id: string): CellResult {
  const subscribe = useCallback((listener: () => void) => session.results.subscribe(id, listener), [id]);
  return useSyncExternalStore(subscribe, () => session.results.get(id));
}

/** One part of the screen state; redraws only when that part changes. */
export function useUiPart<T>(pick: (state: UiState) => T): T {
  return useSyncExternalStore(subscribeUi, () => pick(session.ui.get()));
}

export function useUi(): UiState {
  return useSyncExternalStore(subscribeUi, () => session.ui.get());
}

export function useSelection(): ReadonlySet<string> {
  return useUiPart((state) => state.selection);
}

export function useRole(): Role {
  return useSyncExternalStore(subscribeRole, () => session.role());
}

export function useCanEdit(): boolean {
  return useSyncExternalStore(subscribeRole, () => session.can("editor"));
}

export function useCanRun(): boolean {
  return useSyncExternalStore(subscribeRole, () => session.can("runner"));
}

/** Whether what a source cell reads has something newer. */
export function useNewer(cell: string): boolean {
  return useSyncExternalStore(onNewer, () => newerCells().has(cell));
}

export function useConnectionStatus(): ConnectionStatus {
  return useSyncExternalStore(subscribeConnection, () => session.connection.status());
}

/** Whether the server is lost; saving and saved are no news here. */
export function useOffline(): boolean {
  return useSyncExternalStore(subscribeConnection, () => session.connection.status().state === "offline");
}

export function useEnded(): Ended | undefined {
  return useSyncExternalStore(subscribeConnection, () => session.connection.ended());
}

/** Peers who have this cell selected or edit it; redraws only when that changes. */
export function usePeersOn(id: string): readonly Peer[] {
  const kept = useRef<{ key: string; peers: readonly Peer[] }>({ key: "", peers: [] });
  return useSyncExternalStore(subscribePeers, () => {
    const peers = session.presence.peers().filter((peer) => peer.selection.includes(id) || peer.editing === id);
    const key = peers.map((peer) => `${peer.client} ${peer.user.name} ${peer.user.color}`).join();
    if (key !== kept.current.key) kept.current = { key, peers };
    return kept.current.peers;
  });
}

/** Everyone else on this canvas; redraws when they come, go, select or edit, not when cursors move. */
export function usePeers(): readonly Peer[] {
  const kept = useRef<readonly Peer[]>([]);
  const subscribe = useCallback((listener: () => void) => {
    kept.current = session.presence.peers();
    return subscribePeers(() => {
      kept.current = session.presence.peers();
      listener();
    });
  }, []);
  return useSyncExternalStore(subscribe, () => kept.current);
}

/** Cells that feed the selection or are fed by it. */
export function useLineage(): ReadonlySet<string> {
  const edges = useEdges();
  const selection = useSelection();
  return lineageOf(edges, selection);
}

let known: { edges: readonly EdgeRecord[]; selection: ReadonlySet<string>; cells: ReadonlySet<string> } | undefined;

/** Computed once per change, however many ports and links ask. */
function lineageOf(edges: readonly EdgeRecord[], selection: ReadonlySet<string>): ReadonlySet<string> {
  if (known?.edges !== edges || known.selection !== selection) {
    known = { edges, selection, cells: selection.size ? lineage(edges, selection) : new Set() };
  }
  return known.cells;
}

/** The columns that arrive at an input port, known before anything ran; undefined when nothing is connected. */
export function useUpstreamColumns(cell: string, port = "table"): ColumnInfo[] | undefined {
  const edge = useEdges().find((each) => each.to === cell && each.toPort === port);
  const source = edge?.from ?? "";
  const subscribe = useCallback((listener: () => void) => session.results.subscribe(source, listener), [source]);
  return useSyncExternalStore(subscribe, () => (edge ? session.results.get(source).schema?.[edge.fromPort] : undefined));
}

export interface TableEntry {
  cell: string;
  name: string;
  rows: number | null;
  state: State;
}

/** Every table of the canvas by its output name. */
export function useTables(): TableEntry[] {
  const kept = useRef<{ key: string; tables: TableEntry[] }>({ key: "", tables: [] });
  const subscribe = useCallback((listener: () => void) => {
    const stop = [session.doc.subscribe(listener), session.results.subscribeAny(listener)];
    return () => stop.forEach((each) => each());
  }, []);
  return useSyncExternalStore(subscribe, () => {
    const tables = readTables();
    const key = JSON.stringify(tables);
    if (key !== kept.current.key) kept.current = { key, tables };
    return kept.current.tables;
  });
}

function readTables(): TableEntry[] {
  const tables: TableEntry[] = [];
  for (const cell of session.doc.records()) {
    if (!cell.name || !Object.values(session.kinds[cell.kind]?.outputs ?? {}).includes("table")) continue;
    const { step, state } = session.results.get(cell.id);
    tables.push({ cell: cell.id, name: cell.name, rows: step?.rows ?? null, state });
  }
  return tables;
}
