/** What is only on this screen: selection, open panels and spoken messages; nothing of it is shared as such. */
import { type Notice, toast } from "../theme/Toast";

export interface CommandMenuState {
  open: boolean;
  /** Where a link was dropped: kinds are filtered by what this port gives, and the new cell is placed there. */
  from?: { cell: string; port: string; at: [number, number] };
  /** Where to place what is added, in canvas units, when not dragged out of a port. */
  at?: [number, number];
  query?: string;
}

export interface UiState {
  selection: ReadonlySet<string>;
  selectedEdge: string | null;
  /** The cell that the canvas' one tab stop is on. */
  active: string | null;
  editing: string | null;
  renaming: string | null;
  paletteOpen: boolean;
  inspectorOpen: boolean;
  commandMenu: CommandMenuState;
  shareOpen: boolean;
  outlineOpen: boolean;
  shortcutsOpen: boolean;
  connectOpen: { cell: string; port: string; only?: string } | null;
  /** The cell whose selection is being linked to others, or picked from a list. */
  filterOpen: string | null;
  listOpen: string | null;
  /** The table that charts are suggested for, and the columns ticked at first. */
  suggestOpen: { cell: string; columns: readonly string[] } | null;
  following: number | null;
  canvasName: string;
  live: string;
}

const WIDE = 1100;

export class Ui {
  #state: UiState;
  #listeners = new Set<() => void>();

  constructor(canvasName = "") {
    const width = globalThis.innerWidth || 1440;
    this.#state = {
      selection: new Set(),
      selectedEdge: null,
      active: null,
      editing: null,
      renaming: null,
      paletteOpen: width >= 1280,
      inspectorOpen: width >= WIDE,
      commandMenu: { open: false },
      shareOpen: false,
      outlineOpen: false,
      shortcutsOpen: false,
      connectOpen: null,
      filterOpen: null,
      listOpen: null,
      suggestOpen: null,
      following: null,
      canvasName,
      live: "",
    };
  }

  get(): UiState {
    return this.#state;
  }

  set(change: Partial<UiState>): void {
    const keys = Object.keys(change) as (keyof UiState)[];
    if (keys.every((key) => this.#state[key] === change[key])) return;
    this.#state = { ...this.#state, ...change };
    for (const listener of [...this.#listeners]) listener();
  }

  select(ids: Iterable<string>): void {
    const next = new Set(ids);
    const now = this.#state.selection;
    if (next.size === now.size && [...next].every((id) => now.has(id))) {
      this.set({ selectedEdge: null });
      return;
    }
    const editing = this.#state.editing && next.has(this.#state.editing) ? this.#state.editing : null;
    this.set({ selection: next, selectedEdge: null, editing });
  }

  openCommandMenu(state: Omit<CommandMenuState, "open"> = {}): void {
    this.set({ commandMenu: { ...state, open: true } });
  }

  closeCommandMenu(): void {
    this.set({ commandMenu: { open: false } });
  }

  /** Shows a message for six seconds; at most two are on screen. */
  toast(text: string, options: Omit<Notice, "text"> = {}): void {
    toast({ text, ...options });
  }

  /** Tells screen readers, politely. */
  say(text: string): void {
    this.set({ live: text });
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
