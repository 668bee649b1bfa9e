"""Bars and histograms: grouped, stacked or as shares, standing or lying, with intervals as whiskers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workers.engine.approx import Answer
from workers.engine.axes import NUMERIC, axis, binned
from workers.engine.charts import VALUE, Chart, ChartSpec, columns_of, grouped, measure, wants_y
from workers.engine.drawing import categories, layout_of, short_value
from workers.engine.mark import Mark
from workers.engine.ops import Measure
from workers.engine.series import Frame, Point
from workers.engine.tables import exact_range
from workers.ports import Op, Table

if TYPE_CHECKING:
    from workers.engine.figure_code import FigureCode

BARS = 60


class Bar(Mark):
    """A bar for each category, time step or bin."""

    name, words, order, zero = "bar", "Bar chart", 1, True
    uses = frozenset(("y", "aggregate", "color", "facet", "arrange", "sort", "limit", "horizontal", "bins",
                      "time_unit", "errors", "log", "lines"))
    stands = "group"

    def plan(self, table: Table | Op, spec: ChartSpec) -> Chart:
        """Values by x and colour."""
        columns = columns_of(table, spec)
        wants_y(spec)
        measures, title = measure(spec, columns)
        assert spec.x
        x = axis(table, columns[spec.x], spec, marks=BARS, whole=True, log=spec.is_log("x"))
        return grouped(table, spec, x, measures, title, columns, color=spec.color)

    def arranged(self, spec: ChartSpec) -> str:
        """Plotly's word for how series stand."""
        chosen = {"grouped": "group", "stacked": "stack", "share": "share", "overlaid": "overlay"}
        return chosen.get(spec.arrange, self.stands)

    def traces(self, chart: Chart, step: Answer, frame: Frame) -> list[dict[str, Any]]:
        """A trace for each series."""
        series = frame.series(chart, step)
        how = self.arranged(chart.spec)
        single = len(series) == 1
        data = []
        for index, (name, points) in enumerate(series.items()):
            trace, shown = self._trace(chart, index, name, points, frame)
            if how in ("group", "overlay") or single:
                trace = whiskers(trace, shown)
            if how == "overlay":
                trace["opacity"] = 0.6
            data.append(turned(trace) if self.lying(chart.spec) else trace)
        return data

    def _trace(self, chart: Chart, index: int, name: str, points: dict[Any, Point],
               frame: Frame) -> tuple[dict[str, Any], list[Point]]:
        x = chart.x
        order = [k for k in frame.keys if k in points]
        if x.how == "bins" and not name:
            order = list(range(x.bins))
        empty = Point(None, 0 if chart.function in ("count", "sum") else None, None, None, 0)
        shown = [points.get(k, empty) for k in order]
        trace: dict[str, Any] = {
            "type": "bar", "name": name, "meta": {"series": index},
            "x": [short_value(x.place(k)) for k in order], "y": [short_value(p.value) for p in shown],
        }
        if x.how == "bins":
            trace["meta"] |= {"start": x.start, "width": x.width}
            if x.log:
                trace["width"] = [short_value(x.breadth(k)) for k in order]
            elif self.name == "histogram":
                trace["width"] = x.width
        return trace, shown

    def layout(self, chart: Chart, step: Answer, frame: Frame) -> dict[str, Any]:
        """Axes; shares are per cent."""
        how, lying = self.arranged(chart.spec), self.lying(chart.spec)
        title = f"share of {chart.value_title}, %" if how == "share" else chart.value_title
        layout = layout_of(chart, title, zero=True, lying=lying)
        layout |= {"barmode": "stack", "barnorm": "percent"} if how == "share" else {"barmode": how}
        if chart.x.how == "category":
            categories(layout, "yaxis" if lying else "xaxis", frame.keys)
        return layout

    def code(self, chart: Chart, code: FigureCode) -> None:
        """One bar trace a series."""
        how = self.arranged(chart.spec)
        code.values(chart)
        code.each_series("go.Bar", lying=self.lying(chart.spec), errors=how in ("group", "overlay"))
        code.layout(barmode="stack" if how == "share" else how, **({"barnorm": "percent"} if how == "share" else {}))


class Histogram(Bar):
    """How often values fall in each bin."""

    name, words, order = "histogram", "Histogram", 4
    uses = frozenset(("color", "facet", "arrange", "bins", "horizontal", "log", "lines"))
    stands = "stack"

    def plan(self, table: Table | Op, spec: ChartSpec) -> Chart:
        """Rows by bin and colour."""
        columns = columns_of(table, spec)
        assert spec.x
        column = columns[spec.x]
        if column.type in NUMERIC:
            low, high = exact_range(table, column.name)
            x = binned(column, low if low is not None else 0, high if high is not None else 1, spec.bins or 40,
                       log=spec.is_log("x"))
        else:
            x = axis(table, column, spec, marks=BARS)
        count = [Measure(function="count", name=VALUE)]
        return grouped(table, spec, x, count, "count", columns, color=spec.color)


def whiskers(trace: dict[str, Any], points: list[Point]) -> dict[str, Any]:
    """Intervals as error bars."""
    if any(p.low is not None for p in points):
        up = [None if p.high is None or p.value is None else short_value(max(0.0, p.high - p.value)) for p in points]
        down = [None if p.low is None or p.value is None else short_value(max(0.0, p.value - p.low)) for p in points]
        trace["error_y"] = {"type": "data", "symmetric": False, "array": up, "arrayminus": down, "visible": True}
    return trace


def turned(trace: dict[str, Any]) -> dict[str, Any]:
    """The same bars, lying."""
    trace["x"], trace["y"], trace["orientation"] = trace["y"], trace["x"], "h"
    if "error_y" in trace:
        trace["error_x"] = trace.pop("error_y")
    return trace
