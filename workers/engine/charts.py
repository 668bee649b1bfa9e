"""Chart specs: checked params, and the grouped question a chart asks its table (bins, time units, series)."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from workers.engine.approx import Query
from workers.engine.expression import unknown_column
from workers.engine.ops import Measure
from workers.engine.tables import compiled, exact_range
from workers.kind import CellError, NeedsSettings
from workers.ports import Column, Op, Table

Mark = Literal["bar", "line", "histogram", "scatter", "heatmap", "box"]
X, Y, SERIES, VALUE = "__x", "__y", "__series", "__value"
MAX_MARKS = 1_500
MAX_SERIES = 6
_NUMERIC = ("integer", "number")
_MOMENT = ("date", "datetime")


class ChartSpec(BaseModel):
    """What a chart shows; the params of the kind `chart`."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    mark: Mark = "bar"
    x: str | None = None
    y: str | None = None
    aggregate: Literal["count", "sum", "mean", "median", "min", "max", "none"] = "count"
    color: str | None = None
    bins: int | None = Field(default=None, ge=1, le=200)
    time_unit: Literal[
        "auto", "none", "year", "quarter", "month", "week", "day", "hour", "day_of_week", "hour_of_day"
    ] = "auto"
    sort: Literal["auto", "x", "value", "-value"] = "auto"
    limit: int = Field(default=30, ge=1, le=500)
    horizontal: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    """How one column becomes marks: as categories, as time steps or as bins from `start` by `width`."""

    column: str
    type: str
    how: Literal["category", "time", "bins", "value"]
    title: str
    unit: str = "none"
    start: float = 0.0
    width: float = 1.0
    bins: int = 0

    def expression(self) -> dict[str, Any]:
        """The grouping key as an expression of the op spec."""
        if self.how != "bins":
            return {"col": self.column}
        number = {"fn": "bin", "args": [{"col": self.column}, {"lit": self.start}, {"lit": self.width}]}
        # The largest value belongs to the last bin, not to one of its own.
        last = {"fn": "=", "args": [number, {"lit": self.bins}]}
        return {"fn": "if", "args": [last, {"lit": self.bins - 1}, number]}

    def centre(self, index: int) -> float:
        """Middle of a bin."""
        return self.start + (index + 0.5) * self.width


@dataclass(frozen=True, slots=True)
class Chart:
    """A planned chart: the op under the question, the question, and the axes."""

    spec: ChartSpec
    op: Op
    query: Query
    x: Axis
    y: Axis | None = None
    value_title: str = "count"
    columns: dict[str, Column] = field(default_factory=dict)


def plan_chart(table: Table | Op, spec: ChartSpec) -> Chart:
    """Check columns and types and form the question. Raises NeedsSettings or CellError, without reading rows."""
    columns = {c.name: c for c in compiled(table).columns}
    for param in ("x", "y", "color"):
        name = getattr(spec, param)
        if name and name not in columns:
            raise unknown_column(name, list(columns), param=param)
    if not spec.x:
        raise NeedsSettings("Choose a column for the x axis.", missing=("x",))
    if spec.mark == "histogram":
        return _histogram(table, spec, columns)
    if spec.mark == "heatmap":
        return _heatmap(table, spec, columns)
    if spec.mark == "box":
        return _box(table, spec, columns)
    if spec.mark == "scatter":
        return _scatter(table, spec, columns)
    return _bars(table, spec, columns)


def _numeric(column: Column, param: str, what: str) -> None:
    if column.type not in (*_NUMERIC, "boolean"):
        raise CellError("type_mismatch", f"{what} needs numbers, but “{column.name}” is {column.type}.", param=param)


def _measure(spec: ChartSpec, columns: dict[str, Column]) -> tuple[Measure, str]:
    function = spec.aggregate if spec.y and spec.aggregate != "none" else "count"
    if function == "count" or not spec.y:
        return Measure(function="count", name=VALUE), "count"
    if function in ("sum", "mean", "median"):
        _numeric(columns[spec.y], "y", f"The {function}")
    return Measure(function=function, column=spec.y, name=VALUE), f"{function} of {spec.y}"


def _bars(table: Table | Op, spec: ChartSpec, columns: dict[str, Column]) -> Chart:
    assert spec.x
    if spec.mark == "line" and columns[spec.x].type == "text" and not spec.y and spec.aggregate != "count":
        raise NeedsSettings("Choose a column for the y axis.", missing=("y",))
    if spec.aggregate != "count" and not spec.y:
        raise NeedsSettings(f"Choose the column whose {spec.aggregate} is drawn.", missing=("y",))
    measure, title = _measure(spec, columns)
    if spec.aggregate == "none" and spec.y:
        _numeric(columns[spec.y], "y", "The y axis")
        measure, title = Measure(function="mean", column=spec.y, name=VALUE), spec.y
    x = axis(table, columns[spec.x], spec, marks=_budget(spec), whole=spec.mark == "bar")
    return _grouped(table, spec, x, None, [measure], title, columns)


def _budget(spec: ChartSpec) -> int:
    if spec.mark == "line":
        return 200 if spec.color else 750
    return 60


