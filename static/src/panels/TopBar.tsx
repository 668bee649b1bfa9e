/** The bar on top: mark, name and saved words on the left; runs, people and Share on the right. */
import { useConnectionStatus, usePeers, useRole, useUiPart } from "../app/hooks";
import { atLeast } from "../app/bootstrap";
import { session } from "../app/session";
import { Button, Tooltip, cx } from "../theme";
import { AccountMenu } from "./AccountMenu";
import { Avatar } from "./Avatar";
import a from "./avatar.module.css";
import { CanvasName } from "./CanvasName";
import { Mark } from "./Mark";
import t from "./topbar.module.css";
import { RunSummary } from "./RunSummary";
import { savedWords } from "./saved";

const MOST = 4;

function People() {
  const peers = usePeers();
  const following = useUiPart((ui) => ui.following);
  const rest = peers.slice(MOST);
  return (
    <span className={a.stack} role="group" aria-label="People here">
      {peers.slice(0, MOST).map((p) => {
        const on = following === p.client;
        return (
          <Avatar
            key={p.client} name={p.user.name} color={p.user.color} pressed={on} hint={on ? `Stop following ${p.user.name}` : `Follow ${p.user.name}`}
            onClick={() => session.ui.set({ following: on ? null : p.client })}
          />
        );
      })}
      {rest.length > 0 && <Tooltip content={rest.map((p) => p.user.name).join(", ")}><span className={a.more}>+{rest.length}</span></Tooltip>}
    </span>
  );
}

/** Alone, since it changes with each edit and its ack. */
function SavedWords() {
  const status = useConnectionStatus();
  return <span className={cx(t.status, status.state === "offline" && t.offline)} role="status">{savedWords(status)}</span>;
}

export function TopBar() {
  const manages = atLeast(useRole(), "manager");
  return (
    <>
      <header className={t.topbar} data-region="topbar">
      <a href="/" className={t.home} aria-label="All canvases"><Mark /></a>
      <CanvasName />
      <SavedWords />
      <span className={t.spring} />
      <RunSummary />
      <People />
      <AccountMenu user={session.bootstrap.user} />
      <Button
        variant={manages ? "filled" : "outline"} reason={manages ? undefined : "Only people who manage this canvas can share it"}
        onClick={() => session.ui.set({ shareOpen: true })}
      >
        Share
      </Button>
      </header>
      <RoleBanner />
    </>
  );
}

/** Under the top bar for people who may only look. */
function RoleBanner() {
  const role = useRole();
  if (atLeast(role, "editor")) return null;
  const may = role === "runner" ? "view and run" : role === "commenter" ? "view and comment" : "view";
  return <div className={t.banner} role="note">You can {may} this canvas. Ask its owner for a link that can edit.</div>;
}
