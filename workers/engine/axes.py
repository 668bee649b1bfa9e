"""Axes of charts: how one column becomes marks, as categories, time steps, bins or values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from workers.engine.tables import exact_range
from workers.ports import Column, Op, Table

NUMERIC = ("integer", "number")
MOMENT = ("date", "datetime")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
PARTS = ("day_of_week", "hour_of_day")
"""Time units that give a part of a date, not a stretch of time."""


@dataclass(frozen=True, slots=True)
class Axis:
    """How one column becomes marks: as categories, as time steps, as values, or as bins from `start` by `width`.

    With `log`, bins are cut on powers of ten: `start` and `width` are then logarithms.
    """

    column: str
    type: str
    how: Literal["category", "time", "bins", "value"]
    title: str
    unit: str = "none"
    start: float = 0.0
    width: float = 1.0
    bins: int = 0
    log: bool = False

    def expression(self) -> dict[str, Any]:
        """The grouping key as an expression of the op spec."""
        if self.how != "bins":
            return {"col": self.column}
        value: dict[str, Any] = {"col": self.column}
        if self.log:
            value = {"fn": "log", "args": [value, {"lit": 10}]}
        number = {"fn": "bin", "args": [value, {"lit": self.start}, {"lit": self.width}]}
        # The largest value belongs to the last bin, not to one of its own.
        last = {"fn": "=", "args": [number, {"lit": self.bins}]}
        return {"fn": "if", "args": [last, {"lit": self.bins - 1}, number]}

    def edge(self, index: float) -> float:
        """Where a bin begins; `index` may lie between bins."""
        place = self.start + index * self.width
        return float(10.0**place) if self.log else place

    def centre(self, index: int) -> float:
        """Middle of a bin as it is drawn."""
        return (self.edge(index) + self.edge(index + 1)) / 2

    def breadth(self, index: int) -> float:
        """Width of a bin as it is drawn."""
        return self.edge(index + 1) - self.edge(index) if self.log else self.width

    def place(self, key: Any) -> Any:
        """Where a mark of this key stands."""
        return self.centre(key) if self.how == "bins" else key

    def range(self) -> list[float]:
        """The whole axis of bins."""
        return [self.edge(0), self.edge(self.bins)]

    def brush(self) -> dict[str, Any]:
        """What a browser needs to turn marks back into conditions on the column."""
        told: dict[str, Any] = {"column": self.column, "type": self.type, "how": self.how, "unit": self.unit}
        if self.how == "bins":
            told |= {"start": self.start, "width": self.width, "bins": self.bins, "log": self.log}
        return told


def axis(table: Table | Op, column: Column, spec: Any, *, marks: int, whole: bool = False, log: bool = False) -> Axis:
    """Categories for texts, time steps for dates, bins for numbers (whole numbers of few values stay as they are)."""
    if column.type in MOMENT:
        unit = spec.time_unit
        if unit == "auto":
            unit = auto_unit(exact_range(table, column.name), marks, column.type)
        how: Any = "category" if unit in PARTS else "time"
        return Axis(column.name, column.type, how, column.name + (f" ({unit})" if unit != "none" else ""), unit)
    if column.type in NUMERIC:
        low, high = exact_range(table, column.name)
        few = column.type == "integer" and low is not None and abs(int(high) - int(low)) < (100 if whole else marks)
        if not few and low is not None:
            return binned(column, low, high, spec.bins or min(marks, 40 if whole else marks), log=log)
        return Axis(column.name, column.type, "value", column.name)
    return Axis(column.name, column.type, "category", column.name)


def binned(column: Column, low: Any, high: Any, bins: int, *, log: bool = False) -> Axis:
    """An axis of about `bins` bins with round edges that cover low..high."""
    low, high = float(low), float(high)
    if log and high > 0:
        return _log_binned(column, low if low > 0 else min(1.0, high / 1e6), high, bins)
    width = nice((high - low) / bins) if high > low else 1.0
    if column.type == "integer":
        width = max(1.0, math.ceil(width))
    start = math.floor(low / width) * width
    count = max(1, math.ceil((high - start) / width - 1e-9))
    if column.type == "integer":
        # Whole numbers are centred on their bins, so that the last one has its own.
        count = max(1, math.floor((high - start) / width) + 1)
    return Axis(column.name, column.type, "bins", column.name, start=start, width=width, bins=count)


def _log_binned(column: Column, low: float, high: float, bins: int) -> Axis:
    """Bins of equal ratio: zero and less have no place on such an axis."""
    start, end = math.log10(low), math.log10(high)
    # A whole number of bins for each power of ten, so that these are edges.
    width = 1.0 / max(1, math.floor(bins / max(1e-9, end - start))) if end > start else 1.0
    start = math.floor(start / width + 1e-9) * width
    count = max(1, math.ceil((end - start) / width - 1e-9))
    return Axis(column.name, column.type, "bins", column.name, start=start, width=width, bins=count, log=True)


def nice(step: float) -> float:
    """The smallest of 1, 2, 2.5, 5 times a power of ten that is at least `step`."""
    if step <= 0 or not math.isfinite(step):
        return 1.0
    power: float = 10.0 ** math.floor(math.log10(step))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= step * (1 - 1e-9))


_SECONDS = {
    "hour": 3600.0,
    "day": 86_400.0,
    "week": 604_800.0,
    "month": 2_629_800.0,
    "quarter": 7_889_400.0,
    "year": 31_557_600.0,
}


def auto_unit(bounds: tuple[Any, Any], marks: int, kind: str) -> str:
    """The finest unit that gives at most `marks` steps over an exact range."""
    low, high = bounds
    if low is None or high is None:
        return "day"
    span = (datetime.fromisoformat(str(high)) - datetime.fromisoformat(str(low))).total_seconds()
    units = [u for u in _SECONDS if kind == "datetime" or u != "hour"]
    return next((u for u in units if span / _SECONDS[u] <= marks), "year")
