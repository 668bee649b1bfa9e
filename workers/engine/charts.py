"""Chart specs: checked params, the planned chart, and the grouped question that marks share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from workers.engine.approx import Query
from workers.engine.axes import NUMERIC, Axis
from workers.engine.expression import unknown_column
from workers.engine.ops import Measure
from workers.engine.tables import compiled
from workers.kind import CellError, NeedsSettings
from workers.ports import Column, Op, Table

X, Y, SERIES, FACET, VALUE = "__x", "__y", "__series", "__facet", "__value"
ROWS, SPREAD = "__filled", "__spread"
"""Helper measures of means: how many values are there (means are merged by it), and their standard deviation."""
MAX_MARKS = 1_500
MAX_SERIES = 6
Aggregate = Literal["count", "sum", "mean", "median", "min", "max", "none"]
TimeUnit = Literal["auto", "none", "year", "quarter", "month", "week", "day", "hour", "day_of_week", "hour_of_day"]
Sort = Literal["auto", "x", "value", "-value"]
Arrange = Literal["auto", "grouped", "stacked", "share", "overlaid"]
Errors = Literal["none", "se", "ci"]
Log = Literal["none", "x", "y", "both"]


class ReferenceLine(BaseModel):
    """A line across a chart: at a value, or at the mean or median of what the axis shows."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    at: Literal["value", "mean", "median"] = Field("value", title="At")
    axis: Literal["y", "x"] = Field("y", title="Axis", json_schema_extra={
        "labels": {"y": "value axis", "x": "X axis"}})
    value: float | None = Field(None, title="Value", json_schema_extra={"when": {"at": ["value"]}})


class ChartSpec(BaseModel):
    """What a chart shows; the params of the kind `chart`."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    mark: str = "bar"
    x: str | None = None
    y: str | None = None
    aggregate: Aggregate = "count"
    color: str | None = None
    facet: str | None = None
    arrange: Arrange = "auto"
    trend: bool = False
    errors: Errors = "none"
    bins: int | None = Field(default=None, ge=1, le=200)
    time_unit: TimeUnit = "auto"
    sort: Sort = "auto"
    limit: int = Field(default=30, ge=1, le=500)
    horizontal: bool = False
    log: Log = "none"
    lines: tuple[ReferenceLine, ...] = Field(default=(), max_length=8)

    def is_log(self, side: str) -> bool:
        """Whether the axis "x" or "y" (that of values) is logarithmic."""
        return self.log in (side, "both")


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

    @property
    def function(self) -> str:
        """What is computed of each group; nothing where rows are drawn as they are."""
        return str(self.query.measures[0].function) if self.query.measures else ""


def columns_of(table: Table | Op, spec: ChartSpec) -> dict[str, Column]:
    """The columns by name. Raises CellError unknown_column for a param that names none, NeedsSettings without x."""
    columns = {c.name: c for c in compiled(table).columns}
    for param in ("x", "y", "color", "facet"):
        name = getattr(spec, param)
        if name and name not in columns:
            raise unknown_column(name, list(columns), param=param)
    if not spec.x:
        raise NeedsSettings("Choose a column for the x axis.", missing=("x",))
    return columns


def needs_y(spec: ChartSpec, why: str = "Choose a column for the y axis.") -> str:
    """The column of the y axis, or NeedsSettings."""
    if not spec.y:
        raise NeedsSettings(why, missing=("y",))
    return spec.y


def numeric(column: Column, param: str, what: str) -> None:
    """Raise CellError type_mismatch unless a column holds numbers."""
    if column.type not in (*NUMERIC, "boolean"):
        raise CellError("type_mismatch", f"{what} needs numbers, but “{column.name}” is {column.type}.", param=param)


def measure(spec: ChartSpec, columns: dict[str, Column]) -> tuple[list[Measure], str]:
    """The value of each group with what its error bars need, and its title."""
    function = spec.aggregate if spec.y else "count"
    if function == "count" or not spec.y:
        return [Measure(function="count", name=VALUE)], "count"
    title = f"{function} of {spec.y}"
    if function == "none":
        function, title = "mean", spec.y
    if function in ("sum", "mean", "median"):
        numeric(columns[spec.y], "y", "The y axis" if spec.aggregate == "none" else f"The {function}")
    found = [Measure(function=function, column=spec.y, name=VALUE)]
    if function == "mean":
        found.append(Measure(function="count", column=spec.y, name=ROWS))
        if spec.errors != "none":
            found.append(Measure(function="stddev", column=spec.y, name=SPREAD))
    return found, title


def wants_y(spec: ChartSpec) -> None:
    """Raise NeedsSettings when the aggregate has no column to work on."""
    if spec.aggregate != "count" and not spec.y:
        raise NeedsSettings(f"Choose the column whose {spec.aggregate} is drawn.", missing=("y",))


def grouped(table: Table | Op, spec: ChartSpec, x: Axis, measures: list[Measure], title: str,
            columns: dict[str, Column], *, y: Axis | None = None, color: str | None = None) -> Chart:
    """A chart that asks for `measures` by x, y, colour and panel."""
    op: Op = table.op if isinstance(table, Table) else table
    by = []
    keys = [(X, x.expression())]
    if y is not None:
        keys.append((Y, y.expression()))
    for name, column in ((SERIES, color), (FACET, spec.facet)):
        if column:
            keys.append((name, {"fn": "text", "args": [{"col": column}]}))
    for name, expression in keys:
        op = {"op": "derive", "input": op, "name": name, "expression": expression}
        by.append(name)
    unit = x.unit if x.unit != "none" else (y.unit if y else "none")
    return Chart(spec, op, Query(tuple(by), tuple(measures), time_unit=unit), x, y, title, columns)
