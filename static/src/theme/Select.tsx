/** One choice from a short list. */
import { Select as Base } from "@base-ui/react/select";
import type { ReactNode } from "react";
import { cx } from "./classes";
import s from "./controls.module.css";
import { Icon } from "./Icon";
import o from "./overlay.module.css";

export interface Choice<T> {
  value: T;
  label: string;
  hint?: string;
  glyph?: ReactNode;
}

export interface SelectProps<T> {
  value: T | null;
  choices: readonly Choice<T>[];
  onChange: (value: T) => void;
  label?: string;
  id?: string;
  placeholder?: string;
  disabled?: boolean;
  invalid?: boolean;
  mono?: boolean;
  className?: string;
}

export function Select<T>({ value, choices, onChange, label, id, placeholder = "Choose", disabled, invalid, mono, className }: SelectProps<T>) {
  const chosen = choices.find((c) => c.value === value);
  return (
    <Base.Root<T> value={value} onValueChange={(next) => next !== null && onChange(next as T)} disabled={disabled} modal={false}>
      <Base.Trigger id={id} aria-label={label} aria-invalid={invalid || undefined} className={cx(s.field, mono && s.mono, invalid && s.invalid, className)}>
        {chosen?.glyph}
        <span className={cx(s.grow, !chosen && s.placeholder)} title={chosen?.label}>{chosen?.label ?? placeholder}</span>
        <Icon name="chevron-down" size={14} />
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner className={o.layer} sideOffset={4} alignItemWithTrigger={false} collisionPadding={8}>
          <Base.Popup className={o.popup}>
            {choices.map((c) => (
              <Base.Item key={String(c.value)} value={c.value} className={cx(o.item, mono && s.mono)}>
                {c.glyph}
                <Base.ItemText className={o.itemText}>{c.label}</Base.ItemText>
                {c.hint && <span className={o.hint}>{c.hint}</span>}
                <Base.ItemIndicator><Icon name="check" /></Base.ItemIndicator>
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
