/** What an action is: one command, named once, offered by menus, palette, command menu and keyboard alike. */
import type { Session } from "../app/session";
import type { Viewport } from "../canvas/viewport";

export interface ActionContext {
  session: Session;
  selection: ReadonlySet<string>;
  /** Null where no canvas is on screen (tests, other pages). */
  viewport: Viewport | null;
}

export interface Action {
  id: string;
  label: string;
  group: "Add" | "Edit" | "Run" | "View" | "Canvas" | "Help";
  /** As written in the shortcut table: "Mod+Shift+Enter", "D", "Delete". Several are separated by " or ". */
  shortcut?: string;
  icon?: string;
  /** Left out of menus and lists, still on the keyboard. */
  hidden?: boolean;
  /** May also fire while a field or editor has focus. */
  everywhere?: boolean;
  when?: (context: ActionContext) => boolean;
  run: (context: ActionContext) => void;
}
