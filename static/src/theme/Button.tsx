/** Text buttons and icon buttons; a disabled one keeps focus and says why. */
import { forwardRef, type ButtonHTMLAttributes, type ReactNode } from "react";
import { cx } from "./classes";
import s from "./controls.module.css";
import { Icon } from "./Icon";
import { Tooltip } from "./Tooltip";

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  variant?: "filled" | "outline" | "quiet" | "link" | "danger";
  icon?: string;
  /** Why it cannot be used now; shown as its tooltip. */
  reason?: string;
  small?: boolean;
}

/** A control that says why it is off stays focusable, so that a keyboard user can read the reason. */
function blocked(reason: string | undefined, props: ButtonHTMLAttributes<HTMLButtonElement>) {
  return reason ? { ...props, "aria-disabled": true, onClick: undefined } : props;
}

export const Button = forwardRef<HTMLButtonElement, ButtonProps>(function Button(
  { variant = "outline", icon, reason, small, className, children, ...props }, ref,
) {
  const button = (
    <button ref={ref} type="button" {...blocked(reason, props)} className={cx(s.button, s[variant], small && s.small, className)}>
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
  return reason ? <Tooltip content={reason}>{button}</Tooltip> : button;
});

export interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  icon: string;
  label: string;
  reason?: string;
  shortcut?: string;
  side?: "top" | "right" | "bottom" | "left";
  size?: number;
  pressed?: boolean;
}

export const IconButton = forwardRef<HTMLButtonElement, IconButtonProps>(function IconButton(
  { icon, label, reason, shortcut, side, size = 16, pressed, className, ...props }, ref,
) {
  const words: ReactNode = reason ?? (shortcut ? <>{label} <kbd className={s.key}>{shortcut}</kbd></> : label);
  return (
    <Tooltip content={words} side={side}>
      <button ref={ref} type="button" aria-label={label} aria-pressed={pressed} {...blocked(reason, props)} className={cx(s.iconButton, className)}>
        <Icon name={icon} size={size} />
      </button>
    </Tooltip>
  );
});

export function Key({ children }: { children: ReactNode }) {
  return <kbd className={s.key}>{children}</kbd>;
}
