"""Groups of rows with values computed for each."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from workers.engine.ops.node import Input, Name, OpNode
from workers.engine.quartiles import QUARTILES, WHISKERS, boxed
from workers.kind import CellError

Function = Literal[
    "count", "sum", "mean", "median", "min", "max", "distinct", "stddev", "missing", "first", "q1", "q3",
    "whisker_low", "whisker_high",
]
TimeUnit = Literal["none", "year", "quarter", "month", "week", "day", "hour", "minute", "day_of_week", "hour_of_day"]


class Measure(BaseModel):
    """One aggregate: a function of a column (`count` needs none), under a name."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    function: Function
    column: Name | None = None
    name: str = ""

    def output(self) -> str:
        """The name of the result column."""
        return self.name or (f"{self.function} of {self.column}" if self.column else self.function)


class Aggregate(OpNode):
    """Group rows; dates among `by` are cut to `time_unit` first. Without `by`, one row."""

    op: Literal["aggregate"]
    input: Input
    by: Annotated[tuple[Name, ...], Field(max_length=50)] = ()
    measures: Annotated[tuple[Measure, ...], Field(max_length=200)] = ()
    time_unit: TimeUnit = "none"

    def apply(self, sources: list[Any], c: Any) -> Any:
        """One row a group."""
        table = sources[0]
        keys = [c.time_key(c.column(table, name), self.time_unit).name(name) for name in self.by]
        outputs = [m.output() for m in self.measures]
        clash = next((n for n in outputs if n in self.by or len(set(outputs)) < len(outputs)), None)
        if clash is not None:
            raise CellError("duplicate_column", f"Two result columns would both be named “{clash}”.", param="measures")
        if any(m.function in WHISKERS for m in self.measures):
            return self._boxes(table, keys, c)
        values = {m.output(): c.measure(table, m.function, m.column) for m in self.measures}
        if not keys and not values:
            raise CellError("nothing_to_group", "Choose a column to group by or a value to compute.", param="measures")
        if not values:
            return table.select(*keys).distinct()
        return table.group_by(keys).aggregate(**values) if keys else table.aggregate(**values)

    def _boxes(self, table: Any, keys: list[Any], c: Any) -> Any:
        """Groups with the quartiles and whiskers of one column."""
        asked = {m.output(): str(m.function) for m in self.measures if m.function in (*QUARTILES, *WHISKERS)}
        columns = {m.column for m in self.measures if m.output() in asked}
        if len(columns) != 1 or not keys:
            raise CellError("bad_op", "Boxes need a column to group by and one column of values.")
        plain = {m.output(): c.measure(table, m.function, m.column) for m in self.measures if m.output() not in asked}
        found = boxed(table, keys, plain, c.numbers(table, columns.pop(), "quartile"), asked)
        return found.select(*self.by, *[m.output() for m in self.measures])
