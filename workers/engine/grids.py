"""Boxes and heat maps from grouped answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from workers.engine.approx import Answer
from workers.engine.charts import MAX_SERIES, SERIES, VALUE, Axis, Chart, X, Y
from workers.engine.drawing import DAYS, key_of, label, layout_of, padded, short_value
from workers.engine.tables import exact_range


def boxes(chart: Chart, step: Answer) -> dict[str, Any]:
    """Boxes by key and series; whiskers end at the last values within 1.5 times the middle half."""
    at = {c.name: i for i, c in enumerate(step.columns)}
    data = [_box(chart, i, name, rows, at) for i, (name, rows) in enumerate(_box_rows(chart, step, at).items())]
    layout = layout_of(chart, chart.value_title)
    low, high = exact_range(chart.op, chart.value_title)
    layout |= {"showlegend": len(data) > 1, "boxmode": "group" if len(data) > 1 else "overlay"}
    if low is not None and not isinstance(low, (str, bool)):
        layout["yaxis"]["range"] = padded(low, high)
    return {"data": data, "layout": layout}


def _box_rows(chart: Chart, step: Answer, at: Mapping[str, int]) -> dict[str, list[tuple[Any, list[Any]]]]:
    """(key, row) pairs by series: the largest groups first chosen, then in order of their keys."""
    has = SERIES in at
    order = sorted(range(len(step.rows)), key=lambda i: -step.counts[i])
    names = list(dict.fromkeys(label(step.rows[i][at[SERIES]]) if has else "" for i in order))[:MAX_SERIES]
    keys = list(dict.fromkeys(key_of(chart.x, step.rows[i][at[X]]) for i in order))[: chart.spec.limit]
    groups: dict[str, list[tuple[Any, list[Any]]]] = {name: [] for name in names}
    for i in order:
        row = step.rows[i]
        name, key = label(row[at[SERIES]]) if has else "", key_of(chart.x, row[at[X]])
        placed = key in keys and (key is not None or chart.x.how == "category")
        if placed and name in groups and row[at[VALUE]] is not None:
            groups[name].append((key, row))
    for rows in groups.values():
        rows.sort(key=lambda pair: (pair[0] is None, 0 if isinstance(pair[0], str) else pair[0], str(pair[0])))
    return {name: rows for name, rows in groups.items() if rows}


def _box(
    chart: Chart, index: int, name: str, rows: list[tuple[Any, list[Any]]], at: Mapping[str, int]
) -> dict[str, Any]:
    get = {field: [r[at[field]] for _, r in rows] for field in ("__low", "__q1", VALUE, "__q3", "__high", "__mean")}
    places = [chart.x.centre(k) if chart.x.how == "bins" else k for k, _ in rows]
    lists = {"x": places, "q1": get["__q1"], "median": get[VALUE], "q3": get["__q3"], "mean": get["__mean"]}
    lists |= {"lowerfence": get["__low"], "upperfence": get["__high"]}
    short = {field: [short_value(v) for v in values] for field, values in lists.items()}
    return {"type": "box", "name": name, "meta": {"series": index}, **short}


def heatmap(chart: Chart, step: Answer) -> dict[str, Any]:
    assert chart.y is not None
    at = {c.name: i for i, c in enumerate(step.columns)}
    cells: dict[tuple[Any, Any], Any] = {}
    weight_x: dict[Any, float] = defaultdict(float)
    weight_y: dict[Any, float] = defaultdict(float)
    for row, count in zip(step.rows, step.counts, strict=True):
        x, y = key_of(chart.x, row[at[X]]), key_of(chart.y, row[at[Y]])
        if (x is None and chart.x.how != "category") or (y is None and chart.y.how != "category"):
            continue
        cells[x, y] = row[at[VALUE]]
        weight_x[x] += count
        weight_y[y] += count
    xs, ys = _ticks(chart.x, weight_x, chart.spec.limit), _ticks(chart.y, weight_y, chart.spec.limit)
    z = [[short_value(cells.get((x, y))) for x in xs] for y in ys]
    trace = {
        "type": "heatmap",
        "meta": {"series": 0},
        "z": z,
        "x": [short_value(_place(chart.x, k)) for k in xs],
        "y": [short_value(_place(chart.y, k)) for k in ys],
        "colorbar": {"title": {"text": chart.value_title}},
    }
    layout = layout_of(chart, chart.y.title)
    for side, one in (("xaxis", chart.x), ("yaxis", chart.y)):
        if one.how == "category":
            layout[side]["type"] = "category"
    return {"data": [trace], "layout": layout}


def _ticks(one: Axis, weights: dict[Any, float], limit: int) -> list[Any]:
    if one.how == "bins":
        return list(range(one.bins))
    if one.unit != "none" or one.how != "category":
        return sorted(weights, key=lambda k: DAYS.index(k) if k in DAYS else k)[:400]
    return sorted(sorted(weights, key=lambda k: -weights[k])[:limit], key=str)


def _place(one: Axis, key: Any) -> Any:
    return one.centre(key) if one.how == "bins" else key
