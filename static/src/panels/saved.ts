/** The words beside the canvas name: saved, saving, or offline with what is kept. */
import type { ConnectionStatus } from "../connection/status";

export function savedWords({ state, pending, savedAt }: ConnectionStatus): string {
  if (state === "offline") return pending ? `Offline, ${pending} ${pending === 1 ? "change" : "changes"} kept` : "Offline";
  if (state === "connecting") return pending ? `Connecting, ${pending} ${pending === 1 ? "change" : "changes"} kept` : "Connecting";
  if (state === "saving") return "Saving";
  if (savedAt === null) return "Saved";
  return `Saved ${new Date(savedAt).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}`;
}
