/** A slider with one grip; reports while dragging and once at the end. */
import { Slider as Base } from "@base-ui/react/slider";
import s from "./controls.module.css";

export interface SliderProps {
  value: number;
  min: number;
  max: number;
  step: number;
  label: string;
  disabled?: boolean;
  onChange: (value: number) => void;
  onCommit?: (value: number) => void;
}

export function Slider({ value, min, max, step, label, disabled, onChange, onCommit }: SliderProps) {
  return (
    <Base.Root
      value={Math.min(max, Math.max(min, value))} min={min} max={max} step={step} disabled={disabled}
      onValueChange={(v) => onChange(v as number)} onValueCommitted={(v) => onCommit?.(v as number)}
    >
      <Base.Control className={s.slider}>
        <Base.Track className={s.rail}>
          <Base.Indicator className={s.fill} />
          <Base.Thumb className={s.grip} aria-label={label} />
        </Base.Track>
      </Base.Control>
    </Base.Root>
  );
}
