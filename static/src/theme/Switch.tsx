/** An on/off switch. */
import { Switch as Base } from "@base-ui/react/switch";
import s from "./controls.module.css";

export interface SwitchProps {
  checked: boolean;
  onChange: (checked: boolean) => void;
  label?: string;
  id?: string;
  disabled?: boolean;
}

export function Switch({ checked, onChange, label, id, disabled }: SwitchProps) {
  return (
    <Base.Root id={id} aria-label={label} checked={checked} onCheckedChange={onChange} disabled={disabled} className={s.switch}>
      <span className={s.track}><Base.Thumb className={s.thumb} /></span>
    </Base.Root>
  );
}
