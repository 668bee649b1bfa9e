/** A slider under a value that is compared with a numeric column: the threshold one drags. */
import { useEffect, useMemo, useRef, useState } from "react";
import { session } from "../app/session";
import { Slider } from "../theme";
import { Limiter, tidy, type Range } from "./slider";

export interface ThresholdProps {
  cell: string;
  param: string;
  label: string;
  value: unknown;
  range: Range;
  disabled: boolean;
}

export function Threshold({ cell, param, label, value, range, disabled }: ThresholdProps) {
  const stored = typeof value === "number" ? value : range.min;
  const [held, setHeld] = useState<number | null>(null);
  const dragging = useRef(false);
  // The undo manager joins edits that follow within half a second; cutting before and after makes a drag one step.
  const limiter = useMemo(() => new Limiter<number>((next) => session.edits.setParam(cell, param, next)), [cell, param]);
  useEffect(() => () => limiter.flush(), [limiter]);
  return (
    <Slider
      value={held ?? stored} min={range.min} max={range.max} step={range.step} label={`${label}, slider`} disabled={disabled}
      onChange={(raw) => {
        if (!dragging.current) session.undo.stopCapturing();
        dragging.current = true;
        const next = tidy(raw, range.step);
        setHeld(next);
        limiter.push(next);
      }}
      onCommit={() => {
        limiter.flush();
        session.undo.stopCapturing();
        dragging.current = false;
        setHeld(null);
      }}
    />
  );
}
