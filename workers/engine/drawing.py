"""What all marks share: a drawing step, labels, short numbers and the layout of axes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workers.engine.charts import Axis, Chart

OTHER = "other"
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Drawing:
    """One step of a chart: the view for the browser and the words around it."""

    view: dict[str, Any]
    exact: bool
    fraction: float
    interval: str = ""
    note: str = ""


def padded(low: Any, high: Any) -> list[float]:
    low, high = float(low), float(high)
    room = 0.04 * (high - low) or 0.5
    return [short_value(low - room), short_value(high + room)]


def layout_of(chart: Chart, value_title: str) -> dict[str, Any]:
    layout: dict[str, Any] = {"xaxis": {"title": {"text": chart.x.title}}, "yaxis": {"title": {"text": value_title}}}
    if chart.x.how == "bins":
        layout["xaxis"]["range"] = [
            short_value(chart.x.start),
            short_value(chart.x.start + chart.x.bins * chart.x.width),
        ]
    if chart.x.how == "time":
        layout["xaxis"]["type"] = "date"
    if chart.spec.mark in ("bar", "histogram"):
        layout["yaxis"]["rangemode"] = "tozero"
    if chart.spec.horizontal and chart.spec.mark in ("bar", "histogram"):
        layout["xaxis"], layout["yaxis"] = layout["yaxis"], layout["xaxis"]
    return layout


def key_of(one: Axis, key: Any) -> Any:
    if key is not None and one.unit == "day_of_week" and isinstance(key, int):
        return DAYS[key]
    return label(key) if (one.how == "category" and not isinstance(key, int)) or isinstance(key, bool) else key


def label(value: Any) -> str:
    if value is None:
        return "missing"
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)[:120]


def short_value(value: Any) -> Any:
    """Six significant digits are past what a screen can show, and keep views small."""
    if isinstance(value, float):
        return float(f"{value:.6g}")
    return value[:-9] if isinstance(value, str) and value.endswith("T00:00:00") else value
