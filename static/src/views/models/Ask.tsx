/** One column of a made-up row: a slider for a number, a list for words, a switch for yes and no. */
import { useEffect, useMemo, useRef, useState } from "react";
import { session } from "../../app/session";
import { Select, Slider, Switch, TextField } from "../../theme";
import s from "./models.module.css";

export interface Field {
  name: string;
  role: "number" | "boolean" | "category" | "date" | "text";
  usual: unknown;
  whole: boolean;
  missing: boolean;
  low?: number | string;
  high?: number | string;
  levels?: string[];
}

export type Values = Record<string, unknown>;

interface AskProps {
  field: Field;
  value: unknown;
  disabled: boolean;
  onChange: (value: unknown) => void;
}

/** At most one call in `ms`, the last one always made. */
function useCalm(call: (value: number) => void, ms: number): (value: number) => void {
  const latest = useRef(call);
  useEffect(() => { latest.current = call; });
  const state = useMemo(() => ({ timer: 0, next: null as number | null }), []);
  useEffect(() => () => { if (state.next !== null) latest.current(state.next); clearTimeout(state.timer); }, [state]);
  return (value) => {
    state.next = value;
    if (state.timer) return;
    const fire = () => {
      state.timer = 0;
      if (state.next === null) return;
      latest.current(state.next);
      state.next = null;
      state.timer = window.setTimeout(fire, ms);
    };
    fire();
  };
}

function NumberAsk({ field, value, disabled, onChange }: AskProps) {
  const [held, setHeld] = useState<number | null>(null);
  const [low, high] = [Number(field.low ?? 0), Number(field.high ?? 1)];
  const wide = high - low || 1;
  const step = field.whole ? 1 : 10 ** Math.floor(Math.log10(wide / 100));
  const calm = useCalm(onChange, 120);
  const shown = held ?? Number(value ?? field.usual ?? low);
  const words = shown.toLocaleString(undefined, { maximumSignificantDigits: 5 });
  return (
    <>
      <span className={s.given}>{value === null && held === null ? "missing" : words}</span>
      {/* A fifth more on each side, so that one can go outside the training data and be told so. */}
      <Slider
        label={field.name} value={shown} disabled={disabled} step={step}
        min={field.whole ? Math.floor(low - wide / 5) : low - wide / 5} max={field.whole ? Math.ceil(high + wide / 5) : high + wide / 5}
        onChange={(raw) => { const next = Number(raw.toPrecision(8)); setHeld(next); calm(next); }}
        onCommit={(raw) => { onChange(Number(raw.toPrecision(8))); setHeld(null); }}
      />
    </>
  );
}

export function Ask(props: AskProps) {
  const { field, value, disabled, onChange } = props;
  return (
    <div className={`${s.ask} nodrag`}>
      <span className={s.asked} title={field.name}>{field.name}</span>
      {field.role === "number" && <NumberAsk {...props} />}
      {field.role === "boolean" && <><span className={s.given}>{value ? "yes" : "no"}</span><Switch label={field.name} checked={Boolean(value)} disabled={disabled} onChange={(on) => onChange(on ? 1 : 0)} /></>}
      {field.role === "category" && <><span /><Select label={field.name} mono value={String(value ?? "")} disabled={disabled} choices={choices(field, value)} onChange={(next) => onChange(next === "" ? null : next)} /></>}
      {(field.role === "date" || field.role === "text") && (
        <><span /><TextField aria-label={field.name} value={String(value ?? "")} disabled={disabled} onChange={(next) => onChange(next || null)} /></>
      )}
    </div>
  );
}

function choices(field: Field, value: unknown) {
  const levels = field.levels ?? [];
  const all = [...levels, ...(typeof value === "string" && !levels.includes(value) ? [value] : [])].map((level) => ({ value: level, label: level }));
  return field.missing ? [...all, { value: "", label: "missing" }] : all;
}

/** Changes one value of the row; the others stay as they are set now. */
export function put(cell: string, values: Values, name: string, value: unknown): void {
  session.edits.setParam(cell, "values", { ...values, [name]: value });
}
