/** A chart as a file or as Python: drawn once more off screen, in the colours of the page. */
import { session } from "../../app/session";
import type { FigureViewData } from "../view";
import { plotly } from "./library";
import { csvOf } from "./numbers";
import { readPalette } from "./palette";
import { styleFigure } from "./style";

type Format = "png" | "svg" | "csv" | "python";

/** Stands for the table in a script; see the kind's `compute`. */
const TABLE = /\bthe_table\b/g;
const HEADER_AND_FOOTER = 70;

export function figureOf(cell: string): FigureViewData | undefined {
  const view = session.results.get(cell).step?.view;
  return view?.type === "figure" ? (view as unknown as FigureViewData) : undefined;
}

/** The script of a chart, about the table by its name on the canvas; only an exact chart has one. */
export function scriptOf(cell: string): string | undefined {
  const view = figureOf(cell);
  if (typeof view?.python !== "string") return undefined;
  const edge = session.doc.edgeList().find((each) => each.to === cell && each.toPort === "table");
  return view.python.replace(TABLE, session.doc.record(edge?.from ?? "")?.name || "table");
}

export function save(name: string, href: string): void {
  const link = document.createElement("a");
  link.href = href;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
}

function fileName(cell: string, ending: string): string {
  const record = session.doc.record(cell);
  const words = (session.edits.label(record) || "chart").trim().toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "");
  return `${words || "chart"}.${ending}`;
}

async function picture(cell: string, view: FigureViewData, format: "png" | "svg"): Promise<void> {
  const record = session.doc.record(cell);
  const [width, height] = record?.size ?? [420, 280];
  const palette = readPalette();
  const text = (name: string) => (typeof record?.params[name] === "string" ? String(record.params[name]) : "");
  const size: [number, number] = [width, height - HEADER_AND_FOOTER];
  const { data, layout } = styleFigure(view, { size, palette, revision: "", by: text("color"), x: text("x") });
  const href = await (await plotly()).toImage({ data, layout: { ...layout, paper_bgcolor: palette.surface } }, { format, width: size[0], height: size[1], scale: 2 });
  save(fileName(cell, format), href);
}

/** Saves or copies a chart; says what came of it. */
export async function exportChart(cell: string, format: Format): Promise<void> {
  const view = figureOf(cell);
  if (!view) return;
  try {
    if (format === "python") {
      await navigator.clipboard.writeText(scriptOf(cell) ?? "");
      session.ui.toast("Python code copied");
    } else if (format === "csv") {
      const address = URL.createObjectURL(new Blob(["\uFEFF", csvOf(view)], { type: "text/csv;charset=utf-8" }));
      save(fileName(cell, "csv"), address);
      setTimeout(() => URL.revokeObjectURL(address), 10_000);
    } else await picture(cell, view, format);
  } catch (error) {
    session.ui.toast(`The chart was not saved: ${error instanceof Error ? error.message : String(error)}`);
  }
}
