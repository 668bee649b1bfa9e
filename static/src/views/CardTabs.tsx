/** Tabs inside a card: one is shown; arrow keys go from one to the next. */
import type { KeyboardEvent } from "react";
import s from "./tabbed.module.css";

interface CardTabsProps {
  label: string;
  tabs: readonly (readonly [id: string, words: string])[];
  value: string;
  onChange: (id: string) => void;
  /** Whether this person may change what is shown: where the choice is everybody's, viewers may not. */
  free?: boolean;
}

export function CardTabs({ label, tabs, value, onChange, free = true }: CardTabsProps) {
  const step = (event: KeyboardEvent<HTMLDivElement>) => {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (!by || !free) return;
    event.preventDefault();
    event.stopPropagation();
    const next = (tabs.findIndex(([id]) => id === value) + by + tabs.length) % tabs.length;
    onChange(tabs[next]![0]);
    (event.currentTarget.children[next] as HTMLElement | undefined)?.focus();
  };
  return (
    // The keys are those of the tabs inside, which hold the focus.
    // eslint-disable-next-line jsx-a11y/interactive-supports-focus
    <div className={`${s.tabs} nodrag`} role="tablist" aria-label={label} onKeyDown={step}>
      {tabs.map(([id, words]) => (
        <button key={id} type="button" role="tab" className={s.tab} aria-selected={id === value} tabIndex={id === value ? 0 : -1} disabled={!free && id !== value} onClick={() => onChange(id)}>{words}</button>
      ))}
    </div>
  );
}
