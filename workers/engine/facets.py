"""Small multiples: the same chart for each value of a column, on shared axes."""

from __future__ import annotations

import math
from typing import Any

from workers.engine.approx import Answer, Query, answer, levels_of
from workers.engine.charts import FACET, Chart, ChartSpec
from workers.engine.drawing import label
from workers.engine.mark import Mark
from workers.engine.series import Frame, part_of
from workers.ports import Op, Table

PANELS = 9
GAP_X, GAP_Y = 0.04, 0.14


def largest_panels(table: Table | Op, spec: ChartSpec) -> tuple[Op, str]:
    """(op, note): the table kept to the nine largest panels, and what to say when there are more.

    They are chosen from the first level that answers, so that every step of a chart has the same panels.
    """
    op: Op = table.op if isinstance(table, Table) else table
    if not spec.facet:
        return op, ""
    text = {"fn": "text", "args": [{"col": spec.facet}]}
    named: Op = {"op": "derive", "input": op, "name": FACET, "expression": text}
    first = next(answer(named, Query((FACET,))))
    if first.groups <= PANELS:
        return op, ""
    kept = [row[0] for row in first.rows if row[0] is not None][:PANELS]
    test = {"fn": "in", "args": [text, *({"lit": value} for value in kept)]}
    about = "" if len(levels_of(op)) == 1 or first.exact else "about "
    return {"op": "filter", "input": op, "expression": test}, f"{PANELS} of {about}{first.groups:,} panels"


def composed(mark: Mark, chart: Chart, step: Answer, frame: Frame) -> dict[str, Any]:
    """{"data", "layout"} of all panels, in rows of three, on axes that match."""
    names = _panels(step)
    columns = min(3 if len(names) > 2 else 2, max(1, len(names)))
    rows = max(1, math.ceil(len(names) / columns))
    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"annotations": []}
    for number, name in enumerate(names):
        part = part_of(step, FACET, name)
        suffix = "" if number == 0 else str(number + 1)
        for trace in mark.traces(chart, part, frame):
            data.append(_placed(trace, suffix, number))
        own = mark.layout(chart, part, frame)
        column, row = number % columns, number // columns
        last = number + columns >= len(names)
        layout |= {key: value for key, value in own.items() if not key.endswith("axis")}
        layout["annotations"] = layout.get("annotations", [])
        layout[f"xaxis{suffix}"] = _axis(own["xaxis"], _share(column, columns, GAP_X), "x", f"y{suffix}", number, last)
        top = rows - 1 - row
        layout[f"yaxis{suffix}"] = _axis(own["yaxis"], _share(top, rows, GAP_Y), "y", f"x{suffix}", number, column == 0)
        layout["annotations"].append({"text": name, "xref": f"x{suffix} domain", "yref": f"y{suffix} domain", "x": 0,
                                      "y": 1, "xanchor": "left", "yanchor": "bottom", "showarrow": False,
                                      "name": "panel"})
    if not names:
        return {"data": [], "layout": mark.layout(chart, step, frame)}
    layout["meta"] = {"panels": names}
    _one_scale(data)
    return {"data": data, "layout": layout}


def _panels(step: Answer) -> list[str]:
    place = [c.name for c in step.columns].index(FACET)
    return sorted({label(row[place]) for row in step.rows}, key=_natural)


def _natural(name: str) -> tuple[int, float, str]:
    try:
        return (0, float(name), name)
    except ValueError:
        return (1, 0.0, name)


def _placed(trace: dict[str, Any], suffix: str, number: int) -> dict[str, Any]:
    shown = trace.get("showlegend", True) and number == 0
    return {**trace, "xaxis": f"x{suffix}", "yaxis": f"y{suffix}", "showlegend": shown,
            "legendgroup": str(trace["meta"]["series"]), "meta": {**trace["meta"], "panel": number}}


def _share(index: int, of: int, gap: float) -> list[float]:
    width = (1 - gap * (of - 1)) / of
    start = index * (width + gap)
    return [round(start, 4), round(start + width * (0.97 if gap == GAP_Y else 1), 4)]


def _axis(own: dict[str, Any], domain: list[float], letter: str, anchor: str, number: int,
          edge: bool) -> dict[str, Any]:
    """One axis of a panel; only those at the edge say their title and ticks."""
    one = {**own, "domain": domain, "anchor": anchor}
    if number:
        one["matches"] = letter
    if not edge:
        one |= {"title": {"text": ""}, "showticklabels": False}
    return one


def _one_scale(data: list[dict[str, Any]]) -> None:
    """Heat maps of all panels share their colours, and one bar of them."""
    maps = [t for t in data if t["type"] in ("heatmap", "contour")]
    values = [v for t in maps for row in t["z"] for v in row if v is not None]
    for number, trace in enumerate(maps):
        trace["showscale"] = number == 0
        trace |= {"zmin": min(values), "zmax": max(values)} if values else {}
