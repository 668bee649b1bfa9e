/** The palette: kinds in groups to click or drag, and the tables that this canvas has. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { useLayoutEffect, useRef, useState, type RefObject } from "react";
import { useCanEdit, useSelection, useTables, useUiPart } from "../app/hooks";
import { session } from "../app/session";
import { addKind } from "../canvas/add";
import { viewport } from "../canvas/viewport";
import { neededInputs } from "../document/ports";
import type { KindDeclaration } from "../schema.gen";
import { Icon, Key, Tooltip, cx } from "../theme";
import { count } from "../theme/format";
import l from "./palette.module.css";
import s from "./panels.module.css";
import { useGhost } from "./useGhost";

const GROUPS = ["Data", "Prepare", "Explore", "Model"] as const;

const TABLE_HEIGHT = 32;

const and = (words: string[]) => words.join(" and ") || "nothing";

/** What it does, takes and gives. */
export function kindWords(kind: KindDeclaration): string {
  const takes = neededInputs(kind).map(([, t]) => `a ${t}`);
  const gives = Object.values(kind.outputs).map((t) => `a ${t}`);
  return `${kind.help.split("\n")[0] ?? kind.title} Takes ${and(takes)}, gives ${and(gives)}.`;
}

function Kinds({ rail }: { rail: boolean }) {
  const canEdit = useCanEdit();
  const { ghost, onPointerDown, wasDragged } = useGhost(canEdit);
  const kinds = Object.values(session.kinds);
  return (
    <>
      {GROUPS.map((group) => {
        const own = kinds.filter((k) => k.group === group);
        if (!own.length) return null;
        return (
          <div key={group} className={l.group} role="group" aria-label={group}>
            {!rail && <h2>{group}</h2>}
            {own.map((k) => (
              <Tooltip key={k.name} side="right" content={canEdit ? kindWords(k) : "You can view this canvas, not change it"}>
                <button
                  type="button" className={l.kind} aria-label={rail ? k.title : undefined} aria-keyshortcuts={(canEdit && k.shortcut) || undefined} aria-disabled={!canEdit || undefined} onPointerDown={onPointerDown(k)}
                  onClick={() => { if (canEdit && !wasDragged()) addKind(k.name); }}
                >
                  <Icon name={k.icon} />
                  {!rail && <><span className={s.grow}>{k.title}</span>{canEdit && k.shortcut && <span aria-hidden><Key>{k.shortcut}</Key></span>}</>}
                </button>
              </Tooltip>
            ))}
          </div>
        );
      })}
      {ghost && <div className={l.ghost} style={{ left: ghost.x, top: ghost.y, width: ghost.w, height: ghost.h }}><span>{ghost.kind.title}</span></div>}
    </>
  );
}

/** Only the names on screen are drawn: a large canvas has hundreds of tables. */
function Tables({ scroller }: { scroller: RefObject<HTMLElement | null> }) {
  const tables = useTables();
  const selection = useSelection();
  const canEdit = useCanEdit();
  const list = useRef<HTMLDivElement>(null);
  const [above, setAbove] = useState(0);
  const none = tables.length === 0;
  // Editors have a search field above the list.
  useLayoutEffect(() => {
    if (list.current) setAbove(list.current.offsetTop);
  }, [none, canEdit]);
  // eslint-disable-next-line react-hooks/incompatible-library -- its functions are only called while drawing
  const down = useVirtualizer({
    count: tables.length, getScrollElement: () => scroller.current, estimateSize: () => TABLE_HEIGHT, scrollMargin: above, overscan: 3,
  });
  if (none) return null;
  return (
    <div className={l.tables} role="group" aria-label="Tables on this canvas">
      <h2>Tables on this canvas</h2>
      <div ref={list} className={l.list} role="list" style={{ height: down.getTotalSize() }}>
        {down.getVirtualItems().map(({ index, start }) => {
          const t = tables[index]!;
          const bad = t.state === "error";
          return (
            <div key={t.cell} role="listitem" aria-posinset={index + 1} aria-setsize={tables.length} className={l.item} style={{ top: start - above }}>
              <button type="button" className={l.table} title={t.name} onClick={() => { session.ui.select([t.cell]); viewport()?.reveal(t.cell, true); }}>
                <span className={cx(l.dot, selection.has(t.cell) && l.dotChosen, bad && l.dotBad)} aria-hidden />
                <span className={cx(s.grow, s.mono)}>{t.name}</span>
                <span className={s.hint}>{bad ? "error" : t.rows === null ? "" : count(t.rows, true)}</span>
              </button>
            </div>
          );
        })}
      </div>
    </div>
  );
}

export function Palette() {
  const open = useUiPart((ui) => ui.paletteOpen);
  const canEdit = useCanEdit();
  const scroller = useRef<HTMLElement>(null);
  return (
    <nav ref={scroller} className={cx(l.palette, !open && l.rail)} aria-label="Palette" data-region="palette" tabIndex={-1}>
      {canEdit && (open ? (
        <button type="button" className={l.search} onClick={() => session.ui.openCommandMenu()}>
          <Icon name="search" /><span className={s.grow}>Add a cell</span><Key>/</Key>
        </button>
      ) : (
        <Tooltip content="Add a cell, /" side="right">
          <button type="button" className={l.kind} aria-label="Add a cell" onClick={() => session.ui.openCommandMenu()}><Icon name="search" /></button>
        </Tooltip>
      ))}
      <Kinds rail={!open} />
      {open && <Tables scroller={scroller} />}
    </nav>
  );
}
