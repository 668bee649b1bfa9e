/** What the command menu offers: kinds to add, cells to go to, and every action that applies now. */
import { actionContext, actions, isEnabled } from "../actions/registry";
import { shortcutLabel } from "../actions/shortcuts";
import { session } from "../app/session";
import type { CommandMenuState } from "../app/ui";
import { addFromMenu } from "../canvas/add";
import { kindsTaking, outputType } from "../canvas/kinds";
import { viewport } from "../canvas/viewport";
import { lookOf } from "../canvas/words";
import { neededInputs } from "../document/ports";
import type { KindDeclaration } from "../schema.gen";
import { search } from "./fuzzy";

export interface Command {
  id: string;
  group: "Add" | "Go to" | "Run" | "Settings";
  label: string;
  /** A name in mono after the label ("of subs_clean"). */
  of?: string;
  icon: string;
  hint?: string;
  shortcut?: string;
  words?: string;
  run: () => void;
}

export interface Found {
  command: Command;
  at: number[];
}

const GROUPS: Command["group"][] = ["Add", "Go to", "Run", "Settings"];
const FEW = 8;

function firstSentence(help: string): string {
  return help.split("\n")[0] ?? "";
}

function adding(state: CommandMenuState): Command[] {
  if (!session.can("editor")) return [];
  const type = state.from && outputType(state.from.cell, state.from.port);
  const kinds: KindDeclaration[] = state.from ? (type ? kindsTaking(type) : []) : Object.values(session.kinds);
  const [chosen, ...more] = session.ui.get().selection;
  const source = session.doc.record(state.from?.cell ?? (more.length ? "" : chosen) ?? "");
  const gives = source ? Object.values(session.kinds[source.kind]?.outputs ?? {}) : [];
  return kinds.map((k) => {
    const takes = state.from ? Object.values(k.inputs) : neededInputs(k).map(([, type]) => type);
    const fits = source && takes.some((t) => gives.includes(t));
    return {
      id: `add:${k.name}`, group: "Add", label: k.title, icon: k.icon, of: fits ? source.name : undefined,
      hint: fits && !state.from ? "connects to selection" : undefined, words: `${k.title} ${k.name} ${firstSentence(k.help)}`,
      shortcut: k.shortcut, run: () => void addFromMenu(k.name),
    };
  });
}

function going(): Command[] {
  return session.doc.records().map((r) => ({
    id: `go:${r.id}`, group: "Go to", label: session.edits.label(r), of: r.name || undefined, icon: session.kinds[r.kind]?.icon ?? "box",
    hint: lookOf(session.results.get(r.id)).words, words: `${r.title} ${r.name}`,
    run: () => { session.ui.closeCommandMenu(); session.ui.select([r.id]); viewport()?.reveal(r.id, true); },
  }));
}

function acting(): Command[] {
  const context = actionContext();
  return actions.filter((a) => !a.hidden && a.group !== "Add" && isEnabled(a, context)).map((a) => ({
    id: a.id, group: a.group === "Run" ? "Run" : "Settings", label: a.label, icon: a.icon ?? "chevron-right", shortcut: a.shortcut && shortcutLabel(a.shortcut),
    run: () => { session.ui.closeCommandMenu(); a.run(actionContext()); },
  }));
}

/** Commands for what is typed, in groups; a link dropped on the desk offers only kinds that take it. */
export function findCommands(query: string, state: CommandMenuState): { group: string; found: Found[] }[] {
  const all = state.from ? adding(state) : [...adding(state), ...going(), ...acting()];
  const hits = search(query, all, (c) => c.label, (c) => c.words ?? "");
  return GROUPS.map((group) => {
    const found = hits.filter((h) => h.item.group === group).map(({ item, match }) => ({ command: item, at: match.at }));
    return { group, found: query || group === "Add" ? found : found.slice(0, FEW) };
  }).filter((g) => g.found.length > 0).sort((a, b) => best(b.group, hits) - best(a.group, hits));

  function best(group: string, list: typeof hits): number {
    if (!query) return -GROUPS.indexOf(group as Command["group"]);
    return Math.max(...list.filter((h) => h.item.group === group).map((h) => h.match.score));
  }
}
