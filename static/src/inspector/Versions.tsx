/** The versions of a source: when its data was read, reading it again, going back, and two side by side. */
import { useEffect, useState } from "react";
import { api, canvasPath } from "../app/api";
import { useCanEdit, useCanRun, useCellResult, useNewer } from "../app/hooks";
import { session } from "../app/session";
import { checkable, checkNewer, refresh, refreshable, showVersion, type DataVersion } from "../app/sources";
import type { CellRecord } from "../document/schema";
import { Button, Menu, type MenuEntry } from "../theme";
import { count } from "../theme/format";
import { CompareDialog } from "./CompareDialog";
import s from "./inspector.module.css";

export function when(value: string): string {
  return new Date(value).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
}

function rowWords({ rows }: DataVersion): string {
  return rows === null ? "" : rows === 1 ? "1 row" : `${count(rows)} rows`;
}

export function versionWords(version: DataVersion): string {
  return [version.name || when(version.at), rowWords(version)].filter(Boolean).join(" · ");
}

function useVersions(cell: string, wanted: boolean): DataVersion[] {
  const { state, fingerprint } = useCellResult(cell);
  const [list, setList] = useState<DataVersion[]>([]);
  useEffect(() => {
    if (!wanted || state === "running" || state === "queued") return undefined;
    const abort = new AbortController();
    api.get<DataVersion[]>(canvasPath(`cells/${cell}/versions`), abort.signal).then(setList, () => undefined);
    return () => abort.abort();
  }, [cell, wanted, state, fingerprint]);
  return list;
}

/** Another version beside the one shown: pick it to show it, or compare. */
function entries(list: DataVersion[], show: (version: DataVersion) => void, canEdit: boolean): MenuEntry[] {
  return list.map((version) => ({
    id: version.id, label: version.name || when(version.at), hint: rowWords(version) || undefined,
    checked: version.current, reason: canEdit ? undefined : "You can only view", run: () => show(version),
  }));
}

export function Versions({ record }: { record: CellRecord }) {
  const canEdit = useCanEdit();
  const canRun = useCanRun();
  const newer = useNewer(record.id);
  const versioned = (session.kinds[record.kind]?.versioned.length ?? 0) > 0 && Boolean(record.params.source);
  const list = useVersions(record.id, versioned && canRun);
  const [comparing, setComparing] = useState(false);
  const [looking, setLooking] = useState(false);
  const again = refreshable(record.id);
  if (!versioned || (!list.length && !again)) return null;
  const now = list.find((version) => version.current);
  const look = () => {
    setLooking(true);
    void checkNewer(record.id, true).then(
      (changed) => session.ui.toast(changed === null ? "Only a refresh can tell whether there is something newer" : changed ? "There is a new version" : "This is the newest version"),
      (e: Error) => session.ui.toast(e.message),
    ).finally(() => setLooking(false));
  };
  return (
    <section className={s.section} aria-label="Versions">
      <h3 className={s.heading}>Versions</h3>
      {now && <span className={s.small}>{versionWords(now)}</span>}
      {newer && <span className={s.precision} role="status">A new version is available</span>}
      <div className={s.buttons}>
        {again && canEdit && <Button icon="rotate-cw" onClick={() => refresh([record.id])}>Refresh</Button>}
        {checkable(record.id) && canRun && <Button reason={looking ? "Asking whether there is something newer" : undefined} onClick={look}>{looking ? "Checking…" : "Check"}</Button>}
      </div>
      {list.length > 1 && (
        <div className={s.buttons}>
          <Menu trigger={<Button icon="history">{`${list.length} versions`}</Button>} items={entries(list, (version) => showVersion(record.id, version), canEdit)} />
          <Button onClick={() => setComparing(true)}>Compare</Button>
        </div>
      )}
      {comparing && <CompareDialog cell={record.id} list={list} onClose={() => setComparing(false)} />}
    </section>
  );
}
