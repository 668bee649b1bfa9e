"""Bars and lines: series, merging, what is past the limit, intervals as whiskers and bands."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any

from workers.engine.approx import Answer
from workers.engine.charts import MAX_MARKS, MAX_SERIES, SERIES, VALUE, Chart, X
from workers.engine.drawing import DAYS, OTHER, key_of, label, short_value


@dataclass(frozen=True, slots=True)
class Point:
    """One mark before drawing: key, value, interval and how many rows it stands for."""

    key: Any
    value: Any
    low: float | None
    high: float | None
    count: float
    row: list[Any]


def series_of(chart: Chart, step: Answer) -> dict[str, dict[Any, Point]]:
    """Points by series and key: the six most frequent series, the rest folded into "other"."""
    at = {c.name: i for i, c in enumerate(step.columns)}
    has = SERIES in at
    sizes: dict[str, float] = defaultdict(float)
    raw: list[tuple[str, Point]] = []
    for i, row in enumerate(step.rows):
        name = label(row[at[SERIES]]) if has else ""
        low, high = (
            (step.low.get(VALUE) or [None] * len(step.rows))[i],
            (step.high.get(VALUE) or [None] * len(step.rows))[i],
        )
        key = row[at[X]]
        if key is None and chart.x.how in ("bins", "time", "value"):
            continue
        raw.append((name, Point(key_of(chart.x, key), row[at[VALUE]], low, high, step.counts[i], row)))
        sizes[name] += step.counts[i]
    kept = sorted(sizes, key=lambda n: (-sizes[n], n))[:MAX_SERIES]
    out: dict[str, dict[Any, Point]] = {name: {} for name in kept}
    for name, point in raw:
        group = out[name] if name in out and name in kept else out.setdefault(OTHER, {})
        group[point.key] = merge(chart, [group[point.key], point]) if point.key in group else point
    return out


def merge(chart: Chart, points: list[Point]) -> Point:
    """Several points as one: sums add up, means weigh by rows; intervals of merged points are not kept."""
    first = points[0]
    values = [(p.value, p.count) for p in points if isinstance(p.value, (int, float))]
    count = sum(p.count for p in points)
    function = chart.query.measures[0].function
    value: Any = None
    if values and function in ("count", "sum"):
        value = sum(v for v, _ in values)
    elif values and function == "mean":
        value = sum(v * c for v, c in values) / max(1e-12, sum(c for _, c in values))
    elif values and function in ("min", "max"):
        value = (min if function == "min" else max)(v for v, _ in values)
    return replace(first, value=value, low=None, high=None, count=count)


def keys_in_order(chart: Chart, series: dict[str, dict[Any, Point]]) -> list[Any]:
    """Keys in drawing order; categories past the limit are folded into one "other" bar in every series."""
    totals: dict[Any, Point] = {}
    for points in series.values():
        for key, point in points.items():
            totals[key] = merge(chart, [totals[key], point]) if key in totals else point
    if chart.x.how != "category" or chart.x.unit != "none":
        order = sorted(totals, key=lambda k: (k is None, DAYS.index(k) if k in DAYS else k))
        return order if chart.x.how != "category" else [str(k) for k in order]
    sort = chart.spec.sort if chart.spec.sort != "auto" else "-value"
    rank: dict[Any, float] = {k: (p.value if isinstance(p.value, (int, float)) else -1e308) for k, p in totals.items()}
    order = sorted(totals, key=lambda k: (-rank[k], str(k)))
    kept = order[: chart.spec.limit]
    rest = order[chart.spec.limit :]
    if sort != "-value":
        kept.sort(key=(lambda k: str(k)) if sort == "x" else (lambda k: (rank[k], str(k))))
    if rest:
        kept.append(_fold(chart, series, rest))
    return kept


def _fold(chart: Chart, series: dict[str, dict[Any, Point]], rest: list[Any]) -> str:
    name = f"{OTHER} ({len(rest):,})"
    gone = set(rest)
    for points in series.values():
        folded = [points.pop(k) for k in list(points) if k in gone]
        if folded:
            merged = merge(chart, folded)
            if merged.value is not None:
                points[name] = replace(merged, key=name)
    return name


def bar(chart: Chart, index: int, name: str, points: dict[Any, Point], keys: list[Any]) -> dict[str, Any]:
    order = [k for k in keys if k in points]
    if chart.x.how == "bins":
        order = list(range(chart.x.bins)) if not name else order
        return _binned_bar(chart, index, name, points, order)
    trace: dict[str, Any] = {
        "type": "bar",
        "name": name,
        "meta": {"series": index},
        "x": [short_value(k) for k in order],
        "y": [short_value(points[k].value) for k in order],
    }
    return _turned(chart, _whiskers(trace, [points[k] for k in order]))


def _binned_bar(chart: Chart, index: int, name: str, points: dict[Any, Point], order: list[int]) -> dict[str, Any]:
    empty = Point(None, 0 if chart.query.measures[0].function in ("count", "sum") else None, None, None, 0, [])
    marks = [points.get(k, empty) for k in order]
    trace: dict[str, Any] = {
        "type": "bar",
        "name": name,
        "meta": {"series": index, "start": chart.x.start, "width": chart.x.width},
        "x": [short_value(chart.x.centre(k)) for k in order],
        "y": [short_value(p.value) for p in marks],
        "width": chart.x.width,
    }
    if chart.spec.mark == "bar":
        trace.pop("width")
    return _turned(chart, _whiskers(trace, marks))


def _whiskers(trace: dict[str, Any], points: list[Point]) -> dict[str, Any]:
    if any(p.low is not None for p in points):
        up = [
            short_value(max(0.0, p.high - p.value)) if p.high is not None and p.value is not None else None
            for p in points
        ]
        down = [
            short_value(max(0.0, p.value - p.low)) if p.low is not None and p.value is not None else None
            for p in points
        ]
        trace["error_y"] = {"type": "data", "symmetric": False, "array": up, "arrayminus": down, "visible": True}
    return trace


def _turned(chart: Chart, trace: dict[str, Any]) -> dict[str, Any]:
    if not chart.spec.horizontal:
        return trace
    trace["x"], trace["y"], trace["orientation"] = trace["y"], trace["x"], "h"
    if "error_y" in trace:
        trace["error_x"] = trace.pop("error_y")
    return trace


def line(chart: Chart, index: int, name: str, points: dict[Any, Point]) -> list[dict[str, Any]]:
    order = sorted(points, key=lambda k: (k is None, DAYS.index(k) if k in DAYS else k))[:MAX_MARKS]
    if chart.x.how == "category" and chart.x.unit == "none":
        order = sorted(order, key=str)
    xs = [short_value(chart.x.centre(k) if chart.x.how == "bins" else k) for k in order]
    marks = [points[k] for k in order]
    trace = {
        "type": "scatter",
        "mode": "lines" if len(xs) > 60 else "lines+markers",
        "name": name,
        "meta": {"series": index},
        "x": xs,
        "y": [short_value(p.value) for p in marks],
    }
    if not any(p.low is not None for p in marks):
        return [trace]
    band = {
        "type": "scatter",
        "mode": "lines",
        "name": f"{name} 95 %".strip(),
        "meta": {"series": index, "band": True},
        "showlegend": False,
        "hoverinfo": "skip",
        "fill": "toself",
        "line": {"width": 0},
        "x": xs + xs[::-1],
        "y": [short_value(p.high if p.high is not None else p.value) for p in marks]
        + [short_value(p.low if p.low is not None else p.value) for p in reversed(marks)],
    }
    return [band, trace]
