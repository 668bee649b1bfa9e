/** The shortcut table, searchable, read from the actions themselves. */
import { useRef, useState, type RefObject } from "react";
import { actions } from "../actions/registry";
import { shortcutLabel } from "../actions/shortcuts";
import type { Action } from "../actions/action";
import { useUiPart } from "../app/hooks";
import { session } from "../app/session";
import { Dialog, Icon, Key, TextField } from "../theme";
import { search } from "./fuzzy";
import s from "./panels.module.css";
import k from "./shortcuts.module.css";

const GROUPS: Action["group"][] = ["Add", "Edit", "Run", "View", "Canvas", "Help"];

function Keys({ shortcut }: { shortcut: string }) {
  return (
    <span className={k.keys}>
      {shortcut.split(" or ").map((one, i) => (
        <span key={one} className={k.keys}>{i > 0 && <span className={s.hint}>or</span>}<Key>{shortcutLabel(one)}</Key></span>
      ))}
    </span>
  );
}

function Body({ field }: { field: RefObject<HTMLInputElement | null> }) {
  const [query, setQuery] = useState("");
  const withKeys = actions.filter((a) => a.shortcut);
  const shown = new Set(search(query, withKeys, (a) => `${a.label} ${a.shortcut}`).map((found) => found.item));
  return (
    <>
      <TextField ref={field} aria-label="Find a shortcut" placeholder="Find a shortcut" prefix={<Icon name="search" size={14} />} value={query} onChange={setQuery} />
      {/* A part that scrolls must be reachable by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className={k.shortcuts} role="region" aria-label="Shortcuts" tabIndex={0}>
        {GROUPS.map((group) => {
          const own = withKeys.filter((a) => a.group === group && shown.has(a));
          return own.length > 0 && (
            <section key={group} aria-label={group}>
              <h3>{group}</h3>
              <ul>
                {own.map((a) => <li key={a.id} className={k.shortcut}><span>{a.label}</span><Keys shortcut={a.shortcut ?? ""} /></li>)}
              </ul>
            </section>
          );
        })}
        {!shown.size && <p className={s.none} role="status">No shortcut of that name</p>}
      </div>
    </>
  );
}

export function Shortcuts() {
  const open = useUiPart((ui) => ui.shortcutsOpen);
  const field = useRef<HTMLInputElement>(null);
  return (
    <Dialog open={open} onClose={() => session.ui.set({ shortcutsOpen: false })} title="Keyboard shortcuts" width={520} initialFocus={field}>
      <Body field={field} />
    </Dialog>
  );
}
