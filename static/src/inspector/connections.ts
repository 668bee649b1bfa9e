/** Saved connections of the workspace as the server tells them: never with a password. */
import { useCallback, useEffect, useState } from "react";
import { api, canvasPath } from "../app/api";

export interface Connection {
  id: string;
  name: string;
  form: "postgresql" | "mysql";
  used: boolean;
  /** For members of the workspace only. */
  host?: string;
  port?: number;
  database?: string;
  user?: string;
  tls?: "prefer" | "verify" | "off";
}

export interface ConnectionDraft {
  name: string;
  form: "postgresql" | "mysql";
  host: string;
  port: number;
  database: string;
  user: string;
  password: string;
  tls: "prefer" | "verify" | "off";
}

export const FORMS = [{ value: "postgresql" as const, label: "PostgreSQL" }, { value: "mysql" as const, label: "MySQL or MariaDB" }];
export const PORTS = { postgresql: 5432, mysql: 3306 };

export function draftOf(known: Connection | null): ConnectionDraft {
  return {
    name: known?.name ?? "", form: known?.form ?? "postgresql", host: known?.host ?? "", port: known?.port ?? PORTS.postgresql,
    database: known?.database ?? "", user: known?.user ?? "", password: "", tls: known?.tls ?? "prefer",
  };
}

export const connections = {
  save: (draft: ConnectionDraft, known: Connection | null) =>
    known ? api.put<Connection>(canvasPath(`connections/${known.id}`), draft) : api.post<Connection>(canvasPath("connections"), draft),
  test: (draft: ConnectionDraft) => api.post<{ works: boolean; tables: number; message: string }>(canvasPath("connections/test"), draft),
  use: (id: string) => api.post<Connection>(canvasPath(`connections/${id}/use`)),
  forget: (id: string) => api.delete<void>(canvasPath(`connections/${id}`)),
};

export function useConnections(wanted: boolean): { list: Connection[]; load: () => void } {
  const [list, setList] = useState<Connection[]>([]);
  const load = useCallback(() => {
    if (wanted) api.get<Connection[]>(canvasPath("connections")).then(setList, () => undefined);
  }, [wanted]);
  useEffect(load, [load]);
  return { list, load };
}

export interface RemoteTableInfo {
  name: string;
  rows: number | null;
}

/** Tables behind a source; `error` says why they cannot be listed. */
export function useRemoteTables(source: string, wanted: boolean): { tables: RemoteTableInfo[] | null; error: string } {
  const [found, setFound] = useState<{ source: string; tables: RemoteTableInfo[] | null; error: string }>({ source: "", tables: null, error: "" });
  useEffect(() => {
    if (!source || !wanted) return undefined;
    const abort = new AbortController();
    api.get<{ tables: RemoteTableInfo[] | null }>(canvasPath(`tables?source=${encodeURIComponent(source)}`), abort.signal).then(
      ({ tables }) => setFound({ source, tables, error: tables ? "" : "Members of the workspace see the list" }),
      (e: Error) => { if (!abort.signal.aborted) setFound({ source, tables: null, error: e.message }); },
    );
    return () => abort.abort();
  }, [source, wanted]);
  return found.source === source ? found : { tables: null, error: "" };
}
