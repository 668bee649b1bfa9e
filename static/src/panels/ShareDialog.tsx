/** Sharing: people with roles, and links; every change applies at once. */
import { useRef, useState, type FormEvent, type RefObject } from "react";
import { api, canvasPath } from "../app/api";
import { usePeers, useUiPart } from "../app/hooks";
import { session } from "../app/session";
import { Button, Dialog, Select, TextField, toast } from "../theme";
import { Avatar } from "./Avatar";
import s from "./share.module.css";
import { PERSON_ROLES, useSharing, type SharedPerson } from "./sharing";
import { ShareLinks } from "./ShareLinks";

type Change = ReturnType<typeof useSharing>["change"];

function Invite({ change, field }: { change: Change; field: RefObject<HTMLInputElement | null> }) {
  const [email, setEmail] = useState("");
  const [role, setRole] = useState("editor");
  const invite = async (event: FormEvent) => {
    event.preventDefault();
    const to = email.trim();
    if (!to) { field.current?.focus(); return; }
    const done = await change(() => api.post<unknown>(canvasPath("sharing/people"), { email: to, role }).then(() => true));
    if (!done) return;
    setEmail("");
    toast(`${to} can open this canvas now`);
  };
  return (
    <form className={s.invite} onSubmit={(e) => void invite(e)}>
      <TextField ref={field} type="email" name="email" aria-label="E-mail of the person" placeholder="name@example.org" value={email} onChange={setEmail} />
      <div className={s.role}><Select label="Role of the person" value={role} choices={PERSON_ROLES} onChange={setRole} /></div>
      <Button type="submit" variant="filled">Invite</Button>
    </form>
  );
}

function Person({ person, change, here }: { person: SharedPerson; change: Change; here: boolean }) {
  const path = canvasPath(`sharing/people/${person.id}`);
  const set = (role: string) => {
    if (role !== "remove") return void change(() => api.patch(path, { role }));
    const back = () => void change(() => api.post(canvasPath("sharing/people"), { email: person.email, role: person.role }));
    void change(() => api.delete(path)).then(() => toast({ text: `${person.name} was removed`, action: { label: "Undo", run: back } }));
  };
  return (
    <li className={s.line}>
      <Avatar name={person.name} color={person.color} />
      <div className={s.who}><span className={s.name}>{person.name}</span><span className={s.note}>{here ? "on this canvas now" : person.email}</span></div>
      <div className={s.role}>
        <Select label={`Role of ${person.name}`} value={person.role} choices={[...PERSON_ROLES, { value: "remove", label: "Remove" }]} onChange={set} />
      </div>
    </li>
  );
}

function Body({ field }: { field: RefObject<HTMLInputElement | null> }) {
  const { sharing, error, change } = useSharing();
  const here = new Set(usePeers().map((p) => p.user.name));
  return (
    <>
      <Invite change={change} field={field} />
      {error && <p className={s.error} role="alert">{error}</p>}
      {!sharing && !error && <p className={s.note} role="status">Loading who has access</p>}
      {sharing && (
        <>
          <ul className={s.list} aria-label="People with access">
            <li className={s.line}>
              <Avatar name={sharing.owner.name} color={session.bootstrap.user.name === sharing.owner.name ? session.bootstrap.user.color : undefined} />
              <div className={s.who}><span className={s.name}>{sharing.owner.name}</span>{sharing.owner.email && <span className={s.note}>{sharing.owner.email}</span>}</div>
              <span className={s.owner}>Owner</span>
            </li>
            {sharing.people.map((p) => <Person key={p.id} person={p} change={change} here={here.has(p.name)} />)}
          </ul>
          <ShareLinks links={sharing.links} change={change} />
        </>
      )}
    </>
  );
}

export function ShareDialog() {
  const open = useUiPart((ui) => ui.shareOpen);
  const name = useUiPart((ui) => ui.canvasName) || "Untitled";
  const field = useRef<HTMLInputElement>(null);
  return (
    <Dialog open={open} onClose={() => session.ui.set({ shareOpen: false })} title={`Share “${name}”`} initialFocus={field}>
      <Body field={field} />
    </Dialog>
  );
}
