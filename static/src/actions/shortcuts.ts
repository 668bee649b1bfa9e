/** From key presses to actions: one listener for the page, the same table for everyone. */
import { session } from "../app/session";
import type { Action } from "./action";
import { actionContext, actions, isEnabled } from "./registry";

const MAC = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? "");
const NAMES: Record<string, string> = { " ": "Space", Esc: "Escape", Del: "Delete", Add: "+", "=": "+", Subtract: "-", "−": "-" };
const ARROWS: Record<string, string> = { ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→" };

/** A key press in the words of the table: "Mod+Shift+Z". Shift is left out where it is what makes the character. */
export function pressed(event: KeyboardEvent): string {
  const key = NAMES[event.key] ?? (event.key.length === 1 ? event.key.toUpperCase() : event.key);
  const letter = /^[A-Z]$/.test(key) || key.length > 1 || /^[0-9]$/.test(key);
  const parts: string[] = [];
  if (MAC ? event.metaKey : event.ctrlKey) parts.push("Mod");
  if (event.altKey) parts.push("Alt");
  if (event.shiftKey && letter) parts.push("Shift");
  return [...parts, key].join("+");
}

export function chordsOf(action: Action): string[] {
  return action.shortcut?.split(" or ") ?? [];
}

/** How a shortcut is shown: "Ctrl Z" or "⌘Z". */
export function shortcutLabel(shortcut: string): string {
  const first = shortcut.split(" or ")[0] ?? "";
  const parts = first.split("+").filter(Boolean).map((part) => ARROWS[part] ?? part);
  if (!MAC) return parts.map((part) => (part === "Mod" ? "Ctrl" : part)).join(" ") || "+";
  const signs: Record<string, string> = { Mod: "⌘", Alt: "⌥", Shift: "⇧", Enter: "↵" };
  return parts.map((part) => signs[part] ?? part).join("") || "+";
}

function isTyping(target: EventTarget | undefined): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

function inside(target: EventTarget | undefined, selector: string): boolean {
  return target instanceof Element && target.closest(selector) !== null;
}

/** Whether a chord may fire where the focus is: bare keys only on the canvas, chords anywhere but in fields and dialogs. */
function mayFire(chord: string, action: Action, target: EventTarget | undefined): boolean {
  if (action.everywhere) return true;
  if (isTyping(target) || inside(target, "[role=dialog], [role=menu], [role=listbox], [role=tree], [role=grid]")) return false;
  if (chord.startsWith("Mod+") || chord === "?") return true;
  if (chord === "Escape" && session.ui.get().following !== null) return true;
  return target === document.body || inside(target, "#canvas");
}

export function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const chord = pressed(event);
  const [target] = event.composedPath();
  const onButton = inside(target, "button, a, [role=button]") && (chord === "Enter" || chord === "Space");
  if (onButton) return;
  const context = actionContext();
  for (const action of actions) {
    if (!chordsOf(action).includes(chord) || !mayFire(chord, action, target) || !isEnabled(action, context)) continue;
    event.preventDefault();
    action.run(context);
    return;
  }
}

export function listenForShortcuts(): () => void {
  document.addEventListener("keydown", onKey);
  return () => document.removeEventListener("keydown", onKey);
}
