"""Answers to Plotly figure JSON without template or colours: bars, lines, bins, boxes, heat maps and points."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from workers.engine.approx import Answer, answer, levels_of, short
from workers.engine.charts import MAX_MARKS, MAX_SERIES, SERIES, VALUE, Axis, Chart, ChartSpec, X, Y, plan_chart
from workers.engine.duck import EXACT, engine, sql_name
from workers.engine.tables import compiled, exact_range, known_count, plain
from workers.ports import Op, Table

OTHER = "other"
VIEW_LIMIT = 60_000
_WORDS = {"bar": "Bar chart", "line": "Line chart", "histogram": "Histogram", "scatter": "Scatter plot",
          "heatmap": "Heat map", "box": "Box plot"}
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Drawing:
    """One step of a chart: the view for the browser and the words around it."""

    view: dict[str, Any]
    exact: bool
    fraction: float
    interval: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """One mark before drawing: key, value, interval and how many rows it stands for."""

    key: Any
    value: Any
    low: float | None
    high: float | None
    count: float
    row: list[Any]


def draw(table: Table | Op, spec: ChartSpec | Mapping[str, Any], *, start: str = "100k") -> Iterator[Drawing]:
    """Better and better drawings of a chart, the last exact. Raises NeedsSettings or CellError before reading rows."""
    chosen = spec if isinstance(spec, ChartSpec) else ChartSpec.model_validate(dict(spec))
    chart = plan_chart(table, chosen)
    if chosen.mark == "scatter":
        yield _points(chart)
        return
    for step in answer(chart.op, chart.query, start=start):
        yield _drawing(chart, step)


def _drawing(chart: Chart, step: Answer) -> Drawing:
    built = figure(chart, step)
    marks = sum(len(t.get("x", ())) for t in built["data"])
    if chart.spec.mark == "heatmap" and built["data"]:
        marks = sum(len(line) for line in built["data"][0]["z"])
    view = {"type": "figure", "figure": built, "marks": marks, "level": step.level_json(), "mark": chart.spec.mark,
            "summary": summary(chart, step)}
    return Drawing(fitted(view), step.exact, step.fraction, step.interval, step.note)


def figure(chart: Chart, step: Answer) -> dict[str, Any]:
    """{"data", "layout"} of one answer; traces carry meta.series for the browser to colour."""
    if chart.spec.mark == "heatmap":
        return _heatmap(chart, step)
    if chart.spec.mark == "box":
        return _boxes(chart, step)
    data: list[dict[str, Any]] = []
    series = _series(chart, step)
    keys = _keys(chart, series)
    for index, (name, points) in enumerate(series.items()):
        data += _line(chart, index, name, points) if chart.spec.mark == "line" else [_bar(chart, index, name, points, keys)]
    layout = _layout(chart, chart.value_title)
    layout["showlegend"] = len(series) > 1
    if chart.spec.mark != "line":
        layout["barmode"] = "stack" if chart.spec.mark == "histogram" else "group"
    if chart.x.how == "category":
        side = "yaxis" if chart.spec.horizontal else "xaxis"
        layout[side] |= {"type": "category", "categoryorder": "array", "categoryarray": [k for k in keys if k is not None]}
    return {"data": data, "layout": layout}


def _series(chart: Chart, step: Answer) -> dict[str, dict[Any, Point]]:
    """Points by series and key: the six most frequent series, the rest folded into "other"."""
    at = {c.name: i for i, c in enumerate(step.columns)}
    has = SERIES in at
    sizes: dict[str, float] = defaultdict(float)
    raw: list[tuple[str, Point]] = []
    for i, row in enumerate(step.rows):
        name = _label(row[at[SERIES]]) if has else ""
        low, high = (step.low.get(VALUE) or [None] * len(step.rows))[i], (step.high.get(VALUE) or [None] * len(step.rows))[i]
        key = row[at[X]]
        if key is None and chart.x.how in ("bins", "time", "value"):
            continue
        raw.append((name, Point(_key(chart.x, key), row[at[VALUE]], low, high, step.counts[i], row)))
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


def _keys(chart: Chart, series: dict[str, dict[Any, Point]]) -> list[Any]:
    """Keys in drawing order; categories past the limit are folded into one "other" bar in every series."""
    totals: dict[Any, Point] = {}
    for points in series.values():
        for key, point in points.items():
            totals[key] = merge(chart, [totals[key], point]) if key in totals else point
    if chart.x.how != "category" or chart.x.unit != "none":
        order = sorted(totals, key=lambda k: (k is None, _DAYS.index(k) if k in _DAYS else k))
        return order if chart.x.how != "category" else [str(k) for k in order]
    sort = chart.spec.sort if chart.spec.sort != "auto" else "-value"
    rank: dict[Any, float] = {k: (p.value if isinstance(p.value, (int, float)) else -1e308) for k, p in totals.items()}
    order = sorted(totals, key=lambda k: (-rank[k], str(k)))
    kept = order[:chart.spec.limit]
    rest = order[chart.spec.limit:]
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


def _bar(chart: Chart, index: int, name: str, points: dict[Any, Point], keys: list[Any]) -> dict[str, Any]:
    order = [k for k in keys if k in points]
    if chart.x.how == "bins":
        order = list(range(chart.x.bins)) if not name else order
        return _binned_bar(chart, index, name, points, order)
    trace: dict[str, Any] = {"type": "bar", "name": name, "meta": {"series": index}, "x": [_short(k) for k in order],
                             "y": [_short(points[k].value) for k in order]}
    return _turned(chart, _whiskers(trace, [points[k] for k in order]))


def _binned_bar(chart: Chart, index: int, name: str, points: dict[Any, Point], order: list[int]) -> dict[str, Any]:
    empty = Point(None, 0 if chart.query.measures[0].function in ("count", "sum") else None, None, None, 0, [])
    marks = [points.get(k, empty) for k in order]
    trace: dict[str, Any] = {"type": "bar", "name": name, "meta": {"series": index, "start": chart.x.start, "width": chart.x.width},
                             "x": [_short(chart.x.centre(k)) for k in order], "y": [_short(p.value) for p in marks], "width": chart.x.width}
    if chart.spec.mark == "bar":
        trace.pop("width")
    return _turned(chart, _whiskers(trace, marks))


def _whiskers(trace: dict[str, Any], points: list[Point]) -> dict[str, Any]:
    if any(p.low is not None for p in points):
        up = [_short(max(0.0, p.high - p.value)) if p.high is not None and p.value is not None else None for p in points]
        down = [_short(max(0.0, p.value - p.low)) if p.low is not None and p.value is not None else None for p in points]
        trace["error_y"] = {"type": "data", "symmetric": False, "array": up, "arrayminus": down, "visible": True}
    return trace


def _turned(chart: Chart, trace: dict[str, Any]) -> dict[str, Any]:
    if not chart.spec.horizontal:
        return trace
    trace["x"], trace["y"], trace["orientation"] = trace["y"], trace["x"], "h"
    if "error_y" in trace:
        trace["error_x"] = trace.pop("error_y")
    return trace


def _line(chart: Chart, index: int, name: str, points: dict[Any, Point]) -> list[dict[str, Any]]:
    order = sorted(points, key=lambda k: (k is None, _DAYS.index(k) if k in _DAYS else k))[:MAX_MARKS]
    if chart.x.how == "category" and chart.x.unit == "none":
        order = sorted(order, key=str)
    xs = [_short(chart.x.centre(k) if chart.x.how == "bins" else k) for k in order]
    marks = [points[k] for k in order]
    trace = {"type": "scatter", "mode": "lines" if len(xs) > 60 else "lines+markers", "name": name, "meta": {"series": index}, "x": xs,
             "y": [_short(p.value) for p in marks]}
    if not any(p.low is not None for p in marks):
        return [trace]
    band = {"type": "scatter", "mode": "lines", "name": f"{name} 95 %".strip(), "meta": {"series": index, "band": True}, "showlegend": False,
            "hoverinfo": "skip", "fill": "toself", "line": {"width": 0},
            "x": xs + xs[::-1], "y": [_short(p.high if p.high is not None else p.value) for p in marks]
            + [_short(p.low if p.low is not None else p.value) for p in reversed(marks)]}
    return [band, trace]


def _boxes(chart: Chart, step: Answer) -> dict[str, Any]:
    at = {c.name: i for i, c in enumerate(step.columns)}
    has, groups = SERIES in at, {}
    order = sorted(range(len(step.rows)), key=lambda i: -step.counts[i])
    names = list(dict.fromkeys(_label(step.rows[i][at[SERIES]]) if has else "" for i in order))[:MAX_SERIES]
    keys = list(dict.fromkeys(_key(chart.x, step.rows[i][at[X]]) for i in order))[:chart.spec.limit]
    for i in order:
        row = step.rows[i]
        name, key = _label(row[at[SERIES]]) if has else "", _key(chart.x, row[at[X]])
        if row[at[VALUE]] is not None and name in names and key in keys and (key is not None or chart.x.how == "category"):
            groups.setdefault(name, []).append((key, row))
    data = []
    for index, name in enumerate(n for n in names if n in groups):
        rows = sorted(groups[name], key=lambda pair: (pair[0] is None, pair[0] if not isinstance(pair[0], str) else 0, str(pair[0])))
        get = {field: [r[at[field]] for _, r in rows] for field in ("__low", "__q1", VALUE, "__q3", "__high", "__mean")}
        spread = [1.5 * (q3 - q1) for q1, q3 in zip(get["__q1"], get["__q3"], strict=True)]
        data.append({"type": "box", "name": name, "meta": {"series": index},
                     "x": [_short(chart.x.centre(k) if chart.x.how == "bins" else k) for k, _ in rows],
                     "q1": [_short(v) for v in get["__q1"]], "median": [_short(v) for v in get[VALUE]], "q3": [_short(v) for v in get["__q3"]],
                     "mean": [_short(v) for v in get["__mean"]],
                     "lowerfence": [_short(max(v, q - s)) for v, q, s in zip(get["__low"], get["__q1"], spread, strict=True)],
                     "upperfence": [_short(min(v, q + s)) for v, q, s in zip(get["__high"], get["__q3"], spread, strict=True)]})
    layout = _layout(chart, chart.value_title)
    low, high = exact_range(chart.op, chart.value_title)
    layout |= {"showlegend": len(data) > 1, "boxmode": "group" if len(data) > 1 else "overlay"}
    if low is not None and not isinstance(low, (str, bool)):
        layout["yaxis"]["range"] = _padded(low, high)
    return {"data": data, "layout": layout}


def _heatmap(chart: Chart, step: Answer) -> dict[str, Any]:
    assert chart.y is not None
    at = {c.name: i for i, c in enumerate(step.columns)}
    cells: dict[tuple[Any, Any], Any] = {}
    weight_x: dict[Any, float] = defaultdict(float)
    weight_y: dict[Any, float] = defaultdict(float)
    for row, count in zip(step.rows, step.counts, strict=True):
        x, y = _key(chart.x, row[at[X]]), _key(chart.y, row[at[Y]])
        if (x is None and chart.x.how != "category") or (y is None and chart.y.how != "category"):
            continue
        cells[x, y] = row[at[VALUE]]
        weight_x[x] += count
        weight_y[y] += count
    xs, ys = _ticks(chart.x, weight_x, chart.spec.limit), _ticks(chart.y, weight_y, chart.spec.limit)
    z = [[_short(cells.get((x, y))) for x in xs] for y in ys]
    trace = {"type": "heatmap", "meta": {"series": 0}, "z": z, "x": [_short(_place(chart.x, k)) for k in xs],
             "y": [_short(_place(chart.y, k)) for k in ys], "colorbar": {"title": {"text": chart.value_title}}}
    layout = _layout(chart, chart.y.title)
    for side, one in (("xaxis", chart.x), ("yaxis", chart.y)):
        if one.how == "category":
            layout[side]["type"] = "category"
    return {"data": [trace], "layout": layout}


def _ticks(one: Axis, weights: dict[Any, float], limit: int) -> list[Any]:
    if one.how == "bins":
        return list(range(one.bins))
    if one.unit != "none" or one.how != "category":
        return sorted(weights, key=lambda k: (_DAYS.index(k) if k in _DAYS else k))[:400]
    return sorted(sorted(weights, key=lambda k: -weights[k])[:limit], key=str)


def _place(one: Axis, key: Any) -> Any:
    return one.centre(key) if one.how == "bins" else key


def _points(chart: Chart) -> Drawing:
    """At most 1,500 points: all, or a uniform sample of the rows that have both values (said in the note)."""
    assert chart.y is not None
    spec = chart.spec
    names = [n for n in (spec.x, spec.y, spec.color) if n]
    op: Op = {"op": "select", "input": chart.op, "columns": list(dict.fromkeys(names))}
    plan = compiled(op)
    filled = " AND ".join(f"{sql_name(n)} IS NOT NULL" for n in dict.fromkeys([spec.x, spec.y]) if n)
    levels = levels_of(chart.op, start="10k")
    level, n, population = levels[0]
    picks = ", ".join(sql_name(c.name) for c in plan.columns)
    inner = f"SELECT *, row_number() OVER () AS __n FROM ({engine().bind(plan.sql, plan.names, level)})"
    rows = engine().fetch(f"SELECT {picks}, count(*) OVER () FROM ({inner}) WHERE {filled} ORDER BY hash(__n + 7) LIMIT {MAX_MARKS}").rows
    if level != EXACT and len(rows) < MAX_MARKS:
        level, n, population = levels[-1]
        inner = f"SELECT *, row_number() OVER () AS __n FROM ({engine().bind(plan.sql, plan.names)})"
        rows = engine().fetch(f"SELECT {picks}, count(*) OVER () FROM ({inner}) WHERE {filled} ORDER BY hash(__n + 7) LIMIT {MAX_MARKS}").rows
    matched = int(rows[0][-1]) if rows else 0
    total = matched if level == EXACT else round(matched * population / n)
    at = {c.name: i for i, c in enumerate(plan.columns)}
    groups: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        groups[_label(row[at[spec.color]]) if spec.color else ""].append(row)
    kept = sorted(groups, key=lambda g: (-len(groups[g]), g))
    merged = {g: groups[g] for g in kept[:MAX_SERIES]}
    if kept[MAX_SERIES:]:
        merged[OTHER] = [row for g in kept[MAX_SERIES:] for row in groups[g]]
    data = [{"type": "scatter", "mode": "markers", "name": name, "meta": {"series": i}, "x": [_short(plain(r[at[str(spec.x)]])) for r in points],
             "y": [_short(plain(r[at[str(spec.y)]])) for r in points]} for i, (name, points) in enumerate(merged.items())]
    layout = _layout(chart, str(spec.y)) | {"showlegend": len(data) > 1}
    for side, name in (("xaxis", spec.x), ("yaxis", spec.y)):
        low, high = exact_range(chart.op, str(name)) if chart.columns[str(name)].type in ("integer", "number") else (None, None)
        if low is not None:
            layout[side]["range"] = _padded(low, high)
    shown = len(rows) < total
    note = f"{len(rows):,} of {'about ' if level != EXACT else ''}{short(total) if level != EXACT else format(total, ',')} points" if shown else ""
    words = f"Scatter plot of {spec.y} against {spec.x}: {len(rows):,} points" + (f" of {total:,}" if shown else "") + "."
    view = {"type": "figure", "figure": {"data": data, "layout": layout}, "marks": len(rows), "mark": "scatter", "summary": words,
            "level": {"n": len(rows), "N": total} if shown else None, "note": note}
    return Drawing(fitted(view), True, 1.0, "", note)


def _padded(low: Any, high: Any) -> list[float]:
    low, high = float(low), float(high)
    room = 0.04 * (high - low) or 0.5
    return [_short(low - room), _short(high + room)]


def _layout(chart: Chart, value_title: str) -> dict[str, Any]:
    layout: dict[str, Any] = {"xaxis": {"title": {"text": chart.x.title}}, "yaxis": {"title": {"text": value_title}}}
    if chart.x.how == "bins":
        layout["xaxis"]["range"] = [_short(chart.x.start), _short(chart.x.start + chart.x.bins * chart.x.width)]
    if chart.x.how == "time":
        layout["xaxis"]["type"] = "date"
    if chart.spec.mark in ("bar", "histogram"):
        layout["yaxis"]["rangemode"] = "tozero"
    if chart.spec.horizontal and chart.spec.mark in ("bar", "histogram"):
        layout["xaxis"], layout["yaxis"] = layout["yaxis"], layout["xaxis"]
    return layout


def _key(one: Axis, key: Any) -> Any:
    if key is not None and one.unit == "day_of_week" and isinstance(key, int):
        return _DAYS[key]
    return _label(key) if one.how == "category" and not isinstance(key, int) or isinstance(key, bool) else key


def _label(value: Any) -> str:
    if value is None:
        return "missing"
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)[:120]


def _short(value: Any) -> Any:
    """Six significant digits are past what a screen can show, and keep views small."""
    if isinstance(value, float):
        return float(f"{value:.6g}")
    return value[:-9] if isinstance(value, str) and value.endswith("T00:00:00") else value


def summary(chart: Chart, step: Answer) -> str:
    """One sentence for screen readers."""
    at = {c.name: i for i, c in enumerate(step.columns)}
    spec = chart.spec
    head = f"{_WORDS[spec.mark]} of {chart.value_title} by {spec.x}" + (f" and {spec.y}" if spec.mark == "heatmap" else "")
    numbers = [(r[at[VALUE]], r[at[X]]) for r in step.rows if isinstance(r[at[VALUE]], (int, float)) and r[at[X]] is not None]
    about = "" if step.exact else " (approximate)"
    if not numbers:
        return f"{head}: no values."
    value, key = max(numbers, key=lambda pair: pair[0])
    place = chart.x.centre(int(key)) if chart.x.how == "bins" else _key(chart.x, key)
    place = f"{place:.6g}" if isinstance(place, float) else str(_short(place))
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
