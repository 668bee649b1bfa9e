/** What ports and params take: the browser's side of the projection's rules for links. */
import type { KindDeclaration, PortType } from "../schema.gen";

/** A param as a port: a Value linked to "param.limit" takes the place of the limit that was set. */
export const PARAM = "param.";

type Json = Record<string, unknown>;

const SCALARS = new Set(["string", "number", "integer", "boolean"]);

function isScalar(schema: Json): boolean {
  const options = (schema.anyOf ?? [schema]) as Json[];
  const real = options.filter((each) => each.type !== "null");
  return real.length > 0 && real.every((each) => SCALARS.has(String(each.type)) || each.enum !== undefined || each.$ref !== undefined);
}

/** Params that a Value may be linked to, with their labels. */
export function linkableParams(kind: KindDeclaration | undefined): { name: string; label: string }[] {
  const properties = ((kind?.params as Json | undefined)?.properties ?? {}) as Record<string, Json>;
  return Object.entries(properties)
    .filter(([name, schema]) => name !== "source" && name !== "code" && !kind?.steers.includes(name) && !schema.hidden && !schema.picker?.toString().startsWith("column") && isScalar(schema))
    .map(([name, schema]) => ({ name, label: String(schema.title ?? name) }));
}

/** The type an input port takes; undefined when there is no such port. */
export function inputType(kind: KindDeclaration | undefined, port: string): PortType | undefined {
  if (!port.startsWith(PARAM)) return kind?.inputs[port];
  return linkableParams(kind).some((each) => PARAM + each.name === port) ? "value" : undefined;
}

export function takesMany(kind: KindDeclaration | undefined, port: string): boolean {
  return kind?.many_inputs.includes(port) ?? false;
}

/** Inputs a cell cannot do without: those that are connected by themselves. */
export function neededInputs(kind: KindDeclaration | undefined): [string, PortType][] {
  return Object.entries(kind?.inputs ?? {}).filter(([port]) => !kind?.optional_inputs.includes(port));
}

/** Every way an output of this type may enter a cell: ports first, then params. */
export function waysIn(kind: KindDeclaration | undefined, type: PortType | undefined): { port: string; label: string }[] {
  const ports = Object.entries(kind?.inputs ?? {}).filter(([, takes]) => takes === type).map(([port]) => ({ port, label: `input ${port}` }));
  const params = type === "value" ? linkableParams(kind).map(({ name, label }) => ({ port: PARAM + name, label })) : [];
  return [...ports, ...params];
}
