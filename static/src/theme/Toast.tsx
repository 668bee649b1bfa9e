/** Short notices at the bottom centre, with one action where something can be undone. */
import { Button, IconButton } from "./Button";
import { cx } from "./classes";
import s from "./overlay.module.css";

export interface Notice {
  id: number;
  text: string;
  tone?: "info" | "error";
  action?: { label: string; run: () => void };
}

export function ToastList({ items, onDismiss }: { items: readonly Notice[]; onDismiss: (id: number) => void }) {
  return (
    <div className={s.toasts} role="status" aria-live="polite" aria-label="Notices">
      {items.map((t) => (
        <div key={t.id} className={cx(s.toast, t.tone === "error" && s.toastError)}>
          <span>{t.text}</span>
          {t.action && <Button variant="link" onClick={() => { t.action?.run(); onDismiss(t.id); }}>{t.action.label}</Button>}
          <IconButton icon="x" label="Dismiss" side="top" onClick={() => onDismiss(t.id)} />
        </div>
      ))}
    </div>
  );
}
