/** The picked pipeline as plain Python, to copy or to save. */
import { session } from "../../app/session";
import { Button } from "../../theme";
import type { LeaderboardData } from "./data";
import s from "./leaderboard.module.css";

function save(text: string, name: string) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/x-python" }));
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  URL.revokeObjectURL(url);
}

export function Code({ view, picked }: { view: LeaderboardData; picked: string }) {
  const id = picked === "best" ? (view.best ?? "") : picked;
  const text = view.code?.[id];
  if (!text) return <p className={s.note}>{view.code ? "Only the leading pipelines are written out. Pick one of them in the leaderboard." : "The code is written when the search ends."}</p>;
  const copy = () => {
    void navigator.clipboard.writeText(text).then(() => session.ui.toast("Copied"), () => session.ui.toast("Copying is not allowed here. Save the file."));
  };
  return (
    <div className={s.section}>
      <div className={s.bar2}>
        <span>{view.rows.find((r) => r.id === id)?.name}, as scikit-learn that trains it again</span>
        <Button onClick={copy}>Copy</Button>
        <Button onClick={() => save(text, `${view.target.replace(/\W+/g, "_")}_model.py`)}>Save</Button>
      </div>
      <pre className={s.code}>{text}</pre>
    </div>
  );
}
