/** One column of a made-up row: a slider for a number, a list for words, a switch for yes and no. */
import { useEffect, useMemo, useState } from "react";
import { session } from "../../app/session";
import { Select, Slider, Switch, TextField } from "../../theme";
import { Limiter } from "../limiter";
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
  cell: string;
  field: Field;
  value: unknown;
  disabled: boolean;
}

/** The row as it is set now, with one value changed: read when it is written, so that a slow drag undoes nobody's value. */
export function put(cell: string, name: string, value: unknown): void {
  const now = (session.doc.record(cell)?.params.values ?? {}) as Values;
  session.edits.setParam(cell, "values", { ...now, [name]: value });
}

function NumberAsk({ cell, field, value, disabled }: AskProps) {
  const [held, setHeld] = useState<number | null>(null);
  const [low, high] = [Number(field.low ?? 0), Number(field.high ?? 1)];
  const wide = high - low || 1;
  const step = field.whole ? 1 : 10 ** Math.floor(Math.log10(wide / 100));
  const limiter = useMemo(() => new Limiter<number>((next) => put(cell, field.name, next)), [cell, field.name]);
  useEffect(() => () => limiter.flush(), [limiter]);
  const shown = held ?? Number(value ?? field.usual ?? low);
  const words = shown.toLocaleString(undefined, { maximumSignificantDigits: 5 });
  return (
    <>
      <span className={s.given}>{value === null && held === null ? "missing" : words}</span>
      {/* A fifth more on each side, so that one can go outside the training data and be told so. */}
      <Slider
        label={field.name} value={shown} disabled={disabled} step={step}
        min={field.whole ? Math.floor(low - wide / 5) : low - wide / 5} max={field.whole ? Math.ceil(high + wide / 5) : high + wide / 5}
        onChange={(raw) => { const next = Number(raw.toPrecision(8)); setHeld(next); limiter.push(next); }}
        onCommit={(raw) => { limiter.push(Number(raw.toPrecision(8))); limiter.flush(); setHeld(null); }}
      />
    </>
  );
}

export function Ask(props: AskProps) {
  const { cell, field, value, disabled } = props;
  const onChange = (next: unknown) => put(cell, field.name, next);
  return (
    <div className={`${s.ask} nodrag`}>
      <span className={s.asked} title={field.name}>{field.name}</span>
      {field.role === "number" && <NumberAsk {...props} />}
      {field.role === "boolean" && <><span className={s.given}>{value ? "yes" : "no"}</span><Switch label={field.name} checked={Boolean(value)} disabled={disabled} onChange={(on) => onChange(on ? 1 : 0)} /></>}
      {field.role === "category" && <><span /><Select label={field.name} mono value={String(value ?? "")} disabled={disabled} choices={choices(field, value)} onChange={(next) => onChange(next === "" ? null : next)} /></>}
      {(field.role === "date" || field.role === "text") && (
        <><span /><TextField lazy aria-label={field.name} value={String(value ?? "")} disabled={disabled} onChange={(next) => onChange(next || null)} /></>
      )}
    </div>
  );
}

function choices(field: Field, value: unknown) {
  const levels = field.levels ?? [];
  const all = [...levels, ...(typeof value === "string" && !levels.includes(value) ? [value] : [])].map((level) => ({ value: level, label: level }));
  return field.missing ? [...all, { value: "", label: "missing" }] : all;
}
