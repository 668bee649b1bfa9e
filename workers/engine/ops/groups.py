"""Groups of rows with values computed for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from workers.engine.ops.node import Input, Name, OpNode
from workers.engine.pandas_text import DTYPES, keywords, listed, quote
from workers.engine.quartiles import QUARTILES, WHISKERS, boxed
from workers.kind import CellError

if TYPE_CHECKING:
    from workers.engine.pandas_code import PandasCode

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

    def needs(self, wanted: set[str] | None) -> set[str] | None:
        """The keys, and the columns of the measures."""
        return {*self.by, *(m.column for m in self.measures if m.column)}

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

    def pandas(self, frames: list[str], code: PandasCode) -> str:
        """A frame with a column for each value of the groups."""
        frame = frames[0]
        if not self.measures:
            keys = {name: code.time_key(frame, name, self.time_unit).text for name in self.by}
            changed = {n: v for n, v in keys.items() if v != code.column(frame, n).text}
            source = f"{frame}.assign({keywords(changed)})" if changed else frame
            return f"{source}[{listed(self.by)}].drop_duplicates(ignore_index=True)"
        if not self.by:
            return self._one_row(frame, code)
        cut = [code.time_key(frame, name, self.time_unit).text for name in self.by]
        plain = [code.column(frame, name).text for name in self.by]
        keys_text = ", ".join(quote(n) if c == p else c for n, c, p in zip(self.by, cut, plain, strict=True))
        groups = code.name("groups")
        code.line(f"{groups} = {frame}.groupby([{keys_text}], dropna=False)")
        values = {m.output(): _of_groups(m, groups, code.types(frame), code) for m in self.measures}
        body = "".join(f"    {quote(n)}: {v},\n" for n, v in values.items())
        return f"pd.DataFrame({{\n{body}}}).reset_index()"

    def _one_row(self, frame: str, code: PandasCode) -> str:
        body = ""
        for m in self.measures:
            word = result_word(m, code.types(frame))
            value = _of_column(m, frame, code.types(frame), code)
            body += f'    {quote(m.output())}: pd.array([{value}], dtype="{DTYPES[word]}"),\n'
        return f"pd.DataFrame({{\n{body}}})"


def result_word(measure: Measure, types: dict[str, str]) -> str:
    """The type word of an aggregate."""
    word = types.get(measure.column or "", "integer")
    if measure.function in ("count", "distinct", "missing"):
        return "integer"
    if measure.function in ("min", "max", "first"):
        return word
    return "integer" if measure.function == "sum" and word in ("integer", "boolean") else "number"


_METHODS = {"mean": "mean()", "median": "median()", "min": "min()", "max": "max()", "distinct": "nunique()",
            "stddev": "std()", "q1": "quantile(0.25)", "q3": "quantile(0.75)", "count": "count()",
            "sum": "sum(min_count=1)"}


def _of_groups(measure: Measure, groups: str, types: dict[str, str], code: PandasCode) -> str:
    """An aggregate of each group, one line long."""
    if measure.column is None:
        return f"{groups}.size()"
    column = f"{groups}[{quote(measure.column)}]"
    if measure.function == "missing":
        return f"{groups}.size() - {column}.count()"
    if measure.function == "first":
        return f"{column}.first()"
    if measure.function in WHISKERS:
        side = -1 if measure.function == "whisker_low" else 1
        return f"{column}.apply({code.ask('whisker')}, side={side})"
    if types[measure.column] == "boolean" and measure.function in ("median", "stddev", "q1", "q3"):
        return f'{column}.apply(lambda group: group.astype("Float64").{_METHODS[measure.function]})'
    return f"{column}.{_METHODS[measure.function]}"


def _of_column(measure: Measure, frame: str, types: dict[str, str], code: PandasCode) -> str:
    """An aggregate of a whole column."""
    if measure.column is None:
        return f"len({frame})"
    column = code.column(frame, measure.column).text
    if measure.function == "missing":
        return f"{column}.isna().sum()"
    if measure.function == "first":
        return f"{column}.dropna().head(1).max()"
    if types[measure.column] == "boolean" and measure.function in ("mean", "median", "stddev", "q1", "q3", "sum"):
        column += '.astype("Float64")' if measure.function != "sum" else '.astype("Int64")'
    if measure.function == "stddev":
        column += '.astype("float64")'
    return f"{column}.{_METHODS[measure.function]}"
