/** The canvases one may open: reading and changing the list over REST. */
import { useCallback, useEffect, useState } from "react";
import { api } from "../app/api";
import { toast } from "../theme";

export interface Layout {
  cells: [number, number, number, number, string][];
  edges: [number, number][];
}

export interface CanvasCard {
  id: string;
  name: string;
  owner: { id: string; name: string };
  edited_at: string;
  role: string;
  people: { name: string; color?: string }[];
  layout: Layout;
}

export interface Template {
  id?: string;
  name: string;
  title?: string;
  description?: string;
  help?: string;
  layout?: Layout;
}

/** "2 minutes ago", from an ISO time. */
export function ago(iso: string, now = Date.now()): string {
  const seconds = (Date.parse(iso) - now) / 1000;
  const format = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
  const steps: [Intl.RelativeTimeFormatUnit, number][] = [["year", 31_536_000], ["month", 2_592_000], ["week", 604_800], ["day", 86_400], ["hour", 3_600], ["minute", 60]];
  for (const [unit, length] of steps) if (Math.abs(seconds) >= length) return format.format(Math.round(seconds / length), unit);
  return "just now";
}

const said = (cause: unknown) => toast(cause instanceof Error ? cause.message : String(cause));

export function useCanvases(search: string, bin: boolean) {
  const [canvases, setCanvases] = useState<CanvasCard[] | null>(null);
  const [error, setError] = useState("");
  const load = useCallback(async (signal?: AbortSignal) => {
    try {
      setCanvases(await api.get<CanvasCard[]>(`canvases?search=${encodeURIComponent(search)}&bin=${bin ? 1 : 0}`, signal));
      setError("");
    } catch (cause) {
      if (!signal?.aborted) setError(cause instanceof Error ? cause.message : String(cause));
    }
  }, [search, bin]);

  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(() => void load(abort.signal), search ? 180 : 0);
    return () => { clearTimeout(timer); abort.abort(); };
  }, [load, search]);
  useEffect(() => setCanvases(null), [bin]);

  const change = useCallback(async (what: () => Promise<unknown>) => {
    try {
      await what();
    } catch (cause) {
      said(cause);
    }
    await load();
  }, [load]);
  return { canvases, error, change };
}

/** Makes a canvas and opens it. */
export async function newCanvas(template?: string): Promise<void> {
  try {
    const made = await api.post<{ id: string }>("canvases", template ? { template } : {});
    location.assign(`/c/${made.id}/`);
  } catch (cause) {
    said(cause);
  }
}
