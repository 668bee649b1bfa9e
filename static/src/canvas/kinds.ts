/** Questions about kinds that the surface asks. */
import { session } from "../app/session";
import type { ColumnInfo, KindDeclaration, PortType } from "../schema.gen";

/** A cell whose body is text written in place. */
export function isNote(kind: KindDeclaration | undefined): boolean {
  return kind !== undefined && kind.code !== "" && kind.view === "markdown";
}

/** Kinds with an input that takes what an output gives. */
export function kindsTaking(type: PortType): KindDeclaration[] {
  return Object.values(session.kinds).filter((kind) => Object.values(kind.inputs).includes(type));
}

/** The type an output port of a cell gives. */
export function outputType(cell: string, port: string): PortType | undefined {
  return session.kinds[session.doc.record(cell)?.kind ?? ""]?.outputs[port];
}

const X_TYPES = ["date", "datetime", "text", "boolean", "integer", "number"];

/** Params a new cell starts with: a chart gets a sensible x of what feeds it, all else stays unset. */
export function presetParams(kind: string, columns: ColumnInfo[] | undefined): Record<string, unknown> {
  if (kind !== "chart" || !columns?.length) return {};
  for (const type of X_TYPES) {
    const found = columns.find((column) => column.type === type);
    if (found) return { x: found.name };
  }
  return {};
}
