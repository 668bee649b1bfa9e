/** Following a peer: their view is ours until we move or press Escape. */
import { useEffect } from "react";
import { useUiPart } from "../app/hooks";
import { session } from "../app/session";
import s from "./surface.module.css";
import { viewport } from "./viewport";

export function FollowFrame() {
  const client = useUiPart((ui) => ui.following);
  const peer = client === null ? undefined : session.presence.peers().find((each) => each.client === client);
  useEffect(() => {
    if (client === null) return undefined;
    const follow = () => {
      const view = session.presence.peers().find((each) => each.client === client)?.viewport;
      if (view) viewport()?.set(...view, true);
    };
    follow();
    return session.presence.onMove(follow);
  }, [client]);
  if (!peer) return null;
  return (
    <div className={s.follow} style={{ "--peer": `var(--peer-${peer.user.color})` } as React.CSSProperties}>
      <span className={s.followed}>Following {peer.user.name}, Esc</span>
    </div>
  );
}
