/** A database and how to log in: tried before it is saved; its password goes to the server and never comes back. */
import { useId, useRef, useState, type FormEvent, type ReactNode } from "react";
import { Button, Dialog, DialogActions, NumberField, Select, TextField } from "../theme";
import { connections, draftOf, FORMS, PORTS, type Connection, type ConnectionDraft } from "./connections";
import s from "./connection.module.css";

export interface ConnectionDialogProps {
  known: Connection | null;
  onClose: () => void;
  /** The connection as saved; null when it was forgotten. */
  onSaved: (made: Connection | null) => void;
}

const TLS = [
  { value: "prefer" as const, label: "Encrypted where the server can" },
  { value: "verify" as const, label: "Encrypted, certificate checked" },
  { value: "off" as const, label: "Not encrypted" },
];

function Line({ label, children }: { label: string; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div className={s.line}>
      <label htmlFor={id}>{label}</label>
      {children(id)}
    </div>
  );
}

interface FieldsProps {
  draft: ConnectionDraft;
  put: (change: Partial<ConnectionDraft>) => void;
  fixed: boolean;
}

function Fields({ draft, put, fixed }: FieldsProps) {
  const text = (label: string, name: "name" | "host" | "database" | "user", placeholder = "") => (
    <Line label={label}>{(id) => <TextField id={id} value={draft[name]} placeholder={placeholder} required={name !== "name"} onChange={(value) => put({ [name]: value })} />}</Line>
  );
  return (
    <>
      <Line label="Kind">
        {(id) => <Select id={id} label="Kind" value={draft.form} choices={FORMS} disabled={fixed} onChange={(form) => put({ form, port: PORTS[form] })} />}
      </Line>
      <div className={s.pair}>
        {text("Host", "host", "db.example.org")}
        <Line label="Port">{(id) => <NumberField id={id} value={draft.port} min={1024} max={65535} integer onChange={(port) => put({ port: port ?? PORTS[draft.form] })} />}</Line>
      </div>
      {text("Database", "database")}
      {text("User", "user")}
      <Line label="Password">
        {(id) => <TextField id={id} type="password" autoComplete="new-password" value={draft.password} placeholder={fixed ? "Enter it again to change anything" : ""} onChange={(password) => put({ password })} />}
      </Line>
      <Line label="Encryption">{(id) => <Select id={id} label="Encryption" value={draft.tls} choices={TLS} onChange={(tls) => put({ tls })} />}</Line>
      {text("Name", "name", draft.database && draft.host ? `${draft.database} on ${draft.host}` : "")}
    </>
  );
}

export function ConnectionDialog({ known, onClose, onSaved }: ConnectionDialogProps) {
  const form = useRef<HTMLFormElement>(null);
  const [draft, setDraft] = useState(() => draftOf(known));
  const [said, setSaid] = useState<{ words: string; bad: boolean } | null>(null);
  const [busy, setBusy] = useState(false);
  const put = (change: Partial<ConnectionDraft>) => { setDraft((now) => ({ ...now, ...change })); setSaid(null); };
  const attempt = async (work: () => Promise<void>) => {
    setBusy(true);
    await work().catch((e: Error) => setSaid({ words: e.message, bad: true }));
    setBusy(false);
  };
  const test = () => attempt(async () => {
    if (!form.current?.reportValidity()) return;
    setSaid({ words: "Asking the database", bad: false });
    const { works, tables, message } = await connections.test(draft);
    if (!works) setSaid({ words: message, bad: true });
    else setSaid({ words: tables === 1 ? "It works: 1 table" : `It works: ${tables} tables`, bad: false });
  });
  const save = (event: FormEvent) => { event.preventDefault(); if (!busy) void attempt(async () => onSaved(await connections.save(draft, known))); };
  const forget = () => attempt(async () => { await connections.forget(known!.id); onSaved(null); });
  return (
    <Dialog open onClose={onClose} title={known ? `Edit “${known.name}”` : "Connect a database"}>
      <form ref={form} className={s.form} onSubmit={save}>
        <p className={s.note}>Members of this workspace can use it. The password is kept encrypted and shown to nobody. A user that may only read is best.</p>
        <Fields draft={draft} put={put} fixed={known !== null} />
        <p className={said?.bad ? s.bad : s.note} role="status" aria-live="polite">{said?.words ?? ""}</p>
        <DialogActions>
          {known && <Button variant="danger" reason={busy ? "Wait a moment" : undefined} onClick={() => void forget()}>Forget</Button>}
          <Button reason={busy ? "Wait a moment" : undefined} onClick={() => void test()}>Test</Button>
          <Button type="submit" variant="filled" reason={busy ? "Wait a moment" : undefined}>Save</Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
