"""Boxes and violins: how values of a number are spread in each group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from workers.engine.approx import Answer, answer_like
from workers.engine.axes import Axis, axis
from workers.engine.charts import (
    MAX_SERIES,
    SERIES,
    VALUE,
    Chart,
    ChartSpec,
    X,
    Y,
    columns_of,
    grouped,
    numeric,
)
from workers.engine.drawing import categories, in_order, key_of, label, layout_of, padded, short_value
from workers.engine.mark import Mark
from workers.engine.ops import Measure
from workers.engine.series import Frame, has, names_of
from workers.engine.smoothing import smoothed
from workers.engine.tables import exact_range
from workers.ports import Column, Op, Table

if TYPE_CHECKING:
    from workers.engine.figure_code import FigureCode

BOX = {"q1": "__q1", "median": VALUE, "q3": "__q3", "mean": "__mean", "whisker_low": "__low", "whisker_high": "__high"}
QUARTILES = ("q1", "median", "q3")
GRAIN = 96
"""Bins under a violin."""
VIOLINS = 14


def groups_axis(table: Table | Op, spec: ChartSpec, columns: dict[str, Column]) -> tuple[Table | Op, Axis]:
    """The axis of groups: x, or one unnamed group when x itself is drawn."""
    assert spec.x
    if spec.y:
        return table, axis(table, columns[spec.x], spec, marks=spec.bins or 24)
    op: Op = table.op if isinstance(table, Table) else table
    only = {"op": "derive", "input": op, "name": X, "expression": {"lit": spec.x}}
    return only, Axis(X, "text", "category", "")


class Box(Mark):
    """Quartiles, whiskers and mean of each group."""

    name, words, order = "box", "Box plot", 8
    uses = frozenset(("y", "color", "facet", "time_unit", "limit", "log", "lines"))

    def plan(self, table: Table | Op, spec: ChartSpec) -> Chart:
        """Quartiles of y (or of x, alone)."""
        columns = columns_of(table, spec)
        value = spec.y or str(spec.x)
        numeric(columns[value], "y" if spec.y else "x", "A box plot")
        measures = [Measure(function=f, column=value, name=n) for f, n in BOX.items()]
        table, x = groups_axis(table, spec, columns)
        return grouped(table, spec, x, measures, value, columns, color=spec.color)

    def frame(self, chart: Chart, step: Answer) -> Frame:
        """The largest groups, in order of their keys."""
        at = {c.name: i for i, c in enumerate(step.columns)}
        names = names_of(step, SERIES, MAX_SERIES) if has(step, SERIES) else [""]
        order = sorted(range(len(step.rows)), key=lambda i: -step.counts[i])
        keys = list(dict.fromkeys(key_of(chart.x, step.rows[i][at[X]]) for i in order))
        keys = [k for k in keys if k is not None or chart.x.how == "category"][: chart.spec.limit]
        return Frame(names, _sorted(keys), [])

    def traces(self, chart: Chart, step: Answer, frame: Frame) -> list[dict[str, Any]]:
        """Boxes; whiskers end at the last values within 1.5 times the middle half."""
        at = {c.name: i for i, c in enumerate(step.columns)}
        out = []
        for index, name in enumerate(frame.names):
            rows = {key_of(chart.x, r[at[X]]): r for r in step.rows
                    if (SERIES not in at or label(r[at[SERIES]]) == name) and r[at[VALUE]] is not None}
            found = [(k, rows[k]) for k in frame.keys if k in rows]
            if found:
                out.append(_box(chart, index, name, found, at))
        return out

    def layout(self, chart: Chart, step: Answer, frame: Frame) -> dict[str, Any]:
        """The axis of values covers all of them."""
        layout = layout_of(chart, chart.value_title)
        low, high = exact_range(chart.op, chart.value_title)
        layout["boxmode"] = "group" if len(frame.names) > 1 else "overlay"
        if low is not None and not isinstance(low, (str, bool)):
            ends = padded(low, high, log=chart.spec.is_log("y"))
            layout["yaxis"] |= {"range": ends} if ends else {}
        if chart.x.how == "category":
            categories(layout, "xaxis", frame.keys)
        return layout

    def brush(self, chart: Chart) -> dict[str, Any]:
        """Groups on x, values on y."""
        return _spread_brush(super().brush(chart), chart)

    def code(self, chart: Chart, code: FigureCode) -> None:
        """Boxes from the rows."""
        code.rows(chart)
        code.each_series("go.Box", boxmean=True)
        code.layout(boxmode="group" if chart.spec.color else "overlay")


class Violin(Mark):
    """The smoothed spread of values in each group, with its quartiles."""

    name, words, order = "violin", "Violin plot", 9
    uses = frozenset(("y", "facet", "time_unit", "limit", "lines"))

    def plan(self, table: Table | Op, spec: ChartSpec) -> Chart:
        """Rows by group and fine bins of the value."""
        columns = columns_of(table, spec)
        value = spec.y or str(spec.x)
        numeric(columns[value], "y" if spec.y else "x", "A violin plot")
        low, high = exact_range(table, value)
        low, high = (float(low), float(high)) if isinstance(low, (int, float)) else (0.0, 1.0)
        y = Axis(value, columns[value].type, "bins", value, start=low, width=(high - low) / GRAIN or 1.0, bins=GRAIN)
        table, x = groups_axis(table, spec, columns)
        return grouped(table, spec, x, [Measure(function="count", name=VALUE)], value, columns, y=y)

    def frame(self, chart: Chart, step: Answer) -> Frame:
        """The largest groups, in order of their keys."""
        at = [c.name for c in step.columns].index(X)
        sizes: dict[Any, float] = {}
        for row, count in zip(step.rows, step.counts, strict=True):
            key = key_of(chart.x, row[at])
            if key is not None or chart.x.how == "category":
                sizes[key] = sizes.get(key, 0) + count
        return Frame([""], _sorted(sorted(sizes, key=lambda k: -sizes[k])[: min(VIOLINS, chart.spec.limit)]), [])

    def traces(self, chart: Chart, step: Answer, frame: Frame) -> list[dict[str, Any]]:
        """An outline and a thin box for each group, all in one colour; x is the number of the group."""
        assert chart.y is not None
        at = {c.name: i for i, c in enumerate(step.columns)}
        counts: dict[Any, list[float]] = {k: [0.0] * chart.y.bins for k in frame.keys}
        for row in step.rows:
            key = key_of(chart.x, row[at[X]])
            if key in counts and row[at[Y]] is not None:
                counts[key][min(chart.y.bins - 1, max(0, int(row[at[Y]])))] += float(row[at[VALUE]] or 0)
        places = [chart.y.centre(i) for i in range(chart.y.bins)]
        data = [_outline(i, str(chart.x.place(k)), counts[k], places) for i, k in enumerate(frame.keys)
                if any(counts[k])]
        return [*data, *_quartiles(chart, step, frame)]

    def layout(self, chart: Chart, step: Answer, frame: Frame) -> dict[str, Any]:
        """Groups stand at whole numbers, under their names."""
        layout = layout_of(chart, chart.value_title)
        names = [str(short_value(chart.x.place(k))) for k in frame.keys]
        title = layout["xaxis"]["title"]
        layout["xaxis"] = {"title": title, "tickmode": "array", "tickvals": list(range(len(names))), "ticktext": names,
                           "range": [-0.6, len(names) - 0.4]}
        assert chart.y is not None
        layout["yaxis"]["range"] = padded(chart.y.edge(0), chart.y.edge(chart.y.bins))
        return layout

    def brush(self, chart: Chart) -> dict[str, Any]:
        """Groups on x, values on y."""
        return _spread_brush(super().brush(chart), chart)

    def summary(self, chart: Chart, step: Answer) -> str:
        """Which groups."""
        about = "" if step.exact else " (approximate)"
        groups, by = len({row[0] for row in step.rows}), chart.x.title or "all rows"
        return f"{self.words} of {chart.value_title} by {by}{about}: {groups:,} groups, smoothed."

    def code(self, chart: Chart, code: FigureCode) -> None:
        """Violins from the rows."""
        code.rows(chart)
        code.each_series("go.Violin", box_visible=True, points=False)


def _spread_brush(told: dict[str, Any], chart: Chart) -> dict[str, Any]:
    value = {"column": chart.value_title, "type": "number", "how": "value", "unit": "none"}
    return told | {"x": told["x"] if chart.spec.y else None, "y": value}


def _sorted(keys: list[Any]) -> list[Any]:
    texts = all(isinstance(k, str) for k in keys)
    return sorted(keys) if texts and not set(keys) & set(in_order(["Monday"])) else in_order(keys)


def _box(chart: Chart, index: int, name: str, rows: list[tuple[Any, list[Any]]],
         at: Mapping[str, int]) -> dict[str, Any]:
    get = {field: [r[at[field]] for _, r in rows] for field in BOX.values()}
    places = [chart.x.place(k) for k, _ in rows]
    lists = {"x": places, "q1": get["__q1"], "median": get[VALUE], "q3": get["__q3"], "mean": get["__mean"]}
    lists |= {"lowerfence": get["__low"], "upperfence": get["__high"]}
    short = {field: [short_value(v) for v in values] for field, values in lists.items()}
    return {"type": "box", "name": name, "meta": {"series": index}, **short}


def _outline(index: int, name: str, counts: list[float], places: list[float]) -> dict[str, Any]:
    density = smoothed(counts)
    top = max(density)
    # Ends without rows are not drawn.
    inside = [i for i, d in enumerate(density) if d > top / 500]
    kept = range(inside[0], inside[-1] + 1)
    half = [0.42 * density[i] / top for i in kept]
    ys = [short_value(places[i]) for i in kept]
    xs = [short_value(index + h) for h in half] + [short_value(index - h) for h in reversed(half)]
    return {"type": "scatter", "mode": "lines", "name": name, "fill": "toself", "hoveron": "fills", "text": name,
            "meta": {"series": 0, "violin": index}, "x": [*xs, xs[0]], "y": [*ys, *reversed(ys), ys[0]]}


def _quartiles(chart: Chart, step: Answer, frame: Frame) -> list[dict[str, Any]]:
    """Boxes of the same rows, as thin lines in the middle."""
    measures = tuple(Measure(function=f, column=chart.value_title, name=f) for f in QUARTILES)
    by = tuple(name for name in chart.query.by if name == X)
    found = answer_like(step, chart.op, replace(chart.query, by=by, measures=measures))
    rows = {key_of(chart.x, r[0]): r[1:] for r in found.rows}
    shown = [(i, rows[k]) for i, k in enumerate(frame.keys) if k in rows and None not in rows[k]]
    if not shown:
        return []
    lists = {name: [short_value(r[i]) for _, r in shown] for i, name in enumerate(QUARTILES)}
    ends = {"lowerfence": lists["q1"], "upperfence": lists["q3"]}
    return [{"type": "box", "name": "middle half", "showlegend": False, "meta": {"series": 0, "thin": True},
             "x": [i for i, _ in shown], "width": 0.08, **lists, **ends}]
