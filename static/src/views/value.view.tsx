/** One number or word, large. */
import s from "./body.module.css";
import type { ViewProps } from "./view";

export default function ValueView({ view }: ViewProps<{ type: "value"; value: unknown; unit?: string }>) {
  const { value, unit } = view;
  const shown = typeof value === "number" ? value.toLocaleString(undefined, { maximumSignificantDigits: Math.abs(value) < 1000 ? 3 : 12 }) : String(value ?? "–");
  return (
    <div className={s.value}>
      <strong>{shown}</strong>
      {unit && <span className={s.unit}>{unit}</span>}
    </div>
  );
}
