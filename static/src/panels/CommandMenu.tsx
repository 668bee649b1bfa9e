/** The command menu: one field, groups of what can be done, arrows and Enter. */
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { useUiPart } from "../app/hooks";
import { session } from "../app/session";
import type { CommandMenuState } from "../app/ui";
import { Dialog, Icon, Key } from "../theme";
import { findCommands, type Found } from "./commands";
import c from "./command.module.css";
import s from "./panels.module.css";

function Marked({ text, at }: { text: string; at: readonly number[] }) {
  const bold = new Set(at);
  return [...text].map((letter, i) => (bold.has(i) ? <b key={i}>{letter}</b> : letter));
}

function Option({ found, id, active, onPoint }: { found: Found; id: string; active: boolean; onPoint: () => void }) {
  const { command, at } = found;
  return (
    // The field keeps the focus; keys are handled there, as the combobox pattern wants.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events
    <div id={id} role="option" aria-selected={active} tabIndex={-1} onPointerMove={onPoint} onClick={command.run}>
      <Icon name={command.icon} />
      <span className={s.grow}>
        <Marked text={command.label} at={at} />
        {command.of && <> {command.group === "Add" ? "of " : ""}<span className={s.mono}>{command.of}</span></>}
      </span>
      {command.hint && <span className={s.hint}>{command.hint}</span>}
      {command.shortcut && <Key>{command.shortcut}</Key>}
    </div>
  );
}

function Body({ state }: { state: CommandMenuState }) {
  const id = useId();
  const [query, setQuery] = useState(state.query ?? "");
  const [active, setActive] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const groups = useMemo(() => findCommands(query, state), [query, state]);
  const flat = groups.flatMap((g) => g.found);
  useEffect(() => { list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" }); }, [active, query]);

  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) {
      event.preventDefault();
      setActive((now) => (now + by + flat.length) % Math.max(1, flat.length));
    } else if (event.key === "Enter" && !event.nativeEvent.isComposing) {
      event.preventDefault();
      flat[active]?.command.run();
    }
  };
  const starts = groups.map((_, i) => groups.slice(0, i).reduce((n, g) => n + g.found.length, 0));
  return (
    <div className={c.command}>
      <div className={c.commandHead}>
        <Icon name="search" />
        <input
          role="combobox" aria-expanded aria-controls={`${id}-list`} aria-activedescendant={flat[active] ? `${id}-${active}` : undefined} aria-autocomplete="list"
          aria-label="Find a cell or command" placeholder={state.from ? "Add a cell that takes this table" : "Add a cell, go to, run"} value={query} spellCheck={false}
          onChange={(e) => { setQuery(e.target.value); setActive(0); }} onKeyDown={onKeyDown}
        />
        <Key>esc</Key>
      </div>
      <div ref={list} id={`${id}-list`} role="listbox" aria-label="Commands" className={c.commandList} tabIndex={-1}>
        {groups.map(({ group, found }, g) => (
          <div key={group} role="group" aria-label={group}>
            <div className={c.commandGroup} aria-hidden>{group}</div>
            {found.map((each, i) => {
              const here = (starts[g] ?? 0) + i;
              return <Option key={each.command.id} found={each} id={`${id}-${here}`} active={here === active} onPoint={() => setActive(here)} />;
            })}
          </div>
        ))}
      </div>
      {!flat.length && <p className={s.none} role="status">Nothing of that name. Try a kind of cell, a title or “run”.</p>}
    </div>
  );
}

export function CommandMenu() {
  const state = useUiPart((ui) => ui.commandMenu);
  return (
    <Dialog open={state.open} onClose={() => session.ui.closeCommandMenu()} title="Commands" bare width={560}>
      <Body state={state} />
    </Dialog>
  );
}
