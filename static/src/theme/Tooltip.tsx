/** A short text beside the element under the pointer or focus. */
import { Tooltip as Base } from "@base-ui/react/tooltip";
import type { ReactElement, ReactNode } from "react";
import s from "./overlay.module.css";

type Side = "top" | "right" | "bottom" | "left";

export function Tooltip({ content, children, side = "bottom" }: { content: ReactNode; children: ReactElement; side?: Side }) {
  if (!content) return children;
  return (
    <Base.Root>
      <Base.Trigger render={children} delay={400} />
      <Base.Portal>
        <Base.Positioner side={side} sideOffset={6} collisionPadding={8} className={s.layer}>
          <Base.Popup className={s.tooltip}>{content}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
