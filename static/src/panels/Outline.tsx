/** The outline: every cell in lineage order with its state in words; the whole canvas for keyboard and screen reader. */
import { useMemo, useRef, type KeyboardEvent } from "react";
import { useCellIds, useCellRecord, useCellResult, useEdges, useSelection, useUiPart } from "../app/hooks";
import { session } from "../app/session";
import { viewport } from "../canvas/viewport";
import { lookOf } from "../canvas/words";
import { Icon, IconButton } from "../theme";
import { lineageTree, type Leaf } from "./lineage";
import o from "./outline.module.css";
import s from "./panels.module.css";

const INDENT = 16;

function show(id: string, focus = false) {
  session.ui.select([id]);
  viewport()?.reveal(id, focus);
}

function Item({ leaf, selected, tabbed }: { leaf: Leaf; selected: boolean; tabbed: boolean }) {
  const record = useCellRecord(leaf.id);
  const look = lookOf(useCellResult(leaf.id));
  if (!record) return null;
  const kind = session.kinds[record.kind];
  return (
    // Keys are handled by the tree, which holds all its items.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events
    <div
      role="treeitem" aria-level={leaf.level} aria-posinset={leaf.place} aria-setsize={leaf.of} aria-selected={selected} tabIndex={tabbed ? 0 : -1} data-id={leaf.id}
      className={o.treeItem} style={{ paddingLeft: 8 + (leaf.level - 1) * INDENT }} onClick={() => show(leaf.id)} onFocus={() => { if (!selected) show(leaf.id); }}
    >
      <Icon name={kind?.icon ?? "box"} />
      <span className={s.grow}>{record.title || kind?.title}</span>
      <span className={s.hint}>{look.words}</span>
    </div>
  );
}

export function Outline() {
  const open = useUiPart((ui) => ui.outlineOpen);
  return open ? <Panel /> : null;
}

function Panel() {
  const ids = useCellIds();
  const edges = useEdges();
  const selection = useSelection();
  const tree = useRef<HTMLDivElement>(null);
  const leaves = useMemo(() => lineageTree(byPlace(ids), edges), [ids, edges]);
  const current = leaves.find((l) => selection.has(l.id))?.id ?? leaves[0]?.id;

  const onKeyDown = (event: KeyboardEvent) => {
    const at = leaves.findIndex((l) => l.id === (document.activeElement as HTMLElement | null)?.dataset.id);
    const level = leaves[at]?.level ?? 1;
    const back = leaves.slice(0, Math.max(0, at)).reverse();
    const next: Record<string, number> = {
      ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: leaves.length - 1,
      ArrowLeft: at - 1 - back.findIndex((l) => l.level < level),
      ArrowRight: (leaves[at + 1]?.level ?? 0) > level ? at + 1 : at,
    };
    if (event.key === "Enter" && leaves[at]) show(leaves[at].id, true);
    else if (event.key === "Escape") session.ui.set({ outlineOpen: false });
    else {
      const target = leaves[next[event.key] ?? -1];
      if (!target) return;
      tree.current?.querySelector<HTMLElement>(`[data-id="${target.id}"]`)?.focus();
    }
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <section className={o.outline} aria-label="Outline" data-region="outline">
      <div className={o.outlineHead}>
        <h2 className={s.grow}>Outline</h2>
        <IconButton icon="x" label="Close the outline" shortcut="O" onClick={() => session.ui.set({ outlineOpen: false })} />
      </div>
      <div ref={tree} role="tree" aria-label="Cells" className={o.tree} tabIndex={-1} onKeyDown={onKeyDown}>
        {leaves.map((leaf) => <Item key={leaf.id} leaf={leaf} selected={selection.has(leaf.id)} tabbed={leaf.id === current} />)}
        {!leaves.length && <p className={s.none}>No cells yet. Press / to add one.</p>}
      </div>
    </section>
  );
}

/** Left to right, top to bottom, as one reads the desk. */
function byPlace(ids: readonly string[]): string[] {
  const at = (id: string) => session.doc.record(id)?.pos ?? [0, 0];
  return [...ids].sort((a, b) => at(a)[0] - at(b)[0] || at(a)[1] - at(b)[1]);
}
