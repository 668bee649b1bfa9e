/** A control is its own card: the widget that sets a value other cells take. */
import { useEffect, useMemo, useRef, useState } from "react";
import { useCanEdit, useCellRecord } from "../app/hooks";
import { session } from "../app/session";
import { Select, Slider, TextField, Tooltip } from "../theme";
import s from "./control.module.css";
import { Limiter } from "./limiter";
import type { ViewProps } from "./view";

interface ControlData {
  type: "control";
  control: "slider" | "select" | "dates" | "text";
  low?: number | string | null;
  high?: number | string | null;
  step?: number | null;
  whole?: boolean;
  options?: (string | number | boolean)[];
}

interface WidgetProps {
  cell: string;
  view: ControlData;
  label: string;
  params: Record<string, unknown>;
  disabled: boolean;
}

function put(cell: string, name: "value" | "until", value: unknown): void {
  session.undo.stopCapturing();
  session.edits.setParam(cell, name, value);
  session.undo.stopCapturing();
}

function stepOf(low: number, high: number, view: ControlData): number {
  if (view.step) return view.step;
  const rough = 10 ** Math.floor(Math.log10((high - low) / 100 || 1));
  return view.whole ? Math.max(1, rough) : rough;
}

function SliderWidget({ cell, view, label, params, disabled }: WidgetProps) {
  const [low, high] = [Number(view.low ?? 0), Number(view.high ?? 0)];
  const step = stepOf(low, high, view);
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  const [held, setHeld] = useState<number | null>(null);
  const dragging = useRef(false);
  // The undo manager joins edits that follow within half a second; cutting before and after makes a drag one step.
  const limiter = useMemo(() => new Limiter<number>((next) => session.edits.setParam(cell, "value", next)), [cell]);
  useEffect(() => () => limiter.flush(), [limiter]);
  const value = held ?? (typeof params.value === "number" ? params.value : low);
  if (!(high > low)) return <p className={s.quiet}>All values are the same.</p>;
  return (
    <>
      <output className={s.number}>{value.toLocaleString(undefined, { maximumFractionDigits: digits })}</output>
      <Slider
        value={value} min={low} max={high} step={step} label={label} disabled={disabled}
        onChange={(raw) => {
          if (!dragging.current) session.undo.stopCapturing();
          dragging.current = true;
          const next = Number(raw.toFixed(Math.min(12, digits)));
          setHeld(next);
          limiter.push(next);
        }}
        onCommit={() => { limiter.flush(); session.undo.stopCapturing(); dragging.current = false; setHeld(null); }}
      />
      <div className={s.ends}><span>{low.toLocaleString()}</span><span>{high.toLocaleString()}</span></div>
    </>
  );
}

function SelectWidget({ cell, view, label, params, disabled }: WidgetProps) {
  const choices = (view.options ?? []).map((value) => ({ value, label: String(value) }));
  const chosen = choices.find((c) => c.value === params.value || c.label === String(params.value ?? "")) ?? (params.column ? undefined : choices[0]);
  return <Select label={label} value={chosen?.value ?? null} choices={choices} disabled={disabled} onChange={(value) => put(cell, "value", value)} />;
}

const day = (value: unknown) => (typeof value === "string" ? value.slice(0, 10) : "");

function DatesWidget({ cell, view, label, params, disabled }: WidgetProps) {
  const field = (name: "value" | "until", words: string, fallback: unknown) => (
    <label className={s.end}>
      {words}
      <input
        type="date" className={s.date} aria-label={`${label} ${words.toLowerCase()}`} disabled={disabled} value={day(params[name]) || day(fallback)} min={day(view.low)} max={day(view.high)}
        onChange={(e) => put(cell, name, e.target.value || null)}
      />
    </label>
  );
  return <div className={s.dates}>{field("value", "From", view.low)}{field("until", "To", view.high)}</div>;
}

function TextWidget({ cell, label, params, disabled }: WidgetProps) {
  return <TextField aria-label={label} lazy placeholder="Type and press Enter" value={String(params.value ?? "")} disabled={disabled} onChange={(text) => put(cell, "value", text || null)} />;
}

const WIDGETS = { slider: SliderWidget, select: SelectWidget, dates: DatesWidget, text: TextWidget };

export default function ControlView({ cell, view }: ViewProps<ControlData>) {
  const record = useCellRecord(cell);
  const canEdit = useCanEdit();
  const Widget = WIDGETS[view.control] ?? TextWidget;
  if (!record) return null;
  const widget = <div className={`${s.control} nodrag nopan`}><Widget cell={cell} view={view} label={record.title || "Value"} params={record.params} disabled={!canEdit} /></div>;
  return canEdit ? widget : <Tooltip content="Only people who can edit may set it">{widget}</Tooltip>;
}
