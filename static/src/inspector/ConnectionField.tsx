/** Which database a cell reads: a saved connection, or an uploaded SQLite file. */
import { useRef, useState } from "react";
import { Button, Select } from "../theme";
import { percent } from "../theme/format";
import { session } from "../app/session";
import { ConnectionDialog } from "./ConnectionDialog";
import { connections, useConnections, type Connection } from "./connections";
import s from "./inspector.module.css";
import { uploadInto } from "./source";
import type { SourceFieldProps } from "./SourceField";

export function ConnectionField({ id, cell, param, value, disabled, onChange }: SourceFieldProps) {
  const { list, load } = useConnections(!disabled);
  const picker = useRef<HTMLInputElement>(null);
  const [share, setShare] = useState<number | null>(null);
  const [editing, setEditing] = useState<Connection | "new" | null>(null);
  const choices = list.map((each) => ({ value: `connection:${each.id}`, label: each.name, hint: each.host }));
  if (value && !choices.some((c) => c.value === value)) choices.unshift({ value, label: value.startsWith("upload:") ? "Uploaded SQLite file" : value.startsWith("sample:") ? "Sample" : "Saved connection", hint: undefined });
  const chosen = list.find((each) => `connection:${each.id}` === value);
  const choose = async (source: string) => {
    const found = list.find((each) => `connection:${each.id}` === source);
    // The server lets a canvas read through a connection only once a member has put it to use there.
    if (found && !found.used) await connections.use(found.id).then(load, (e: Error) => session.ui.toast(e.message));
    session.edits.setParams(cell, { [param]: source, table: undefined });
  };
  const saved = (made: Connection | null) => {
    setEditing(null);
    load();
    if (made) session.edits.setParams(cell, { [param]: `connection:${made.id}`, ...(chosen?.id === made.id ? {} : { table: undefined }) });
    else onChange("");
  };
  const send = async (file: File) => {
    setShare(0);
    await uploadInto(cell, param, file, setShare);
    setShare(null);
  };
  return (
    <div className={s.stack}>
      <Select id={id} label="Connection" value={value || null} choices={choices} placeholder={choices.length ? "Pick a connection" : "No connection yet"} disabled={disabled || !choices.length} onChange={(next) => void choose(next)} />
      {!disabled && (
        <div className={s.buttons}>
          <Button icon="plus" onClick={() => setEditing("new")}>New</Button>
          {chosen?.host && <Button icon="pencil" onClick={() => setEditing(chosen)}>Edit</Button>}
        </div>
      )}
      {!disabled && (
        <Button icon="upload" reason={share === null ? undefined : "Wait for the upload to end"} onClick={() => picker.current?.click()}>
          {share === null ? "Upload SQLite" : `Uploading, ${percent(share)}`}
        </Button>
      )}
      <input
        ref={picker} type="file" hidden aria-label="Upload a SQLite file" accept=".sqlite,.sqlite3,.db"
        onChange={(e) => { const file = e.target.files?.[0]; e.target.value = ""; if (file) void send(file); }}
      />
      {editing && <ConnectionDialog known={editing === "new" ? null : editing} onClose={() => setEditing(null)} onSaved={saved} />}
    </div>
  );
}
