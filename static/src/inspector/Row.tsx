/** One line of the form: a 72 px label, its field, and the error that belongs to it. */
import { useId, type ReactNode } from "react";
import { Tooltip } from "../theme";
import s from "./inspector.module.css";

export interface RowProps {
  name: string;
  label: string;
  help?: string;
  error?: string;
  children: (id: string) => ReactNode;
}

export function Row({ name, label, help, error, children }: RowProps) {
  const id = useId();
  return (
    <div className={s.row} data-field={name} data-label={label}>
      <Tooltip content={help} side="left"><label htmlFor={id} className={s.label}>{label}</label></Tooltip>
      <div className={s.control}>
        {children(id)}
        {error && <span className={s.error} role="alert">{error}</span>}
      </div>
    </div>
  );
}
