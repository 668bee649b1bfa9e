/** A modal dialog: focus is trapped, Esc closes, focus returns to where it came from. */
import { Dialog as Base } from "@base-ui/react/dialog";
import type { CSSProperties, ReactNode, RefObject } from "react";
import { cx } from "./classes";
import c from "./controls.module.css";
import { Icon } from "./Icon";
import s from "./overlay.module.css";

export interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  /** Keeps the title for screen readers only, and drops padding and close button. */
  bare?: boolean;
  width?: number;
  initialFocus?: RefObject<HTMLElement | null>;
  finalFocus?: RefObject<HTMLElement | null>;
  children: ReactNode;
}

export function Dialog({ open, onClose, title, bare, width = 472, initialFocus, finalFocus, children }: DialogProps) {
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={s.backdrop} />
        <Base.Viewport className={s.viewport}>
          <Base.Popup
            className={cx(s.dialog, bare && s.bare)}
            style={{ "--dialog-width": `${width}px` } as CSSProperties}
            initialFocus={initialFocus}
            finalFocus={finalFocus}
          >
            {bare ? (
              <Base.Title className="visually-hidden">{title}</Base.Title>
            ) : (
              <div className={s.dialogHead}>
                <Base.Title className={s.dialogTitle}>{title}</Base.Title>
                {/* Without a tooltip, which would take the first Escape for itself. */}
                <Base.Close aria-label="Close" className={c.iconButton}><Icon name="x" /></Base.Close>
              </div>
            )}
            {children}
          </Base.Popup>
        </Base.Viewport>
      </Base.Portal>
    </Base.Root>
  );
}

export function DialogActions({ children }: { children: ReactNode }) {
  return <div className={s.actions}>{children}</div>;
}
