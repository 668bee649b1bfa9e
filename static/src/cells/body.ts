/** What a card body of a kind's own is given. */
import type { CellRecord } from "../document/schema";
import type { CellResult } from "../results/store";

export interface BodyProps {
  cell: CellRecord;
  result: CellResult;
  /** Width and height of the body in canvas units. */
  size: [number, number];
  dimmed: 0 | 0.45 | 0.75;
  selected: boolean;
  /** A run is on its way. */
  busy: boolean;
}