def _grouped(
    table: Table | Op,
    spec: ChartSpec,
    x: Axis,
    y: Axis | None,
    measures: list[Measure],
    title: str,
    columns: dict[str, Column],
    color: str | None = None,
) -> Chart:
    op: Op = table.op if isinstance(table, Table) else table
    op = {"op": "derive", "input": op, "name": X, "expression": x.expression()}
    by = [X]
    if y is not None:
        op = {"op": "derive", "input": op, "name": Y, "expression": y.expression()}
        by.append(Y)
    color = spec.color if color is None else color
    if color:
        op = {"op": "derive", "input": op, "name": SERIES, "expression": {"fn": "text", "args": [{"col": color}]}}
        by.append(SERIES)
    unit = x.unit if x.unit != "none" else (y.unit if y else "none")
    return Chart(spec, op, Query(tuple(by), tuple(measures), time_unit=unit), x, y, title, columns)


def axis(table: Table | Op, column: Column, spec: ChartSpec, *, marks: int, whole: bool = False) -> Axis:
    """Categories for texts, time steps for dates, bins for numbers (whole numbers of few values stay as they are)."""
    if column.type in _MOMENT:
        unit = (
            spec.time_unit
            if spec.time_unit != "auto"
            else auto_unit(exact_range(table, column.name), marks, column.type)
        )
        how: Any = "category" if unit in ("day_of_week", "hour_of_day") else "time"
        return Axis(column.name, column.type, how, column.name + (f" ({unit})" if unit not in ("none",) else ""), unit)
    if column.type in _NUMERIC:
        low, high = exact_range(table, column.name)
        few = column.type == "integer" and low is not None and abs(int(high) - int(low)) < (100 if whole else marks)
        if not few and low is not None:
            return binned(column, low, high, spec.bins or min(marks, 40 if whole else marks))
        return Axis(column.name, column.type, "value", column.name)
    return Axis(column.name, column.type, "category", column.name)


def binned(column: Column, low: Any, high: Any, bins: int) -> Axis:
    """An axis of about `bins` bins with round edges that cover low..high."""
    low, high = float(low), float(high)
    width = nice((high - low) / bins) if high > low else 1.0
    if column.type == "integer":
        width = max(1.0, math.ceil(width))
    start = math.floor(low / width) * width
    count = max(1, math.ceil((high - start) / width - 1e-9))
    if column.type == "integer":
        # Whole numbers are centred on their bins, so that the last one has its own.
        count = max(1, math.floor((high - start) / width) + 1)
    return Axis(column.name, column.type, "bins", column.name, start=start, width=width, bins=count)


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


def _histogram(table: Table | Op, spec: ChartSpec, columns: dict[str, Column]) -> Chart:
    assert spec.x
    column = columns[spec.x]
    count = Measure(function="count", name=VALUE)
    if column.type in _NUMERIC:
        low, high = exact_range(table, column.name)
        x = binned(column, low if low is not None else 0, high if high is not None else 1, spec.bins or 40)
    else:
        x = axis(table, column, spec, marks=60)
    return _grouped(table, spec, x, None, [count], "count", columns)


def _heatmap(table: Table | Op, spec: ChartSpec, columns: dict[str, Column]) -> Chart:
    assert spec.x
    if not spec.y:
        raise NeedsSettings("Choose a column for the y axis.", missing=("y",))
    x = axis(table, columns[spec.x], spec, marks=spec.bins or 40)
    if columns[spec.y].type in _MOMENT and columns[spec.x].type in _MOMENT:
        raise CellError("type_mismatch", "A heat map takes one date axis. Choose another column for y.", param="y")
    y = axis(table, columns[spec.y], spec, marks=spec.bins or 30)
    measure, title = Measure(function="count", name=VALUE), "count"
    if spec.color and spec.aggregate not in ("count", "none"):
        measure, title = _measure(spec.model_copy(update={"y": spec.color}), columns)
    return _grouped(table, spec, x, y, [measure], title, columns, color="")


def _box(table: Table | Op, spec: ChartSpec, columns: dict[str, Column]) -> Chart:
    assert spec.x
    value = spec.y or spec.x
    _numeric(columns[value], "y" if spec.y else "x", "A box plot")
    names = {"q1": "__q1", "median": VALUE, "q3": "__q3", "mean": "__mean"}
    names |= {"whisker_low": "__low", "whisker_high": "__high"}
    measures = [Measure(function=f, column=value, name=n) for f, n in names.items()]
    if spec.y:
        x = axis(table, columns[spec.x], spec, marks=spec.bins or 24)
    else:
        op: Op = table.op if isinstance(table, Table) else table
        table = {"op": "derive", "input": op, "name": X, "expression": {"lit": spec.x}}
        x = Axis(X, "text", "category", "")
    return _grouped(table, spec, x, None, measures, value, columns)


def _scatter(table: Table | Op, spec: ChartSpec, columns: dict[str, Column]) -> Chart:
    assert spec.x
    if not spec.y:
        raise NeedsSettings("Choose a column for the y axis.", missing=("y",))
    x = Axis(spec.x, columns[spec.x].type, "value", spec.x)
    y = Axis(spec.y, columns[spec.y].type, "value", spec.y)
    return Chart(spec, table.op if isinstance(table, Table) else table, Query(), x, y, spec.y, columns)
