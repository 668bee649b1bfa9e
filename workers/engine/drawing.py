"""What all marks share: a drawing step, labels, short numbers and the layout of axes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from workers.engine.axes import DAYS, Axis
from workers.engine.charts import Chart

OTHER = "other"


@dataclass(frozen=True, slots=True)
class Drawing:
    """One step of a chart: the view for the browser and the words around it."""

    view: dict[str, Any]
    exact: bool
    fraction: float
    interval: str = ""
    note: str = ""


def padded(low: Any, high: Any, *, log: bool = False) -> list[float] | None:
    """A range with some room at both ends; None where a log axis has none. A log axis is given in powers of ten."""
    low, high = float(low), float(high)
    if log:
        if low <= 0:
            return None
        low, high = math.log10(low), math.log10(high)
    room = 0.04 * (high - low) or 0.5
    return [short_value(low - room), short_value(high + room)]


def layout_of(chart: Chart, value_title: str, *, zero: bool = False, lying: bool = False) -> dict[str, Any]:
    """Axes with their titles; `zero` keeps the axis of values from zero, `lying` swaps the two."""
    spec, x = chart.spec, chart.x
    layout: dict[str, Any] = {"xaxis": {"title": {"text": x.title}}, "yaxis": {"title": {"text": value_title}}}
    if x.how == "bins":
        ends = [math.log10(v) for v in x.range()] if x.log else x.range()
        layout["xaxis"]["range"] = [short_value(v) for v in ends]
    if x.how == "time":
        layout["xaxis"]["type"] = "date"
    if x.log or (spec.is_log("x") and x.how == "value" and x.type in ("integer", "number")):
        layout["xaxis"]["type"] = "log"
    if zero:
        layout["yaxis"]["rangemode"] = "tozero"
    if spec.is_log("y"):
        layout["yaxis"]["type"] = "log"
    if lying:
        layout["xaxis"], layout["yaxis"] = layout["yaxis"], layout["xaxis"]
    return layout


def categories(layout: dict[str, Any], side: str, keys: list[Any]) -> None:
    """Make an axis one of categories in this order."""
    known = [k for k in keys if k is not None]
    layout[side] |= {"type": "category", "categoryorder": "array", "categoryarray": known}


def key_of(one: Axis, key: Any) -> Any:
    """A group key as it is drawn: weekdays by name, categories as text."""
    if key is not None and one.unit == "day_of_week" and isinstance(key, int):
        return DAYS[key]
    return label(key) if (one.how == "category" and not isinstance(key, int)) or isinstance(key, bool) else key


def in_order(keys: Any) -> list[Any]:
    """Weekdays from Monday, all else ascending, missing last."""
    return sorted(keys, key=lambda k: (k is None, DAYS.index(k) if k in DAYS else k))


def label(value: Any) -> str:
    """A category in words."""
    if value is None:
        return "missing"
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)[:120]


def short_value(value: Any) -> Any:
    """Six significant digits are past what a screen can show, and keep views small."""
    if isinstance(value, float):
        return float(f"{value:.6g}")
    return value[:-9] if isinstance(value, str) and value.endswith("T00:00:00") else value
