"""Scatter plots: at most 1,500 rows as points, and a trend fitted to all rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from workers.engine.approx import Answer, levels_of, short
from workers.engine.axes import NUMERIC, Axis
from workers.engine.charts import FACET, MAX_MARKS, MAX_SERIES, SERIES, Chart, ChartSpec, columns_of, grouped, needs_y
from workers.engine.drawing import OTHER, Drawing, label, layout_of, padded, short_value
from workers.engine.duck import EXACT, engine, sql_name
from workers.engine.mark import Mark
from workers.engine.marks.lines import shape
from workers.engine.regression import Fit, fits, groups_of
from workers.engine.series import Frame, has, names_of
from workers.engine.tables import compiled, exact_range, plain
from workers.kind import CellError
from workers.ports import Column, Op, Table

if TYPE_CHECKING:
    from workers.engine.figure_code import FigureCode

WORDED = 2
"""Trends said in words; more would fill the card."""


class Scatter(Mark):
    """Points, all of them or a uniform sample."""

    name, words, order = "scatter", "Scatter plot", 5
    uses = frozenset(("y", "color", "facet", "trend", "log", "lines"))

    def plan(self, table: Table | Op, spec: ChartSpec) -> Chart:
        """Rows with both values."""
        columns = columns_of(table, spec)
        y = needs_y(spec)
        assert spec.x
        if spec.trend:
            for param, name in (("x", spec.x), ("y", y)):
                if columns[name].type not in NUMERIC:
                    raise CellError("type_mismatch", f"A trend needs numbers, but “{name}” is {columns[name].type}.",
                                    param=param, fix={"label": "Draw no trend", "params": {"trend": False}})
        axes = [Axis(name, columns[name].type, "value", name) for name in (spec.x, y)]
        return grouped(table, spec, axes[0], [], y, columns, y=axes[1], color=spec.color)

    def draw(self, chart: Chart, start: str) -> Iterator[Drawing]:
        """One step: the points come from the smallest sample that gives enough. A trend is then refined."""
        from workers.engine.approx import Query, answer
        from workers.engine.figures import drawing

        rows, columns, note = _drawn_rows(chart)
        if not chart.spec.trend:
            yield drawing(self, chart, _as_answer(rows, columns), note=note)
            return
        for step in answer(chart.op, Query(), start=start):
            told = _trends(chart, step)
            words = [f.words(chart.x.column, str(chart.spec.y), name) for name, f in told[:WORDED]]
            yield drawing(self, chart, _as_answer(rows, columns, step), note=note, words=words)

    def traces(self, chart: Chart, step: Answer, frame: Frame) -> list[dict[str, Any]]:
        """Points of each series, and its trend."""
        at = {c.name: i for i, c in enumerate(step.columns)}
        groups: dict[str, list[list[Any]]] = defaultdict(list)
        for row in step.rows:
            name = label(row[at[SERIES]]) if SERIES in at else ""
            groups[name if name in frame.names else OTHER].append(row)
        x, y = at["__px"], at["__py"]
        names = [n for n in [*frame.names, OTHER] if n in groups or n != OTHER]
        data: list[dict[str, Any]] = []
        for index, name in enumerate(names):
            part = groups.get(name, [])
            data.append({"type": "scatter", "mode": "markers", "name": name, "meta": {"series": index},
                         "x": [short_value(r[x]) for r in part], "y": [short_value(r[y]) for r in part]})
        if chart.spec.trend:
            panel = label(step.rows[0][at[FACET]]) if FACET in at and step.rows else None
            for key, fit in frame.extra.items():
                name = key[0] if SERIES in at else ""
                if name in names and (panel is None or key[-1] == panel):
                    data += _trend(name, names.index(name), fit)
        return data

    def frame(self, chart: Chart, step: Answer) -> Frame:
        """The six largest series, and the trends of all panels."""
        split = has(step, SERIES)
        by = groups_of(color=split, facet=has(step, FACET))
        found = fits(chart.op, chart.x.column, str(chart.spec.y), step, by) if chart.spec.trend else {}
        return Frame(names_of(step, SERIES, MAX_SERIES) if split else [""], [], [], found)

    def layout(self, chart: Chart, step: Answer, frame: Frame) -> dict[str, Any]:
        """Axes over the exact ranges of both columns."""
        spec = chart.spec
        layout = layout_of(chart, str(spec.y))
        for side, name in (("x", spec.x), ("y", spec.y)):
            if chart.columns[str(name)].type in NUMERIC:
                low, high = exact_range(chart.op, str(name))
                ends = None if low is None else padded(low, high, log=spec.is_log(side))
                if ends:
                    layout[f"{side}axis"]["range"] = ends
        return layout

    def summary(self, chart: Chart, step: Answer) -> str:
        """How many points of what."""
        return f"Scatter plot of {chart.spec.y} against {chart.spec.x}: {len(step.rows):,} points."

    def code(self, chart: Chart, code: FigureCode) -> None:
        """All points; Plotly draws many of them with WebGL."""
        code.rows(chart)
        code.each_series("go.Scattergl", mode="markers")
        if chart.spec.trend:
            code.trend(chart)


def _trends(chart: Chart, step: Answer) -> list[tuple[str, Fit]]:
    """(name, fit) of all rows and of each series, in words when they are few; panels share the first."""
    x, y = chart.x.column, str(chart.spec.y)
    by = (SERIES,) if chart.spec.color else ()
    return [(key[0] if key else "", fit) for key, fit in fits(chart.op, x, y, step, by).items()]


def _trend(name: str, index: int, fit: Fit) -> list[dict[str, Any]]:
    xs, ys, low, high = ([short_value(v) for v in values] for values in fit.curve())
    line = {"type": "scatter", "mode": "lines", "name": f"{name} trend".strip(), "showlegend": False,
            "meta": {"series": index, "trend": True}, "x": xs, "y": ys, "hoverinfo": "skip"}
    return [shape(f"{name} 95 %".strip(), index, xs + xs[::-1], high + low[::-1]), line]


def _as_answer(rows: list[list[Any]], columns: tuple[Column, ...], like: Answer | None = None) -> Answer:
    """The drawn rows in the shape that panels are cut from."""
    ones = [1.0] * len(rows)
    if like is None:
        return Answer(EXACT, len(rows), len(rows), True, columns, rows, 0, ones)
    return Answer(like.level, like.n, like.population, like.exact, columns, rows, 0, ones)


def _drawn_rows(chart: Chart) -> tuple[list[list[Any]], tuple[Column, ...], str]:
    """(rows, columns, note): from the smallest sample that gives enough, else from all."""
    spec = chart.spec
    op = chart.op
    for name, column in (("__px", spec.x), ("__py", spec.y)):
        op = {"op": "derive", "input": op, "name": name, "expression": {"col": column}}
    keys = [name for name, split in ((SERIES, spec.color), (FACET, spec.facet)) if split]
    plan = compiled({"op": "select", "input": op, "columns": ["__px", "__py", *keys]})
    picks = ", ".join(sql_name(c.name) for c in plan.columns)
    rows: list[tuple[Any, ...]] = []
    total, level = 0, EXACT
    for level, n, population in levels_of(chart.op, start="10k"):
        source = f"SELECT *, row_number() OVER () AS __n FROM ({engine().bind(plan.sql, plan.names, level)})"
        # Ordered by a hash of the row number: a uniform sample that is the same at every look.
        rows = engine().fetch(f"SELECT {picks}, count(*) OVER () FROM ({source}) WHERE __px IS NOT NULL AND "
                              f"__py IS NOT NULL ORDER BY hash(__n + 7) LIMIT {MAX_MARKS}").rows
        matched = int(rows[0][-1]) if rows else 0
        total = matched if level == EXACT else round(matched * population / n)
        if len(rows) == MAX_MARKS:
            break
    of = f"{total:,}" if level == EXACT else f"about {short(total)}"
    note = f"{len(rows):,} of {of} points" if len(rows) < total else ""
    return [[plain(v) for v in row[:-1]] for row in rows], plan.columns, note
