/** Who may do what on this canvas: reading and changing it over REST; changes apply at once. */
import { useCallback, useEffect, useState } from "react";
import { api, canvasPath } from "../app/api";
import { toast } from "../theme";

export interface SharedPerson {
  id: string;
  name: string;
  email: string;
  role: string;
  color?: string;
}

export interface SharedLink {
  id: string;
  role: string;
  /** Null once only a digest of it is kept. */
  url: string | null;
  expires_at: string | null;
  uses: number;
}

export interface Sharing {
  owner: { id: string; name: string; email?: string };
  people: SharedPerson[];
  links: SharedLink[];
}

export const PERSON_ROLES = [
  { value: "editor", label: "Can edit" }, { value: "runner", label: "Can run" }, { value: "commenter", label: "Can comment" },
  { value: "viewer", label: "Can view" }, { value: "manager", label: "Can manage" },
];

export const LINK_ROLES = [
  { value: "off", label: "Off" }, { value: "viewer", label: "Can view" }, { value: "commenter", label: "Can comment" },
  { value: "runner", label: "Can run" }, { value: "editor", label: "Can edit" },
];

export const EXPIRIES = [{ value: 0, label: "Never expires" }, { value: 1, label: "1 day" }, { value: 7, label: "7 days" }, { value: 30, label: "30 days" }];

/** What a link does, in one line. */
export function consequence(role: string): string {
  const words: Record<string, string> = {
    off: "Only people named above can open this canvas.",
    viewer: "Anyone with the link sees everything live and can change or start nothing.",
    commenter: "Anyone with the link sees everything live and can comment.",
    runner: "Anyone with the link sees everything and can run cells.",
    editor: "Anyone with the link can change cells and run them. No sign-in needed.",
  };
  return words[role] ?? "";
}

export function expiryWords(at: string | null, now = Date.now()): string {
  if (!at) return "Never expires";
  const days = Math.ceil((Date.parse(at) - now) / 86_400_000);
  if (days <= 0) return "Expired";
  return days === 1 ? "Expires in 1 day" : `Expires in ${days} days`;
}

export function useSharing() {
  const [sharing, setSharing] = useState<Sharing | null>(null);
  const [error, setError] = useState("");
  const load = useCallback(async () => {
    try {
      setSharing(await api.get<Sharing>(canvasPath("sharing")));
      setError("");
    } catch (cause) {
      setError(cause instanceof Error ? cause.message : String(cause));
    }
  }, []);
  useEffect(() => { void load(); }, [load]);

  /** Do it, read again, and say what went wrong. */
  const change = useCallback(async <T,>(what: () => Promise<T>): Promise<T | undefined> => {
    try {
      const done = await what();
      await load();
      return done;
    } catch (cause) {
      toast(cause instanceof Error ? cause.message : String(cause));
      await load();
      return undefined;
    }
  }, [load]);
  return { sharing, error, change };
}

export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
