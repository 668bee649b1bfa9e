/** Asks once, after a canvas has opened, whether its web addresses have something newer. Draws nothing. */
import { useEffect, useRef } from "react";
import { useConnectionStatus } from "./hooks";
import { lookForNewer } from "./sources";

const AFTER = 3000;

export function Freshness() {
  const ready = useConnectionStatus().state === "saved";
  const looked = useRef(false);
  useEffect(() => {
    if (!ready || looked.current) return undefined;
    const timer = setTimeout(() => { looked.current = true; lookForNewer(); }, AFTER);
    return () => clearTimeout(timer);
  }, [ready]);
  return null;
}
