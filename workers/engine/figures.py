"""Answers to Plotly figure JSON without template or colours, in better and better steps."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from workers.engine.approx import Answer, answer, levels_of, short
from workers.engine.charts import MAX_MARKS, MAX_SERIES, VALUE, Chart, ChartSpec, X, plan_chart
from workers.engine.drawing import OTHER, Drawing, key_of, label, layout_of, padded, short_value
from workers.engine.duck import EXACT, engine, sql_name
from workers.engine.grids import boxes, heatmap
from workers.engine.marks import bar, keys_in_order, line, series_of
from workers.engine.tables import compiled, exact_range, plain
from workers.ports import Op, Table

VIEW_LIMIT = 60_000
_WORDS = {
    "bar": "Bar chart",
    "line": "Line chart",
    "histogram": "Histogram",
    "scatter": "Scatter plot",
    "heatmap": "Heat map",
    "box": "Box plot",
}


def draw(table: Table | Op, spec: ChartSpec | Mapping[str, Any], *, start: str = "100k") -> Iterator[Drawing]:
    """Better and better drawings of a chart, the last exact. Raises NeedsSettings or CellError before reading rows."""
    chosen = spec if isinstance(spec, ChartSpec) else ChartSpec.model_validate(dict(spec))
    chart = plan_chart(table, chosen)
    if chosen.mark == "scatter":
        yield points(chart)
        return
    for step in answer(chart.op, chart.query, start=start):
        yield _drawing(chart, step)


def _drawing(chart: Chart, step: Answer) -> Drawing:
    built = figure(chart, step)
    marks = sum(len(t.get("x", ())) for t in built["data"])
    if chart.spec.mark == "heatmap" and built["data"]:
        marks = sum(len(line) for line in built["data"][0]["z"])
    view = {
        "type": "figure",
        "figure": built,
        "marks": marks,
        "level": step.level_json(),
        "mark": chart.spec.mark,
        "summary": summary(chart, step),
    }
    return Drawing(fitted(view), step.exact, step.fraction, step.interval, step.note)


def figure(chart: Chart, step: Answer) -> dict[str, Any]:
    """{"data", "layout"} of one answer; traces carry meta.series for the browser to colour."""
    if chart.spec.mark == "heatmap":
        return heatmap(chart, step)
    if chart.spec.mark == "box":
        return boxes(chart, step)
    data: list[dict[str, Any]] = []
    series = series_of(chart, step)
    keys = keys_in_order(chart, series)
    for index, (name, points) in enumerate(series.items()):
        data += (
            line(chart, index, name, points) if chart.spec.mark == "line" else [bar(chart, index, name, points, keys)]
        )
    layout = layout_of(chart, chart.value_title)
    layout["showlegend"] = len(series) > 1
    if chart.spec.mark != "line":
        layout["barmode"] = "stack" if chart.spec.mark == "histogram" else "group"
    if chart.x.how == "category":
        side = "yaxis" if chart.spec.horizontal else "xaxis"
        layout[side] |= {
            "type": "category",
            "categoryorder": "array",
            "categoryarray": [k for k in keys if k is not None],
        }
    return {"data": data, "layout": layout}


def points(chart: Chart) -> Drawing:
    """At most 1,500 points: all, or a uniform sample of the rows that have both values (said in the note)."""
    spec = chart.spec
    rows, at, total, level = _drawn_rows(chart)
    groups: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        groups[label(row[at[spec.color]]) if spec.color else ""].append(row)
    kept = sorted(groups, key=lambda g: (-len(groups[g]), g))
    merged = {g: groups[g] for g in kept[:MAX_SERIES]}
    if kept[MAX_SERIES:]:
        merged[OTHER] = [row for g in kept[MAX_SERIES:] for row in groups[g]]
    data = [_point_trace(chart, i, name, part, at) for i, (name, part) in enumerate(merged.items())]
    layout = layout_of(chart, str(spec.y)) | {"showlegend": len(data) > 1}
    for side, name in (("xaxis", spec.x), ("yaxis", spec.y)):
        numeric = chart.columns[str(name)].type in ("integer", "number")
        low, high = exact_range(chart.op, str(name)) if numeric else (None, None)
        if low is not None:
            layout[side]["range"] = padded(low, high)
    shown = len(rows) < total
    of = f"{total:,}" if level == EXACT else f"about {short(total)}"
    note = f"{len(rows):,} of {of} points" if shown else ""
    view = {
        "type": "figure",
        "figure": {"data": data, "layout": layout},
        "marks": len(rows),
        "level": {"n": len(rows), "N": total} if shown else None,
        "mark": "scatter",
        "summary": f"Scatter plot of {spec.y} against {spec.x}: {note or f'{len(rows):,} points'}.",
        "note": note,
    }
    return Drawing(fitted(view), True, 1.0, "", note)


def _drawn_rows(chart: Chart) -> tuple[list[tuple[Any, ...]], dict[str, int], int, str]:
    """(rows, place of each column, rows in all, level): from the smallest sample that gives enough, else from all."""
    names = list(dict.fromkeys(n for n in (chart.spec.x, chart.spec.y, chart.spec.color) if n))
    plan = compiled({"op": "select", "input": chart.op, "columns": names})
    filled = " AND ".join(f"{sql_name(n)} IS NOT NULL" for n in names[:2] if n in (chart.spec.x, chart.spec.y))
    picks = ", ".join(sql_name(c.name) for c in plan.columns)
    rows: list[tuple[Any, ...]] = []
    total, level = 0, EXACT
    for level, n, population in levels_of(chart.op, start="10k"):
        source = f"SELECT *, row_number() OVER () AS __n FROM ({engine().bind(plan.sql, plan.names, level)})"
        # Ordered by a hash of the row number: a uniform sample that is the same at every look.
        rows = (
            engine()
            .fetch(
                f"SELECT {picks}, count(*) OVER () FROM ({source}) WHERE {filled} "
                f"ORDER BY hash(__n + 7) LIMIT {MAX_MARKS}"
            )
            .rows
        )
        matched = int(rows[0][-1]) if rows else 0
        total = matched if level == EXACT else round(matched * population / n)
        if len(rows) == MAX_MARKS:
            break
    return rows, {c.name: i for i, c in enumerate(plan.columns)}, total, level


def _point_trace(
    chart: Chart, index: int, name: str, rows: list[tuple[Any, ...]], at: Mapping[str, int]
) -> dict[str, Any]:
    x, y = at[str(chart.spec.x)], at[str(chart.spec.y)]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "meta": {"series": index},
        "x": [short_value(plain(r[x])) for r in rows],
        "y": [short_value(plain(r[y])) for r in rows],
    }


def summary(chart: Chart, step: Answer) -> str:
    """One sentence for screen readers."""
    at = {c.name: i for i, c in enumerate(step.columns)}
    spec = chart.spec
    head = f"{_WORDS[spec.mark]} of {chart.value_title} by {spec.x}" + (
        f" and {spec.y}" if spec.mark == "heatmap" else ""
    )
    numbers = [
        (r[at[VALUE]], r[at[X]]) for r in step.rows if isinstance(r[at[VALUE]], (int, float)) and r[at[X]] is not None
    ]
    about = "" if step.exact else " (approximate)"
    if not numbers:
        return f"{head}: no values."
    value, key = max(numbers, key=lambda pair: pair[0])
    place = chart.x.centre(int(key)) if chart.x.how == "bins" else key_of(chart.x, key)
    place = f"{place:.6g}" if isinstance(place, float) else str(short_value(place))
    return f"{head}{about}: {len(step.rows):,} marks, highest {value:,.6g} at {place}."


def fitted(view: dict[str, Any]) -> dict[str, Any]:
    """The view within 64 KB: past it, intervals go first, then the thinnest series."""
    figure_ = view["figure"]
    if len(json.dumps(view)) <= VIEW_LIMIT:
        return view
    for trace in figure_["data"]:
        trace.pop("error_y", None)
        trace.pop("error_x", None)
    figure_["data"] = [t for t in figure_["data"] if not t["meta"].get("band")]
    while len(json.dumps(view)) > VIEW_LIMIT and len(figure_["data"]) > 1:
        figure_["data"].pop()
        view["note"] = "Some series are left out: too many marks."
    return view
