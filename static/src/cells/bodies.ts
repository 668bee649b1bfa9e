/** Card bodies that kinds draw themselves, by the name of the kind. */
import { lazy, type ComponentType } from "react";
import type { BodyProps } from "./body";

const files = import.meta.glob<{ default: ComponentType<BodyProps> }>("./*.cell.tsx");

export const BODIES: Readonly<Record<string, ComponentType<BodyProps> | undefined>> = Object.fromEntries(
  Object.entries(files).map(([path, load]) => [path.slice(2, -".cell.tsx".length), lazy(load)]),
);
