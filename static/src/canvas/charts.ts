/** Taking a chart away; what does it is loaded with the first use, as Plotly is. */
export type ChartFormat = "png" | "svg" | "csv" | "python";

export function takeChart(cell: string, format: ChartFormat): void {
  void import("../views/figure/export").then(({ exportChart }) => exportChart(cell, format));
}
