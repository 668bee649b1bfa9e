/** One canvas on the home page: picture, name, who and when, and its menu. */
import { useState } from "react";
import { api } from "../app/api";
import { atLeast, type Role } from "../app/bootstrap";
import { Button, Dialog, DialogActions, IconButton, Menu, TextField, toast } from "../theme";
import { Avatars } from "../panels/Avatar";
import { ago, type CanvasCard } from "./canvases";
import s from "./home.module.css";
import { Thumbnail } from "./Thumbnail";

type Change = (what: () => Promise<unknown>) => Promise<void>;

interface CardProps {
  canvas: CanvasCard;
  bin: boolean;
  change: Change;
}

function LiveMenu({ canvas, change, onRename }: { canvas: CanvasCard; change: Change; onRename: () => void }) {
  const role = canvas.role as Role;
  const path = `canvases/${canvas.id}`;
  const remove = async () => {
    await change(() => api.delete(path));
    toast({ text: `“${canvas.name}” is in the bin`, action: { label: "Undo", run: () => void change(() => api.post(`${path}/restore`)) } });
  };
  return (
    <Menu
      align="end" trigger={<IconButton icon="ellipsis" label={`More for ${canvas.name}`} />}
      items={[
        { id: "rename", label: "Rename", icon: "pencil", reason: atLeast(role, "editor") ? undefined : "View only", run: onRename },
        { id: "duplicate", label: "Duplicate", icon: "copy", run: () => void change(() => api.post(`${path}/duplicate`)) },
        { separator: true },
        { id: "bin", label: "Move to bin", icon: "trash", danger: true, reason: atLeast(role, "manager") ? undefined : "Not yours", run: () => void remove() },
      ]}
    />
  );
}

function BinMenu({ canvas, change }: { canvas: CanvasCard; change: Change }) {
  const [asking, setAsking] = useState(false);
  const path = `canvases/${canvas.id}`;
  return (
    <>
      <Menu
        align="end" trigger={<IconButton icon="ellipsis" label={`More for ${canvas.name}`} />}
        items={[
          { id: "restore", label: "Restore", icon: "undo", run: () => void change(() => api.post(`${path}/restore`)) },
          { id: "forever", label: "Delete forever", icon: "trash", danger: true, reason: canvas.role === "owner" ? undefined : "Owner only", run: () => setAsking(true) },
        ]}
      />
      <Dialog open={asking} onClose={() => setAsking(false)} title={`Delete “${canvas.name}” forever?`} width={420}>
        <p>Its cells and history go with it. This cannot be undone.</p>
        <DialogActions>
          <Button onClick={() => setAsking(false)}>Keep it</Button>
          <Button variant="danger" onClick={() => { setAsking(false); void change(() => api.delete(`${path}/forever`)); }}>Delete forever</Button>
        </DialogActions>
      </Dialog>
    </>
  );
}

export function Card({ canvas, bin, change }: CardProps) {
  const [renaming, setRenaming] = useState(false);
  const rename = (name: string) => { if (name.trim()) void change(() => api.patch(`canvases/${canvas.id}`, { name: name.trim() })); };
  const others = canvas.people.length ? canvas.people : [{ name: canvas.owner.name }];
  return (
    <li className={s.card}>
      <div className={s.frame}><Thumbnail layout={canvas.layout} /></div>
      <div className={s.foot}>
        <div className={s.words}>
          {renaming ? (
            <TextField
              aria-label="Canvas name" lazy value={canvas.name} maxLength={120} ref={(el) => { if (el && document.activeElement !== el) { el.focus(); el.select(); } }}
              onChange={rename} onBlur={() => setRenaming(false)} onKeyDown={(e) => { if (e.key === "Enter" || e.key === "Escape") setRenaming(false); }}
            />
          ) : bin ? <h2 className={s.title}>{canvas.name}</h2>
            : <h2 className={s.title}><a href={`/c/${canvas.id}/`} title={canvas.name}>{canvas.name}</a></h2>}
          <p className={s.facts} title={new Date(canvas.edited_at).toLocaleString()}>{canvas.owner.name}, edited {ago(canvas.edited_at)}</p>
        </div>
        <Avatars people={others} most={3} />
        {bin ? <BinMenu canvas={canvas} change={change} /> : <LiveMenu canvas={canvas} change={change} onRename={() => setRenaming(true)} />}
      </div>
    </li>
  );
}
