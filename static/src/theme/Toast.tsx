/** Short notices at the bottom centre: at most two, six seconds, with one action where something can be undone. */
import { useSyncExternalStore } from "react";
import { createPortal } from "react-dom";
import { Button, IconButton } from "./Button";
import s from "./overlay.module.css";

const LASTS = 6_000;
const MOST = 2;

export interface Notice {
  text: string;
  action?: { label: string; run: () => void };
}

interface Shown extends Notice {
  id: number;
}

let shown: readonly Shown[] = [];
let last = 0;
const listeners = new Set<() => void>();

function put(next: readonly Shown[]): void {
  shown = next;
  for (const listener of [...listeners]) listener();
}

function dismiss(id: number): void {
  put(shown.filter((t) => t.id !== id));
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Show a notice; safe to call from anywhere, also outside React. The same words are not said twice at once. */
export function toast(notice: string | Notice): void {
  const item: Shown = { ...(typeof notice === "string" ? { text: notice } : notice), id: ++last };
  put([...shown.filter((t) => t.text !== item.text), item].slice(-MOST));
  setTimeout(() => dismiss(item.id), LASTS);
}

export function ToastRegion() {
  const items = useSyncExternalStore(subscribe, () => shown);
  return createPortal(
    <div className={s.toasts} role="status" aria-live="polite" aria-label="Notices">
      {items.map((t) => (
        <div key={t.id} className={s.toast}>
          <span>{t.text}</span>
          {t.action && <Button variant="link" onClick={() => { t.action?.run(); dismiss(t.id); }}>{t.action.label}</Button>}
          <IconButton icon="x" label="Dismiss" side="top" onClick={() => dismiss(t.id)} />
        </div>
      ))}
    </div>,
    document.body,
  );
}
