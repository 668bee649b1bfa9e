"""Heat maps and 2-D densities: amounts over two axes."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from workers.engine.approx import Answer
from workers.engine.axes import MOMENT, Axis, axis, binned
from workers.engine.charts import (
    VALUE,
    Chart,
    ChartSpec,
    X,
    Y,
    columns_of,
    grouped,
    measure,
    needs_y,
    numeric,
)
from workers.engine.drawing import in_order, key_of, layout_of, short_value
from workers.engine.mark import Mark
from workers.engine.ops import Measure
from workers.engine.series import Frame
from workers.engine.smoothing import smoothed_grid
from workers.engine.tables import exact_range
from workers.kind import CellError
from workers.ports import Op, Table

if TYPE_CHECKING:
    from workers.engine.figure_code import FigureCode

CELLS = 38
"""Bins a side of a density: their product stays under the limit of marks."""
COUNT = [Measure(function="count", name=VALUE)]


class HeatMap(Mark):
    """A colour for each pair of x and y."""

    name, label, words, order = "heatmap", "heat map", "Heat map", 6
    uses = frozenset(("y", "aggregate", "color", "facet", "bins", "time_unit", "limit"))

    def plan(self, table: Table | Op, spec: ChartSpec) -> Chart:
        """Rows, or an aggregate of the colour column, by both axes."""
        columns = columns_of(table, spec)
        y_name = needs_y(spec)
        assert spec.x
        if columns[y_name].type in MOMENT and columns[spec.x].type in MOMENT:
            raise CellError("type_mismatch", "A heat map takes one date axis. Choose another column for y.", param="y")
        x = axis(table, columns[spec.x], spec, marks=spec.bins or 40)
        y = axis(table, columns[y_name], spec, marks=spec.bins or 30)
        measures, title = COUNT, "count"
        if spec.color and spec.aggregate not in ("count", "none"):
            measures, title = measure(spec.model_copy(update={"y": spec.color}), columns)
        return grouped(table, spec, x, measures, title, columns, y=y)

    def frame(self, chart: Chart, step: Answer) -> Frame:
        """Ticks of both axes: x in `keys`, y in `rest`."""
        assert chart.y is not None
        at = {c.name: i for i, c in enumerate(step.columns)}
        weights: tuple[dict[Any, float], dict[Any, float]] = (defaultdict(float), defaultdict(float))
        for row, count in zip(step.rows, step.counts, strict=True):
            for weight, one, name in zip(weights, (chart.x, chart.y), (X, Y), strict=True):
                key = key_of(one, row[at[name]])
                if key is not None or one.how == "category":
                    weight[key] += count
        limit = chart.spec.limit
        return Frame([""], _ticks(chart.x, weights[0], limit), _ticks(chart.y, weights[1], limit))

    def grid(self, chart: Chart, step: Answer, frame: Frame) -> list[list[Any]]:
        """Values by row (y) and column (x)."""
        assert chart.y is not None
        at = {c.name: i for i, c in enumerate(step.columns)}
        cells = {(key_of(chart.x, r[at[X]]), key_of(chart.y, r[at[Y]])): r[at[VALUE]] for r in step.rows}
        return [[cells.get((x, y)) for x in frame.keys] for y in frame.rest]

    def traces(self, chart: Chart, step: Answer, frame: Frame) -> list[dict[str, Any]]:
        """One map."""
        assert chart.y is not None
        return [{
            "type": "heatmap", "meta": {"series": 0},
            "z": [[short_value(v) for v in row] for row in self.grid(chart, step, frame)],
            "x": [short_value(chart.x.place(k)) for k in frame.keys],
            "y": [short_value(chart.y.place(k)) for k in frame.rest],
            "colorbar": {"title": {"text": chart.value_title}},
        }]

    def layout(self, chart: Chart, step: Answer, frame: Frame) -> dict[str, Any]:
        """Texts are categories on both axes."""
        assert chart.y is not None
        layout = layout_of(chart, chart.y.title)
        for side, one in (("xaxis", chart.x), ("yaxis", chart.y)):
            if one.how == "category":
                layout[side]["type"] = "category"
        return layout

    def brush(self, chart: Chart) -> dict[str, Any]:
        """No series: the colour is an amount."""
        return super().brush(chart) | {"series": None}

    def code(self, chart: Chart, code: FigureCode) -> None:
        """A pivot, drawn."""
        code.values(chart)
        code.grid("go.Heatmap", chart)


class Density(HeatMap):
    """How densely rows lie over two axes of numbers, smoothed."""

    name, label, words, order = "density", "2-D density", "Density", 7
    uses = frozenset(("y", "bins", "facet"))

    def plan(self, table: Table | Op, spec: ChartSpec) -> Chart:
        """Rows by fine bins of both axes."""
        columns = columns_of(table, spec)
        axes = []
        for param, name in (("x", str(spec.x)), ("y", needs_y(spec))):
            numeric(columns[name], param, "A density")
            low, high = exact_range(table, name)
            bins = min(spec.bins or CELLS, CELLS)
            # Nice edges would make more bins than were asked for: the last one may stay empty.
            axes.append(_even(binned(columns[name], low or 0, high if high is not None else 1, bins), low, high, bins))
        return grouped(table, spec, axes[0], COUNT, "rows", columns, y=axes[1])

    def traces(self, chart: Chart, step: Answer, frame: Frame) -> list[dict[str, Any]]:
        """Contours of the smoothed counts."""
        (trace,) = super().traces(chart, step, frame)
        counts = [[float(v or 0) for v in row] for row in self.grid(chart, step, frame)]
        z = smoothed_grid(counts) if any(any(row) for row in counts) else counts
        return [trace | {"type": "contour", "z": [[short_value(v) for v in row] for row in z], "ncontours": 12,
                         "contours": {"coloring": "fill"}, "line": {"width": 0}}]

    def brush(self, chart: Chart) -> dict[str, Any]:
        """The bins are only for smoothing: a selection takes the values as dragged."""
        told = super().brush(chart)
        return told | {side: {**told[side], "how": "value"} for side in ("x", "y")}

    def summary(self, chart: Chart, step: Answer) -> str:
        """Where it is densest, in words."""
        return super().summary(chart, step).replace(" marks", " cells", 1).rstrip(".") + "; smoothed from bins."

    def code(self, chart: Chart, code: FigureCode) -> None:
        """Plotly's own contours of counts."""
        code.density(chart)


def _even(one: Axis, low: Any, high: Any, bins: int) -> Axis:
    from dataclasses import replace

    if one.bins <= bins or low is None:
        return one
    width = (float(high) - float(low)) / bins or 1.0
    return replace(one, start=float(low), width=width, bins=bins)


def _ticks(one: Axis, weights: dict[Any, float], limit: int) -> list[Any]:
    if one.how == "bins":
        return list(range(one.bins))
    if one.unit != "none" or one.how != "category":
        return in_order(weights)[:400]
    return sorted(sorted(weights, key=lambda k: -weights[k])[:limit], key=str)
