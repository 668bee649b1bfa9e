/** All actions of the app, collected from the files beside this one that end in .actions.ts. */
import { viewport } from "../canvas/viewport";
import { session } from "../app/session";
import type { Action, ActionContext } from "./action";

const files = import.meta.glob<{ actions: Action[] }>("./*.actions.{ts,tsx}", { eager: true });

export const actions: Action[] = Object.values(files).flatMap((file) => file.actions);

export function actionContext(): ActionContext {
  return { session, selection: session.ui.get().selection, viewport: viewport() };
}

export function findAction(id: string): Action | undefined {
  return actions.find((action) => action.id === id);
}

export function isEnabled(action: Action, context = actionContext()): boolean {
  return action.when?.(context) ?? true;
}

/** Runs an action by id if it applies now; says whether it did. */
export function perform(id: string): boolean {
  const action = findAction(id);
  const context = actionContext();
  if (!action || !isEnabled(action, context)) return false;
  action.run(context);
  return true;
}
