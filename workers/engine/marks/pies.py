"""Pies: shares of a whole, the largest slices first and the rest as "other"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workers.engine.approx import Answer
from workers.engine.charts import Chart, ChartSpec
from workers.engine.drawing import short_value
from workers.engine.marks.bars import Bar
from workers.engine.series import Frame, frame_of
from workers.kind import CellError
from workers.ports import Op, Table

if TYPE_CHECKING:
    from workers.engine.figure_code import FigureCode

SLICES = 6


class Pie(Bar):
    """A slice for each category."""

    name, words, order = "pie", "Pie chart", 10
    uses = frozenset(("y", "aggregate", "time_unit"))
    panels = False

    def plan(self, table: Table | Op, spec: ChartSpec) -> Chart:
        """Amounts by category; means and medians make no whole."""
        if spec.aggregate not in ("count", "sum"):
            fix = {"label": "Draw sums", "params": {"aggregate": "sum"}}
            raise CellError("no_whole", f"A pie shows parts of a whole; values of “{spec.aggregate}” add up to none.",
                            param="aggregate", fix=fix)
        return super().plan(table, spec.model_copy(update={"color": None, "facet": None, "sort": "-value"}))

    def frame(self, chart: Chart, step: Answer) -> Frame:
        """Six slices and the rest."""
        return frame_of(chart, step, most=min(SLICES, chart.spec.limit))

    def traces(self, chart: Chart, step: Answer, frame: Frame) -> list[dict[str, Any]]:
        """Slices in the order of their size, or of time."""
        points = frame.series(chart, step)[""]
        keys = [k for k in frame.keys if k in points]
        return [{"type": "pie", "name": chart.x.title, "meta": {"series": 0}, "sort": False, "direction": "clockwise",
                 "labels": [str(short_value(chart.x.place(k))) for k in keys],
                 "values": [short_value(max(0, points[k].value or 0)) for k in keys]}]

    def layout(self, chart: Chart, step: Answer, frame: Frame) -> dict[str, Any]:
        """No axes."""
        return {}

    def code(self, chart: Chart, code: FigureCode) -> None:
        """One pie."""
        code.values(chart, most=min(SLICES, chart.spec.limit))
        code.figure()
        code.line('data = data.set_index("x").loc[kept].reset_index()' if chart.x.how == "category" else "")
        code.line('fig.add_trace(go.Pie(labels=data["x"], values=data["value"], sort=False, direction="clockwise"))')
