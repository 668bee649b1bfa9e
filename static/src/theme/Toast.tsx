/** Short notices at the bottom centre: at most two, six seconds, with one action where something can be undone. */
import { Toast as Base } from "@base-ui/react/toast";
import { Button, IconButton } from "./Button";
import s from "./overlay.module.css";

const manager = Base.createToastManager();

export interface Notice {
  text: string;
  action?: { label: string; run: () => void };
}

/** Show a notice; safe to call from anywhere, also outside React. */
export function toast(notice: string | Notice): void {
  const { text, action } = typeof notice === "string" ? { text: notice, action: undefined } : notice;
  const id: string = manager.add({
    title: text,
    timeout: 6000,
    actionProps: action && { children: action.label, onClick: () => { action.run(); manager.close(id); } },
  });
}

function List() {
  const { toasts } = Base.useToastManager();
  return toasts.map((t) => (
    <Base.Root key={t.id} toast={t} className={s.toast}>
      <Base.Title>{t.title}</Base.Title>
      {t.actionProps && <Base.Action render={<Button variant="link" />} />}
      <Base.Close render={<IconButton icon="x" label="Dismiss" />} />
    </Base.Root>
  ));
}

export function ToastRegion() {
  return (
    <Base.Provider toastManager={manager} limit={2}>
      <Base.Portal>
        <Base.Viewport className={s.toasts} aria-label="Notices"><List /></Base.Viewport>
      </Base.Portal>
    </Base.Provider>
  );
}
