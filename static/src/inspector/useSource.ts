/** What is known of the cell that feeds an input port: its columns' profiles. */
import { useCellResult, useEdges } from "../app/hooks";
import type { ColumnProfile, TableViewData } from "../views/view";

export function useSourceProfile(cell: string, port: string): Record<string, ColumnProfile> | undefined {
  const edge = useEdges().find((e) => e.to === cell && e.toPort === port);
  const view = useCellResult(edge?.from ?? "").step?.view as unknown as TableViewData | null | undefined;
  return view?.type === "table" ? view.profile : undefined;
}
