/** A small non-modal panel anchored to its trigger. */
import { Popover as Base } from "@base-ui/react/popover";
import type { ReactElement, ReactNode } from "react";
import s from "./overlay.module.css";

export interface PopoverProps {
  trigger: ReactElement;
  label: string;
  align?: "start" | "center" | "end";
  children: ReactNode;
}

export function Popover({ trigger, label, align = "start", children }: PopoverProps) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner className={s.layer} align={align} sideOffset={4} collisionPadding={8}>
          <Base.Popup className={s.popup} aria-label={label}>{children}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
