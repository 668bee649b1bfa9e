"""Lines and areas: values along an axis, with intervals as bands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workers.engine.approx import Answer
from workers.engine.axes import axis
from workers.engine.charts import MAX_MARKS, Chart, ChartSpec, columns_of, grouped, measure, wants_y
from workers.engine.drawing import categories, in_order, short_value
from workers.engine.mark import Mark
from workers.engine.series import Frame, Point, frame_of
from workers.ports import Op, Table

if TYPE_CHECKING:
    from workers.engine.figure_code import FigureCode


class Line(Mark):
    """A line for each series."""

    name, words, order = "line", "Line chart", 2
    uses = frozenset(("y", "aggregate", "color", "facet", "time_unit", "errors", "log", "lines"))

    def plan(self, table: Table | Op, spec: ChartSpec) -> Chart:
        """Values by x and colour."""
        columns = columns_of(table, spec)
        wants_y(spec)
        measures, title = measure(spec, columns)
        assert spec.x
        many = bool(spec.color) or bool(spec.facet)
        x = axis(table, columns[spec.x], spec, marks=200 if many else 750, log=spec.is_log("x"))
        return grouped(table, spec, x, measures, title, columns, color=spec.color)

    def frame(self, chart: Chart, step: Answer) -> Frame:
        """All keys: a line has no "other" place."""
        frame = frame_of(chart, step, most=MAX_MARKS)
        keys = sorted(frame.keys, key=str) if chart.x.how == "category" and chart.x.unit == "none" else frame.keys
        return Frame(frame.names, keys, [])

    def traces(self, chart: Chart, step: Answer, frame: Frame) -> list[dict[str, Any]]:
        """A line for each series, and a band behind it where intervals are known."""
        series = frame.series(chart, step)
        return [trace for i, (name, points) in enumerate(series.items())
                for trace in self._drawn(chart, i, name, points, step)]

    def _drawn(self, chart: Chart, index: int, name: str, points: dict[Any, Point],
               step: Answer) -> list[dict[str, Any]]:
        trace, marks = line(chart, index, name, points)
        return [*band(name, index, trace["x"], marks), trace]

    def layout(self, chart: Chart, step: Answer, frame: Frame) -> dict[str, Any]:
        """Axes; texts in their order."""
        layout = super().layout(chart, step, frame)
        if chart.x.how == "category":
            categories(layout, "xaxis", frame.keys)
        return layout

    def code(self, chart: Chart, code: FigureCode) -> None:
        """One line a series."""
        code.values(chart)
        code.each_series("go.Scatter", errors=True, mode="lines")


class Area(Line):
    """Areas under lines, stacked or one over the other."""

    name, words, order, zero = "area", "Area chart", 3, True
    uses = frozenset(("y", "aggregate", "color", "facet", "arrange", "time_unit", "lines"))

    def traces(self, chart: Chart, step: Answer, frame: Frame) -> list[dict[str, Any]]:
        """Stacked areas share every key, so that each stands on those below it."""
        series = frame.series(chart, step)
        over = chart.spec.arrange == "overlaid" or len(series) == 1
        if over:
            traces = super().traces(chart, step, frame)
            return [t if t["meta"].get("band") else {**t, "fill": "tozeroy"} for t in traces]
        keys = in_order({k for points in series.values() for k in points})
        fill = 0 if chart.function in ("count", "sum") else None
        data = []
        for index, (name, points) in enumerate(series.items()):
            whole = {k: points.get(k) or Point(k, fill, None, None, 0) for k in keys}
            trace, _ = line(chart, index, name, whole)
            trace |= {"mode": "lines", "stackgroup": "one"}
            if chart.spec.arrange == "share":
                trace["groupnorm"] = "percent"
            data.append(trace)
        return data

    def layout(self, chart: Chart, step: Answer, frame: Frame) -> dict[str, Any]:
        """Shares are per cent."""
        layout = super().layout(chart, step, frame)
        if chart.spec.arrange == "share" and len(frame.names) > 1:
            layout["yaxis"]["title"]["text"] = f"share of {chart.value_title}, %"
        return layout

    def code(self, chart: Chart, code: FigureCode) -> None:
        """One area a series."""
        code.values(chart)
        if not chart.spec.color or chart.spec.arrange == "overlaid":
            code.each_series("go.Scatter", mode="lines", fill="tozeroy")
        elif chart.spec.arrange == "share":
            code.each_series("go.Scatter", mode="lines", stackgroup="one", groupnorm="percent")
        else:
            code.each_series("go.Scatter", mode="lines", stackgroup="one")


def line(chart: Chart, index: int, name: str, points: dict[Any, Point]) -> tuple[dict[str, Any], list[Point]]:
    """A trace and its points, in the order of x."""
    x = chart.x
    order = in_order(points)[:MAX_MARKS]
    if x.how == "category" and x.unit == "none":
        order = sorted(order, key=str)
    xs = [short_value(x.place(k)) for k in order]
    marks = [points[k] for k in order]
    mode = "lines" if len(xs) > 60 else "lines+markers"
    return {"type": "scatter", "mode": mode, "name": name, "meta": {"series": index}, "x": xs,
            "y": [short_value(p.value) for p in marks]}, marks


def band(name: str, index: int, xs: list[Any], marks: list[Point]) -> list[dict[str, Any]]:
    """The interval around a line; nothing when no point has one."""
    if not any(p.low is not None for p in marks):
        return []
    high = [short_value(p.high if p.high is not None else p.value) for p in marks]
    low = [short_value(p.low if p.low is not None else p.value) for p in reversed(marks)]
    return [shape(f"{name} 95 %".strip(), index, xs + xs[::-1], high + low)]


def shape(name: str, index: int, xs: list[Any], ys: list[Any]) -> dict[str, Any]:
    """A filled outline without a line of its own: an interval."""
    return {"type": "scatter", "mode": "lines", "name": name, "meta": {"series": index, "band": True},
            "showlegend": False, "hoverinfo": "skip", "fill": "toself", "line": {"width": 0}, "x": xs, "y": ys}
