/** Text and number fields that report a value when it is meant: on Enter, on blur, or as typed. */
import { forwardRef, useEffect, useState, type InputHTMLAttributes, type ReactNode } from "react";
import { cx } from "./classes";
import s from "./controls.module.css";

type Native = Omit<InputHTMLAttributes<HTMLInputElement>, "value" | "onChange" | "prefix">;

export interface TextFieldProps extends Native {
  value: string;
  onChange: (value: string) => void;
  /** Report only on Enter and blur; Esc puts the old value back. */
  lazy?: boolean;
  invalid?: boolean;
  mono?: boolean;
  prefix?: ReactNode;
  suffix?: ReactNode;
  multiline?: boolean;
}

/** The text being typed; follows the outside value whenever that changes. */
function useDraft(value: string) {
  const [draft, setDraft] = useState(value);
  const [seen, setSeen] = useState(value);
  if (seen !== value) {
    setSeen(value);
    setDraft(value);
  }
  return [draft, setDraft] as const;
}

export const TextField = forwardRef<HTMLInputElement, TextFieldProps>(function TextField(
  { value, onChange, lazy, invalid, mono, prefix, suffix, className, onKeyDown, onBlur, multiline, ...props }, ref,
) {
  const [draft, setDraft] = useDraft(value);
  const commit = () => { if (lazy && draft !== value) onChange(draft); };
  const shared = {
    value: draft,
    "aria-invalid": invalid || undefined,
    onKeyDown: (e: React.KeyboardEvent<HTMLInputElement>) => {
      if (e.key === "Enter" && !(multiline && e.shiftKey)) { if (multiline) e.preventDefault(); commit(); }
      if (e.key === "Escape" && draft !== value) { e.stopPropagation(); setDraft(value); }
      onKeyDown?.(e);
    },
    onBlur: (e: React.FocusEvent<HTMLInputElement>) => { commit(); onBlur?.(e); },
    onChange: (e: React.ChangeEvent<HTMLInputElement>) => { setDraft(e.target.value); if (!lazy) onChange(e.target.value); },
  };
  return (
    <div className={cx(s.field, mono && s.mono, invalid && s.invalid, className)} data-disabled={props.disabled || undefined}>
      {prefix !== undefined && <span className={s.prefix}>{prefix}</span>}
      {multiline
        ? <textarea rows={3} {...(props as object)} {...(shared as object)} className={mono ? s.mono : undefined} />
        : <input ref={ref} type="text" autoComplete="off" {...props} {...shared} className={mono ? s.mono : undefined} />}
      {suffix !== undefined && <span className={s.suffix}>{suffix}</span>}
    </div>
  );
});

export interface NumberFieldProps extends Omit<Native, "type" | "min" | "max" | "step"> {
  value: number | null;
  onChange: (value: number | null) => void;
  min?: number;
  max?: number;
  step?: number;
  integer?: boolean;
  invalid?: boolean;
  prefix?: ReactNode;
  suffix?: ReactNode;
}

/** A number as typed, or null when the text is blank; undefined when it is not a number. */
export function parseNumber(text: string, integer = false): number | null | undefined {
  const plain = text.replace(/[\s\u00a0\u202f_]/g, "").replace(/,(?=\d{3}(\D|$))/g, "").replace("−", "-").replace(/^(-?\d+),(\d+)$/, "$1.$2");
  if (plain === "") return null;
  const number = Number(plain);
  if (!Number.isFinite(number)) return undefined;
  return integer ? Math.round(number) : number;
}

export function NumberField({ value, onChange, min = -Infinity, max = Infinity, step = 1, integer, invalid, prefix, suffix, onKeyDown, onBlur, ...props }: NumberFieldProps) {
  const shown = value === null ? "" : String(value);
  const [draft, setDraft] = useDraft(shown);
  const [wrong, setWrong] = useState(false);
  useEffect(() => setWrong(false), [shown]);
  const commit = (text: string) => {
    const next = parseNumber(text, integer);
    setWrong(next === undefined);
    if (next === undefined) return;
    const kept = next === null ? null : Math.min(max, Math.max(min, next));
    if (kept !== value) onChange(kept);
    else setDraft(shown);
  };
  const nudge = (by: number) => {
    const next = (parseNumber(draft, integer) ?? 0) + by;
    commit(String(Number(next.toPrecision(12))));
  };
  return (
    <div className={cx(s.field, (invalid || wrong) && s.invalid)} data-disabled={props.disabled || undefined}>
      {prefix !== undefined && <span className={s.prefix}>{prefix}</span>}
      <input
        type="text" inputMode="decimal" autoComplete="off" {...props} value={draft} aria-invalid={invalid || wrong || undefined}
        onChange={(e) => setDraft(e.target.value)}
        onBlur={(e) => { commit(draft); onBlur?.(e); }}
        onKeyDown={(e) => {
          if (e.key === "Enter") commit(draft);
          if (e.key === "Escape" && draft !== shown) { e.stopPropagation(); setDraft(shown); setWrong(false); }
          const jump = step * (e.shiftKey ? 10 : 1);
          if (e.key === "ArrowUp") { e.preventDefault(); nudge(jump); }
          if (e.key === "ArrowDown") { e.preventDefault(); nudge(-jump); }
          onKeyDown?.(e);
        }}
      />
      {suffix !== undefined && <span className={s.suffix}>{suffix}</span>}
    </div>
  );
}
