/** Tabs with one underline; panels mount when chosen. */
import { Tabs as Base } from "@base-ui/react/tabs";
import type { ReactNode } from "react";
import s from "./controls.module.css";

export interface Tab {
  id: string;
  label: string;
  content: ReactNode;
}

export function Tabs({ tabs, value, onChange, className }: { tabs: Tab[]; value: string; onChange: (id: string) => void; className?: string }) {
  return (
    <Base.Root value={value} onValueChange={(id) => onChange(String(id))} className={className}>
      <Base.List className={s.tabs}>
        {tabs.map((t) => <Base.Tab key={t.id} value={t.id} className={s.tab}>{t.label}</Base.Tab>)}
      </Base.List>
      {tabs.map((t) => <Base.Panel key={t.id} value={t.id}>{t.content}</Base.Panel>)}
    </Base.Root>
  );
}
