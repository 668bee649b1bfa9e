/** The tables and values a code cell may name, and links drawn to those it does. */
import { session } from "../../app/session";
import { type Language, tablesUsed } from "./names";

export interface KnownTable {
  cell: string;
  port: string;
  name: string;
  connected: boolean;
  columns: { name: string; type: string }[];
}

/** Every output of the canvas that would fit into a port of this cell, by name. */
export function tablesFor(cell: string): KnownTable[] {
  const fed = new Set(session.doc.edgeList().filter((edge) => edge.to === cell).map((edge) => edge.from));
  const found: KnownTable[] = [];
  for (const other of session.doc.records()) {
    if (other.id === cell || !other.name) continue;
    const port = Object.entries(session.kinds[other.kind]?.outputs ?? {}).find(([, gives]) => gives === "table")?.[0];
    if (!port) continue;
    const columns = session.results.get(other.id).schema?.[port] ?? [];
    found.push({ cell: other.id, port, name: other.name, connected: fed.has(other.id), columns });
  }
  return found;
}

/** Links what the code names and nothing feeds yet; as part of what `origin` writes. */
export function connectUsed(cell: string, code: string, language: Language, caret: number, origin: unknown): void {
  const tables = tablesFor(cell).filter((table) => !table.connected);
  const used = new Set(tablesUsed(code, language, tables.map((table) => table.name), caret));
  const links = tables.filter((table) => used.has(table.name)).map((table) => ({ from: table.cell, fromPort: table.port, to: cell, toPort: "tables" }));
  session.edits.connectAs(origin, links);
}
