/** Links that open the canvas without an account: made, copied, changed and revoked here. */
import { useState } from "react";
import { api, canvasPath } from "../app/api";
import { Button, Icon, IconButton, Select, TextField, toast } from "../theme";
import s from "./share.module.css";
import { consequence, copyText, EXPIRIES, expiryWords, LINK_ROLES, type SharedLink, type useSharing } from "./sharing";

type Change = ReturnType<typeof useSharing>["change"];

const ROLE_CHOICES = LINK_ROLES.filter((r) => r.value !== "off");

function LinkRow({ link, change }: { link: SharedLink; change: Change }) {
  const [manual, setManual] = useState(false);
  const path = canvasPath(`sharing/links/${link.id}`);
  const copy = async () => {
    const copied = link.url !== null && (await copyText(link.url));
    if (copied) toast("Link copied");
    setManual(!copied);
  };
  const roleWord = ROLE_CHOICES.find((r) => r.value === link.role)?.label ?? link.role;
  return (
    <li className={s.link}>
      <div className={s.line}>
        <Button icon="link" onClick={() => void copy()} reason={link.url ? undefined : "Only shown when it was made. Make a new link instead."}>Copy link</Button>
        <span className={s.note}>{expiryWords(link.expires_at)}, {link.uses === 1 ? "used once" : `used ${link.uses} times`}</span>
        <div className={s.role}>
          <Select label={`What the link “${roleWord}” allows`} value={link.role} choices={ROLE_CHOICES} onChange={(role) => void change(() => api.patch(path, { role }))} />
        </div>
        <IconButton icon="x" label={`Revoke the link “${roleWord}”`} onClick={() => void change(() => api.delete(path)).then(() => toast("Link revoked. It opens nothing any more."))} />
      </div>
      {manual && link.url && <TextField aria-label="Link" mono readOnly value={link.url} onChange={() => undefined} onFocus={(e) => e.target.select()} />}
    </li>
  );
}

export function ShareLinks({ links, change }: { links: SharedLink[]; change: Change }) {
  const [role, setRole] = useState("viewer");
  const [days, setDays] = useState(0);
  const make = async () => {
    const made = await change(() => api.post<SharedLink>(canvasPath("sharing/links"), { role, ...(days ? { expires_days: days } : {}) }));
    if (made?.url && (await copyText(made.url))) toast("Link copied");
  };
  return (
    <section className={s.links} aria-label="People with the link">
      <div className={s.line}>
        <span className={s.face}><Icon name="users" /></span>
        <div className={s.who}>
          <h3 className={s.name}>People with the link</h3>
          <p className={s.note}>{consequence(links.length ? strongest(links) : "off")}</p>
        </div>
      </div>
      <ul className={s.list}>{links.map((l) => <LinkRow key={l.id} link={l} change={change} />)}</ul>
      <div className={s.line}>
        <div className={s.role}><Select label="New link allows" value={role} choices={ROLE_CHOICES} onChange={setRole} /></div>
        <div className={s.role}><Select label="New link expires" value={days} choices={EXPIRIES} onChange={setDays} /></div>
        <Button icon="plus" onClick={() => void make()}>Create link</Button>
      </div>
    </section>
  );
}

/** The role of the link that allows most: the one whose consequence matters. */
function strongest(links: readonly SharedLink[]): string {
  const order = LINK_ROLES.map((r) => r.value);
  return [...links].sort((a, b) => order.indexOf(b.role) - order.indexOf(a.role))[0]?.role ?? "off";
}
