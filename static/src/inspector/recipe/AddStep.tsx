/** The menu that adds a step: searchable, in groups. */
import { Combobox as Base } from "@base-ui/react/combobox";
import { useMemo } from "react";
import { Icon } from "../../theme";
import controls from "../../theme/controls.module.css";
import o from "../../theme/overlay.module.css";
import type { StepKind } from "./steps";

interface Group {
  value: string;
  items: StepKind[];
}

function grouped(kinds: readonly StepKind[]): Group[] {
  const out = new Map<string, StepKind[]>();
  for (const kind of kinds) out.set(kind.group, [...(out.get(kind.group) ?? []), kind]);
  return [...out].map(([value, items]) => ({ value, items }));
}

export function AddStep({ kinds, onAdd }: { kinds: readonly StepKind[]; onAdd: (kind: StepKind) => void }) {
  const groups = useMemo(() => grouped(kinds), [kinds]);
  return (
    <Base.Root<StepKind> items={groups} value={null} itemToStringLabel={(k) => k.title} onValueChange={(k) => { if (k) onAdd(k); }} autoHighlight>
      <Base.Trigger className={`${controls.button} ${controls.outline}`} aria-label="Add a step">
        <Icon name="plus" /> Add a step
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner className={o.layer} sideOffset={4} collisionPadding={8} align="start">
          <Base.Popup className={o.popup} aria-label="Steps to add">
            <div className={o.searchBox}>
              <Icon name="search" size={14} />
              <Base.Input placeholder="Find a step" aria-label="Find a step" />
            </div>
            <Base.Empty className={o.empty}>No step of that name</Base.Empty>
            <Base.List aria-label="Steps to add">
              {(group: Group) => (
                <Base.Group key={group.value} items={group.items}>
                  <Base.GroupLabel className={o.groupLabel}>{group.value}</Base.GroupLabel>
                  <Base.Collection>
                    {(kind: StepKind) => (
                      <Base.Item key={kind.do} value={kind} className={o.item}>
                        <Icon name={kind.icon} />
                        <span className={o.itemText} title={kind.help}>{kind.title}</span>
                      </Base.Item>
                    )}
                  </Base.Collection>
                </Base.Group>
              )}
            </Base.List>
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
