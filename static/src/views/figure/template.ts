/** The look of every chart, as one Plotly layout template made from the tokens. */
import { sequential, type Palette } from "./palette";

export function template(p: Palette): Record<string, unknown> {
  const axis = {
    gridcolor: p.line, linecolor: p.line, tickcolor: p.line, zeroline: false, automargin: true, ticklen: 3, separatethousands: true,
    tickfont: { size: 11, color: p.ink3, family: p.sans },
    title: { font: { size: 11, color: p.ink3, family: p.mono }, standoff: 6 },
  };
  return {
    layout: {
      font: { family: p.sans, size: 11, color: p.ink2 },
      paper_bgcolor: "transparent",
      plot_bgcolor: "transparent",
      colorway: p.data,
      colorscale: { sequential: sequential(p) },
      xaxis: { ...axis, showgrid: false, showline: true },
      // Their labels cannot reach beyond the chart, so Plotly need not measure each.
      yaxis: { ...axis, ticklen: 0, ticklabeloverflow: "allow" },
      hoverlabel: { bgcolor: p.surface, bordercolor: p.lineStrong, font: { family: p.sans, size: 12, color: p.ink }, align: "left", namelength: 40 },
      legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", font: { size: 11, color: p.ink2 }, itemsizing: "constant", tracegroupgap: 4 },
      bargap: 0.16,
      separators: ".,",
    },
  };
}
