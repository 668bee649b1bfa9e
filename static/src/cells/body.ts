/** What a kind's own card body is given: one file named <kind>.cell.tsx each, loaded when first needed. */
import type { CellRecord } from "../document/schema";
import type { CellResult } from "../results/store";

export interface BodyProps {
  cell: CellRecord;
  result: CellResult;
  /** Width and height of the body in canvas units. */
  size: [number, number];
  dimmed: 0 | 0.45 | 0.75;
  selected: boolean;
}
