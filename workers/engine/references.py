"""Reference lines: at a value, or at the mean or median of what an axis shows."""

from __future__ import annotations

from statistics import fmean, median
from typing import Any

from workers.engine.approx import Answer, Query, answer_like
from workers.engine.charts import Chart, ReferenceLine
from workers.engine.mark import Mark, is_numeric
from workers.engine.ops import Measure


def add_references(mark: Mark, chart: Chart, step: Answer, figure: dict[str, Any]) -> list[str]:
    """Draw the lines of a chart into its figure; returns what each one is, in words."""
    words: list[str] = []
    if "lines" not in mark.uses:
        return words
    for one in chart.spec.lines:
        found = _value(mark, chart, step, one, figure)
        if found is None:
            continue
        value, what = found
        words.append(what)
        _draw(mark, chart, one, value, what, figure["layout"])
    return words


def _value(mark: Mark, chart: Chart, step: Answer, one: ReferenceLine,
           figure: dict[str, Any]) -> tuple[float, str] | None:
    if one.at == "value":
        return None if one.value is None else (one.value, f"{one.value:,.6g}")
    column = _column(mark, chart, one.axis)
    if column is not None:
        measure = Measure(function=one.at, column=column, name="value")
        rows = answer_like(step, chart.op, Query((), (measure,))).rows
        value = rows[0][0] if rows else None
        return None if value is None else (float(value), f"{one.at} {float(value):,.4g}")
    if one.axis == "x":
        return None
    side = "x" if mark.lying(chart.spec) else "y"
    values = [v for t in figure["data"] if not t["meta"].get("band") for v in t.get(side, ())
              if isinstance(v, (int, float)) and not isinstance(v, bool)]
    if not values:
        return None
    level = fmean(values) if one.at == "mean" else median(values)
    return level, f"{one.at} of the {'bars' if figure['data'][0]['type'] == 'bar' else 'marks'} {level:,.4g}"


def _column(mark: Mark, chart: Chart, side: str) -> str | None:
    """The column whose values an axis shows; None when it shows counts, sums or categories."""
    if side == "x":
        return chart.x.column if is_numeric(chart, chart.spec.x) and chart.x.how != "category" else None
    if mark.name in ("box", "violin"):
        return chart.value_title
    shown = chart.spec.y if mark.name == "scatter" or chart.spec.aggregate in ("mean", "median", "none") else None
    return shown if is_numeric(chart, shown) and "y" in mark.uses else None


def _draw(mark: Mark, chart: Chart, one: ReferenceLine, value: float, what: str, layout: dict[str, Any]) -> None:
    along = (one.axis == "x") != mark.lying(chart.spec)
    axes = [key.removeprefix("xaxis") for key in layout if key.startswith("xaxis")] or [""]
    shapes, notes = layout.setdefault("shapes", []), layout.setdefault("annotations", [])
    for suffix in axes:
        x, y = f"x{suffix}", f"y{suffix}"
        line: dict[str, Any] = {"type": "line", "name": "reference", "layer": "above"}
        if along:
            shapes.append({**line, "xref": x, "yref": f"{y} domain", "x0": value, "x1": value, "y0": 0, "y1": 1})
        else:
            shapes.append({**line, "xref": f"{x} domain", "yref": y, "x0": 0, "x1": 1, "y0": value, "y1": value})
    place = _on(layout, "x" if along else "y", value)
    spot = {"xref": "x", "yref": "y domain", "x": place, "y": 1, "xanchor": "left", "yanchor": "top"} if along else {
        "xref": "x domain", "yref": "y", "x": 1, "y": place, "xanchor": "right", "yanchor": "bottom"}
    notes.append({**spot, "text": what, "showarrow": False, "name": "reference"})


def _on(layout: dict[str, Any], side: str, value: float) -> float:
    """Annotations on a log axis are placed by the logarithm; shapes are not."""
    import math

    log = layout.get(f"{side}axis", {}).get("type") == "log" and value > 0
    return math.log10(value) if log else value
