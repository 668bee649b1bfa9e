/** Why a cell that was only looked at cannot run yet, with the closest fix. */
import { ErrorPanel } from "./ErrorPanel";
import type { CellFailed } from "../schema.gen";
import type { ViewProps } from "./view";

export default function ProblemView({ cell, view }: ViewProps<{ type: "problem" } & Pick<CellFailed, "code" | "message" | "param" | "fix" | "detail">>) {
  return <ErrorPanel cell={cell} failed={{ ...view, type: "cell_failed", cell, fingerprint: "", run: null, place: null }} />;
}
