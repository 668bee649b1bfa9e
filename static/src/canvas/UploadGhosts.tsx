/** Files being uploaded, shown where their data cells will be. */
import { ViewportPortal } from "@xyflow/react";
import { useSyncExternalStore } from "react";
import s from "./surface.module.css";
import { onUploads, pendingUploads } from "./uploads";
import { percent } from "./words";

export function UploadGhosts() {
  const pending = useSyncExternalStore(onUploads, pendingUploads);
  if (pending.length === 0) return null;
  return (
    <ViewportPortal>
      {pending.map((each) => (
        <div key={each.id} className={s.ghost} style={{ transform: `translate(${each.at[0]}px, ${each.at[1]}px)`, width: 420, height: 280 }}>
          <span>Uploading {each.name}</span>
          <progress value={each.share} max={1} aria-label={`Upload of ${each.name}`} />
          <span>{each.share < 1 ? percent(each.share) : "Reading it"}</span>
        </div>
      ))}
    </ViewportPortal>
  );
}
