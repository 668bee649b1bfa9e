/** The panel on the right: form of the selected cell, its data and history; else a summary of the canvas. */
import { memo, useState } from "react";
import { session } from "../app/session";
import { useCellRecord, useSelection, useUiPart } from "../app/hooks";
import type { CellRecord } from "../document/schema";
import { Icon, IconButton, Tabs } from "../theme";
import { ChartExport, ChartsOf } from "./ChartExport";
import { DataTab } from "./DataTab";
import { CodeEditor } from "./editor/CodeEditor";
import { HistoryTab } from "./HistoryTab";
import { Inputs } from "./Inputs";
import s from "./inspector.module.css";
import { ParamForm } from "./ParamForm";
import { Geometry, Naming, Precision } from "./Place";
import { Downloads } from "./Downloads";
import { Several, Summary } from "./Summary";
import { Versions } from "./Versions";

/** Redraws a part of the form only when what it shows of the cell changes: a threshold that is dragged writes fifteen times a second. */
function showing(part: (props: { record: CellRecord }) => React.ReactNode, ...names: (keyof CellRecord)[]) {
  return memo(part, ({ record: a }, { record: b }) => a.id === b.id && a.kind === b.kind && names.every((name) => a[name] === b[name]));
}

const Links = showing(Inputs);
const Names = showing(Naming, "title", "name", "mode");
const Bounds = showing(Geometry, "pos", "size");
const Read = showing(Versions, "params");
const Saving = showing(Downloads, "title", "name");

function Configure({ record }: { record: CellRecord }) {
  const kind = session.kinds[record.kind];
  return (
    <>
      {kind?.code && kind.computes && (
        <section className={s.section} aria-label="Code">
          <div className={s.code}><CodeEditor record={record} /></div>
          <Sandbox />
        </section>
      )}
      <Links record={record} />
      <ParamForm record={record} />
      <ChartExport cell={record.id} />
      <ChartsOf cell={record.id} />
      <Read record={record} />
      <Precision cell={record.id} />
      <Saving record={record} />
      <Names record={record} />
      <Bounds record={record} />
    </>
  );
}

/** What keeps this code away from the machine and from the network. */
function Sandbox() {
  const told = session.bootstrap.sandbox;
  if (!told) return null;
  const proved = told.attacks > 0 ? ` ${told.blocked} of ${told.attacks} attacks on it were blocked when it started.` : "";
  return <p className={s.quiet}>{told.tier && told.tier !== "C" ? `Tier ${told.tier}: ` : ""}{told.words}{proved}</p>;
}

function One({ id }: { id: string }) {
  const record = useCellRecord(id);
  const [tab, setTab] = useState("configure");
  if (!record) return null;
  const kind = session.kinds[record.kind];
  const gives = Object.values(kind?.outputs ?? {}).includes("table") || Object.keys(kind?.inputs ?? {}).length > 0;
  const tabs = [
    { id: "configure", label: "Configure", content: <Configure record={record} /> },
    ...(gives ? [{ id: "data", label: "Data", content: <DataTab record={record} /> }] : []),
    { id: "history", label: "History", content: <HistoryTab cell={id} /> },
  ];
  return (
    <>
      <Head icon={kind?.icon ?? "box"} title={record.title || kind?.title || "Cell"} />
      <Tabs className={s.tabs} tabs={tabs} value={tabs.some((t) => t.id === tab) ? tab : "configure"} onChange={setTab} />
    </>
  );
}

function Head({ icon, title }: { icon?: string; title: string }) {
  return (
    <div className={s.head}>
      {icon && <Icon name={icon} />}
      <h2 className={s.title} title={title}>{title}</h2>
      <IconButton icon="x" label="Close the inspector" shortcut="]" side="left" onClick={() => session.ui.set({ inspectorOpen: false })} />
    </div>
  );
}

export function Inspector() {
  const selection = useSelection();
  const open = useUiPart((ui) => ui.inspectorOpen);
  const [first] = selection;
  if (!open) return null;
  return (
    <aside className={s.inspector} aria-label="Inspector" role="region" data-region="inspector" tabIndex={-1}>
      {selection.size === 1 && first && <One key={first} id={first} />}
      {selection.size > 1 && <><Head title={`${selection.size} cells`} /><Several ids={selection} /></>}
      {selection.size === 0 && <><Head title="Canvas" /><Summary /></>}
    </aside>
  );
}
