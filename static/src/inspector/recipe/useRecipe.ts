/** The recipe of a cell: its steps as written, with what the newest result knows of them. */
import { useMemo } from "react";
import { session } from "../../app/session";
import { useCellResult } from "../../app/hooks";
import type { CellRecord } from "../../document/schema";
import { linesOf, recipeOf, type RecipeResult } from "./steps";

/** The param of a kind that holds a recipe. */
export function recipeParam(kind: string): string {
  const properties = (session.kinds[kind]?.params as { properties?: Record<string, { picker?: unknown }> } | undefined)?.properties ?? {};
  return Object.keys(properties).find((name) => properties[name]?.picker === "recipe") ?? "steps";
}

export function useRecipe(record: CellRecord, param: string) {
  const { step, failed } = useCellResult(record.id);
  const schema = session.kinds[record.kind]?.params;
  const { prefix, kinds } = useMemo(() => recipeOf(schema, param), [schema, param]);
  const recipe = (step?.view as { recipe?: RecipeResult } | null | undefined)?.recipe;
  const lines = useMemo(() => linesOf(record.params, prefix, kinds, recipe, failed), [record.params, prefix, kinds, recipe, failed]);
  const elsewhere = failed && !lines.some((line) => line.error) ? failed : null;
  return { prefix, kinds, lines, suggestions: recipe?.suggestions, failed: elsewhere };
}
