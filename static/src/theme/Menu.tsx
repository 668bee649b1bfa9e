/** Menus from plain data: items, separators, radio groups. */
import { Menu as Base } from "@base-ui/react/menu";
import type { ReactElement } from "react";
import { Key } from "./Button";
import { cx } from "./classes";
import { Icon } from "./Icon";
import s from "./overlay.module.css";

export type MenuEntry =
  | { id: string; label: string; icon?: string; shortcut?: string; hint?: string; checked?: boolean; danger?: boolean; reason?: string; run: () => void }
  | { separator: true }
  | { heading: string };

export interface MenuProps {
  trigger: ReactElement;
  items: MenuEntry[];
  align?: "start" | "center" | "end";
  side?: "top" | "right" | "bottom" | "left";
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
}

function Entry({ entry }: { entry: MenuEntry }) {
  if ("separator" in entry) return <Base.Separator className={s.separator} />;
  if ("heading" in entry) return <div className={s.groupLabel} role="presentation">{entry.heading}</div>;
  const role = entry.checked === undefined ? undefined : "menuitemradio";
  return (
    <Base.Item
      className={cx(s.item, entry.danger && s.destructive)}
      disabled={Boolean(entry.reason)}
      onClick={entry.run}
      {...(role ? { role, "aria-checked": entry.checked } : {})}
    >
      {entry.checked !== undefined && <span className={s.tick}>{entry.checked && <Icon name="check" />}</span>}
      {entry.icon && <Icon name={entry.icon} />}
      <span className={s.itemText}>{entry.label}</span>
      {(entry.reason ?? entry.hint) && <span className={s.hint}>{entry.reason ?? entry.hint}</span>}
      {entry.shortcut && <Key>{entry.shortcut}</Key>}
    </Base.Item>
  );
}

export function Menu({ trigger, items, align = "start", side = "bottom", open, onOpenChange }: MenuProps) {
  return (
    <Base.Root open={open} onOpenChange={onOpenChange} modal={false}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner className={s.layer} align={align} side={side} sideOffset={4} collisionPadding={8}>
          <Base.Popup className={s.popup}>
            {items.map((entry, i) => <Entry key={"id" in entry ? entry.id : i} entry={entry} />)}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
