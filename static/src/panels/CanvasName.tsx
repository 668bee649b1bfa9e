/** The canvas name with its menu: rename, duplicate, back home. */
import { useState } from "react";
import { api, canvasPath } from "../app/api";
import { useCanEdit, useUiPart } from "../app/hooks";
import { downloadScript } from "../app/scripts";
import { session } from "../app/session";
import { Menu, TextField } from "../theme";
import t from "./topbar.module.css";

const failed = (error: Error) => session.ui.toast(error.message);

export function CanvasName() {
  const name = useUiPart((ui) => ui.canvasName) || "Untitled";
  const canEdit = useCanEdit();
  const mayRun = session.can("runner");
  const guest = session.bootstrap.user.guest;
  const [renaming, setRenaming] = useState(false);
  const rename = (next: string) => {
    const plain = next.trim();
    if (!plain || plain === name) return;
    session.ui.set({ canvasName: plain });
    api.patch(canvasPath(), { name: plain }).catch((error: Error) => { session.ui.set({ canvasName: name }); failed(error); });
  };
  if (renaming) {
    return (
      <TextField
        className={t.rename} aria-label="Canvas name" value={name} lazy maxLength={120} ref={(el) => { if (el && document.activeElement !== el) { el.focus(); el.select(); } }}
        onChange={rename} onBlur={() => setRenaming(false)} onKeyDown={(e) => { if (e.key === "Enter" || e.key === "Escape") setRenaming(false); }}
      />
    );
  }
  return (
    <h1 className={t.name}>
      <Menu
        trigger={<button type="button" className={t.name} title={name}>{name}</button>}
        items={[
          { id: "rename", label: "Rename", icon: "pencil", reason: canEdit ? undefined : "View only", run: () => setRenaming(true) },
          {
            id: "duplicate", label: "Duplicate", icon: "copy", reason: guest ? "Sign in first" : undefined,
            run: () => void api.post<{ id: string }>(canvasPath("duplicate")).then(({ id }) => location.assign(`/c/${id}/`), failed),
          },
          { separator: true },
          { id: "python", label: "Export as Python", icon: "code", reason: mayRun ? undefined : "Needs the right to run", run: () => void downloadScript("py") },
          { id: "notebook", label: "Export as notebook", icon: "code", reason: mayRun ? undefined : "Needs the right to run", run: () => void downloadScript("ipynb") },
          { separator: true },
          { id: "home", label: "All canvases", icon: "house", reason: guest ? "Sign in first" : undefined, run: () => location.assign("/") },
        ]}
      />
    </h1>
  );
}
