/** Taking a chart away: as a picture, as numbers, as Python. */
import { session } from "../app/session";
import { type ChartFormat, takeChart } from "../canvas/charts";
import type { Action, ActionContext } from "./action";

const only = (selection: ReadonlySet<string>) => [...selection][0] ?? "";
const viewOf = (cell: string) => session.results.get(cell).step?.view;
const isChart = ({ selection }: ActionContext) => selection.size === 1 && viewOf(only(selection))?.type === "figure";
const hasScript = (context: ActionContext) => isChart(context) && typeof viewOf(only(context.selection))?.python === "string";

const take = (format: ChartFormat) => ({ selection }: ActionContext) => takeChart(only(selection), format);

const givesTable = ({ selection }: ActionContext) => session.can("editor") && selection.size === 1 && Object.values(session.results.get(only(selection)).schema ?? {}).length > 0;

export const actions: Action[] = [
  { id: "suggest-charts", label: "Suggest charts", group: "Canvas", icon: "lightbulb", when: givesTable, run: ({ selection }) => session.ui.set({ suggestOpen: { cell: only(selection), columns: [] } }) },
  { id: "chart-png", label: "Save chart as PNG", group: "Canvas", icon: "image-down", when: isChart, run: take("png") },
  { id: "chart-svg", label: "Save chart as SVG", group: "Canvas", icon: "image-down", when: isChart, run: take("svg") },
  { id: "chart-csv", label: "Save drawn numbers as CSV", group: "Canvas", icon: "download", when: isChart, run: take("csv") },
  { id: "chart-python", label: "Copy as Plotly Python code", group: "Canvas", icon: "code", when: hasScript, run: take("python") },
];
