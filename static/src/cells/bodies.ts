/** Card bodies that kinds draw themselves: one file named <kind>.cell.tsx each, and one for all that compute what is written in them. */
import { lazy, type ComponentType } from "react";
import type { KindDeclaration } from "../schema.gen";
import type { BodyProps } from "./body";

const files = import.meta.glob<{ default: ComponentType<BodyProps> }>("./*.cell.tsx");

/** The body of all cells that compute what is written in them. */
const CODE = "(code)";

export const BODIES: Readonly<Record<string, ComponentType<BodyProps> | undefined>> = {
  ...Object.fromEntries(Object.entries(files).map(([path, load]) => [path.slice(2, -".cell.tsx".length), lazy(load)])),
  [CODE]: lazy(() => import("./CodeBody")),
};

/** Names a body; without one the shared body will do: the view of the result, or what stands in its place. */
export function bodyOf(kind: KindDeclaration | undefined): string {
  if (!kind || BODIES[kind.name]) return kind?.name ?? "";
  return kind.code !== "" && kind.computes ? CODE : "";
}
