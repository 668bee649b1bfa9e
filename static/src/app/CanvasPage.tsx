/** The canvas page: top bar, palette, surface, inspector, and what opens above them. */
import { useEffect } from "react";
import { listenForShortcuts } from "../actions/shortcuts";
import { Surface } from "../canvas/Surface";
import { Inspector } from "../inspector/Inspector";
import { CommandMenu } from "../panels/CommandMenu";
import { EmptyCanvas } from "../panels/EmptyCanvas";
import { FilterDialog } from "../panels/FilterDialog";
import { ListDialog } from "../panels/ListDialog";
import { Outline } from "../panels/Outline";
import { Palette } from "../panels/Palette";
import { ShareDialog } from "../panels/ShareDialog";
import { Shortcuts } from "../panels/Shortcuts";
import { Toasts } from "../panels/Toasts";
import { SuggestDialog } from "../panels/SuggestDialog";
import { TopBar } from "../panels/TopBar";
import { EndedPage } from "./EndedPage";
import { Freshness } from "./Freshness";
import { useCellIds, useEnded, useUiPart } from "./hooks";
import s from "./page.module.css";

export function CanvasPage() {
  const ended = useEnded();
  const empty = useCellIds().length === 0;
  const name = useUiPart((ui) => ui.canvasName);
  useEffect(listenForShortcuts, []);
  useEffect(() => {
    document.title = name ? `${name} · Inkling` : "Inkling";
  }, [name]);
  if (ended) return <EndedPage ended={ended} />;
  return (
    <div className={s.page}>
      <a className={s.skip} href="#canvas">
        Skip to the canvas
      </a>
      <TopBar />
      <div className={s.middle}>
        <Palette />
        <main id="canvas" className={s.canvas} tabIndex={-1}>
          <Surface />
          {empty && <EmptyCanvas />}
          <Outline />
        </main>
        <Inspector />
      </div>
      <Freshness />
      <CommandMenu />
      <ShareDialog />
      <FilterDialog />
      <ListDialog />
      <SuggestDialog />
      <Shortcuts />
      <Toasts />
    </div>
  );
}
