/** Why this canvas cannot be shown any more, and the one thing to do next. */
import type { Ended } from "../connection/status";
import { Button } from "../theme/Button";
import s from "./page.module.css";

const LABELS: Record<Ended["action"], string> = { "sign-in": "Sign in", home: "Go to your canvases", reload: "Reload" };

function go(action: Ended["action"]): void {
  if (action === "reload") location.reload();
  else if (action === "home") location.assign("/");
  else location.assign(`/accounts/login/?next=${encodeURIComponent(location.pathname)}`);
}

export function EndedPage({ ended }: { ended: Ended }) {
  return (
    <main className={s.ended}>
      <h1>{ended.title}</h1>
      <p>{ended.text}</p>
      <Button variant="filled" onClick={() => go(ended.action)}>
        {LABELS[ended.action]}
      </Button>
    </main>
  );
}
