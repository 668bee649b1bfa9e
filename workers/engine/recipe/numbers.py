"""Steps on numbers, categories and dates: round, clip, bins, far-out values, indicators, parts of dates."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field

from workers.engine.recipe.columns import fresh_names
from workers.engine.recipe.step import (
    MOMENTS,
    NUMBERS,
    CleaningStep,
    Name,
    Scalar,
    call,
    chosen,
    col,
    listing,
    lit,
    literal,
    one_column,
    some_columns,
)
from workers.kind import CellError, NeedsSettings
from workers.ports import Column, Op

Share = Annotated[float, Field(ge=0, le=1)]


class _NumberStep(CleaningStep):
    """A step on number columns that must be picked."""

    def lacks(self) -> str:
        """The columns."""
        return "" if self.names() else "Pick the columns"

    def names(self) -> list[str]:
        """The columns picked."""
        return list(getattr(self, "columns"))  # noqa: B009

    def numbers(self, columns: Sequence[Column]) -> list[Column]:
        """The columns picked, checked to be numbers."""
        return chosen(self.names(), columns, NUMBERS)

    def touches(self, columns: Sequence[Column]) -> list[str]:
        """The columns."""
        return self.names()


class Round(_NumberStep):
    """Round numbers to digits after the point. Halves go away from zero."""

    title, group, icon = "Round", "Numbers", "hash"
    do: Literal["round"] = "round"
    columns: list[Name] = some_columns(types=NUMBERS)
    digits: Annotated[int, Field(ge=0, le=12)] = Field(0, title="Digits")

    def ops(self, columns: Sequence[Column]) -> list[Op]:
        """A round for each column that has fractions."""
        parts = [c.name for c in self.numbers(columns) if c.type == "number"]
        values = {n: call("round", col(n), lit(self.digits)) if self.digits else _whole(n) for n in parts}
        return [{"op": "assign", "values": values}] if values else []

    def words(self) -> str:
        """Round `price` to 2 digits."""
        to = f"to {self.digits} digit{'' if self.digits == 1 else 's'}" if self.digits else "to whole numbers"
        return f"Round {listing(self.columns, 'columns')} {to}"


def _whole(name: str) -> Op:
    """The nearest whole number, halves away from zero on every engine, in a column that still holds numbers."""
    up = call("floor", call("+", col(name), lit(0.5)))
    down = call("-", call("floor", call("-", lit(0.5), col(name))))
    return call("number", call("if", call("<", col(name), lit(0)), down, up))


class Clip(_NumberStep):
    """Pull numbers beyond fixed ends in to them."""

    title, group, icon = "Clip", "Numbers", "minus"
    do: Literal["clip"] = "clip"
    columns: list[Name] = some_columns(types=NUMBERS)
    low: float | None = Field(None, title="Lowest")
    high: float | None = Field(None, title="Highest")

    def lacks(self) -> str:
        """Columns and an end."""
        if not self.columns:
            return "Pick the columns"
        return "Set the lowest or the highest value" if self.low is None and self.high is None else ""

    def ops(self, columns: Sequence[Column]) -> list[Op]:
        """Two ifs for each column."""
        if self.low is not None and self.high is not None and self.low > self.high:
            raise CellError("bad_value", "The lowest value is above the highest one.", param="low")
        values = {}
        for column in self.numbers(columns):
            value = col(column.name)
            if self.high is not None:
                high = literal(self.high, column, "high")
                value = call("if", call(">", col(column.name), high), high, value)
            if self.low is not None:
                low = literal(self.low, column, "low")
                value = call("if", call("<", col(column.name), low), low, value)
            values[column.name] = value
        return [{"op": "assign", "values": values}]

    def words(self) -> str:
        """Clip `age` to 0 … 120."""
        low, high = ("…" if end is None else f"{end:g}" for end in (self.low, self.high))
        return f"Clip {listing(self.columns, 'columns')} to {low} – {high}"


class Winsorise(_NumberStep):
    """Pull the lowest and highest values in to a quantile, so that a few far ones do not rule."""

    title, group, icon = "Winsorise", "Numbers", "chart-column"
    do: Literal["winsorise"] = "winsorise"
    columns: list[Name] = some_columns(types=NUMBERS)
    low: Share = Field(0.01, title="Lower share")
    high: Share = Field(0.99, title="Upper share")

    def whole(self) -> bool:
        """Always."""
        return True

    def ops(self, columns: Sequence[Column]) -> list[Op]:
        """A winsorise."""
        if self.low >= self.high:
            raise CellError("bad_value", "The lower share must be below the upper one.", param="low")
        names = [c.name for c in self.numbers(columns)]
        return [{"op": "winsorise", "columns": names, "low": self.low, "high": self.high}]

    def words(self) -> str:
        """Winsorise `gain` at 1 – 99 %."""
        return f"Winsorise {listing(self.columns, 'columns')} at {100 * self.low:g} – {100 * self.high:g} %"


class Bin(CleaningStep):
    """Sort numbers into bins: of equal width, of equal counts, or with ends of your own."""

    title, group, icon = "Bin", "Numbers", "chart-column"
    do: Literal["bin"] = "bin"
    column: Name | None = one_column(types=NUMBERS)
    how: Literal["width", "counts", "ends"] = Field("width", title="Bins of", json_schema_extra={"labels": {
        "width": "equal width", "counts": "equal counts (quantiles)", "ends": "ends of your own"}})
    bins: Annotated[int, Field(ge=2, le=100)] = Field(10, title="How many", json_schema_extra={
        "when": {"how": ["width", "counts"]}})
    ends: list[float] = Field(default_factory=list, title="Ends", max_length=100, description=(
        "A value on an end belongs to the bin above"), json_schema_extra={"when": {"how": ["ends"]}})
    show: Literal["number", "start"] = Field("number", title="Show", json_schema_extra={
        "labels": {"number": "the number of the bin", "start": "its lower end"}, "when": {"how": ["width"]}})
    to: Name = Field("", title="New column", json_schema_extra={"placeholder": "made up from the column's name"})

    def lacks(self) -> str:
        """The column, and ends."""
        return "Pick a column" if not self.column else "" if self.how != "ends" or self.ends else "Write the ends"

    def whole(self) -> bool:
        """Unless the ends are given."""
        return self.how != "ends"

    def ops(self, columns: Sequence[Column]) -> list[Op]:
        """The bins in a new column, as words where the ends are given."""
        name = chosen([str(self.column)], columns, NUMBERS, "column")[0].name
        to = self.to.strip() or fresh_names([f"{name}_bin"], columns)[0]
        if self.how != "ends":
            return [{"op": "bin", "column": name, "how": self.how, "bins": self.bins, "name": to,
                     "start": self.how == "width" and self.show == "start"}]
        ends = sorted(set(self.ends))
        shown = [f"below {ends[0]:g}", *(f"{a:g} to {b:g}" for a, b in pairwise(ends)),
                 f"{ends[-1]:g} and more"]
        value: Op = lit(shown[-1])
        for end, words in zip(reversed(ends), reversed(shown[:-1]), strict=True):
            value = call("if", call("<", col(name), lit(end)), lit(words), value)
        value = call("if", call("is_missing", col(name)), lit(None), value)
        return [{"op": "assign", "values": {to: value}}]

    def words(self) -> str:
        """Sort `age` into 10 bins."""
        how = {"width": f"{self.bins} bins of equal width", "counts": f"{self.bins} bins of equal counts"}
        return f"Sort `{self.column or '…'}` into {how.get(self.how, f'{len(self.ends) + 1} bins')}"


class FarOut(_NumberStep):
    """Deal with values far from the rest: by quartiles (Tukey's fences) or by standard deviations from the mean."""

    title, group, icon = "Outliers", "Numbers", "chart-scatter"
    do: Literal["outliers"] = "outliers"
    columns: list[Name] = some_columns(types=NUMBERS)
    method: Literal["iqr", "z"] = Field("iqr", title="Judged by", json_schema_extra={"labels": {
        "iqr": "quartiles (IQR)", "z": "deviations from the mean (z)"}})
    factor: Annotated[float, Field(gt=0, le=100)] = Field(1.5, title="Beyond", description=(
        "So many times the distance of the quartiles, or so many standard deviations"))
    then: Literal["flag", "blank", "drop"] = Field("flag", title="Then", json_schema_extra={"labels": {
        "flag": "flag them in a new column", "blank": "make them missing", "drop": "drop their rows"}})

    def whole(self) -> bool:
        """Always."""
        return True

    def ops(self, columns: Sequence[Column]) -> list[Op]:
        """Flags, gaps or fewer rows."""
        names = [c.name for c in self.numbers(columns)]
        return [{"op": "outliers", "columns": names, "method": self.method, "factor": self.factor, "then": self.then}]

    def words(self) -> str:
        """Flag outliers of `gain`."""
        verb = {"flag": "Flag", "blank": "Empty", "drop": "Drop"}[self.then]
        return f"{verb} outliers of {listing(self.columns, 'columns')}"


class Across(CleaningStep):
    """Compute a value over several columns of each row. Missing values are left out of it."""

    title, group, icon = "Row statistics", "Numbers", "sigma"
    do: Literal["across"] = "across"
    columns: list[Name] = some_columns()
    function: Literal["sum", "mean", "min", "max", "missing"] = Field("sum", title="Compute", json_schema_extra={
        "labels": {"min": "smallest", "max": "largest", "missing": "how many are missing"}})
    to: Name = Field("", title="New column", json_schema_extra={"placeholder": "made up from the function"})

    def lacks(self) -> str:
        """The columns."""
        return "" if self.columns else "Pick the columns"

    def ops(self, columns: Sequence[Column]) -> list[Op]:
        """One expression."""
        names = [c.name for c in chosen(self.columns, columns, () if self.function == "missing" else NUMBERS)]
        to = self.to.strip() or fresh_names([f"row_{self.function}"], columns)[0]
        gaps = _sum([call("if", call("is_missing", col(n)), lit(1), lit(0)) for n in names])
        filled = call("-", lit(len(names)), gaps)
        value = {"missing": gaps, "min": call("min", *map(col, names)), "max": call("max", *map(col, names))}.get(
            self.function)
        if value is None:
            total = _sum([call("coalesce", col(n), lit(0)) for n in names])
            value = total if self.function == "sum" else call("/", total, filled)
            if self.function == "sum":
                value = call("if", call("=", filled, lit(0)), lit(None), total)
        return [{"op": "assign", "values": {to: value}}]

    def words(self) -> str:
        """Sum of `a`, `b` and 2 more in each row."""
        name = {"missing": "Count of gaps", "min": "Smallest", "max": "Largest"}.get(
            self.function, self.function.capitalize())
        return f"{name} of {listing(self.columns, 'columns')} in each row"


def _sum(parts: list[Op]) -> Op:
    # In halves, so that a hundred columns nest seven deep and not a hundred.
    if len(parts) == 1:
        return parts[0]
    half = len(parts) // 2
    return call("+", _sum(parts[:half]), _sum(parts[half:]))


class OneHot(CleaningStep):
    """Make a column of 0 and 1 for each value. The values are kept in the step, so columns never change by chance."""

    title, group, icon = "One-hot", "Categories and dates", "binary"
    do: Literal["one_hot"] = "one_hot"
    column: Name | None = one_column(types=("text", "boolean", "integer"))
    values: list[Scalar] = Field(default_factory=list, title="Values", max_length=100, description=(
        "Found in the data when the step first runs"), json_schema_extra={"picker": "values", "of": "column"})
    other: bool = Field(False, title="A column for other values")
    keep: bool = Field(False, title="Keep the column")

    def lacks(self) -> str:
        """The column."""
        return "" if self.column else "Pick a column"

    def ops(self, columns: Sequence[Column]) -> list[Op]:
        """The indicators; raises NeedsSettings until the values are known."""
        column = chosen([str(self.column)], columns, param="column")[0]
        if not self.values:
            raise NeedsSettings(f"Choose the values of “{column.name}” to make columns of", missing=("Values",))
        wanted = [literal(v, column, "values") for v in dict.fromkeys(self.values)]
        names = fresh_names([f"{column.name}_{_word(v['lit'])}" for v in wanted], columns)
        value = col(column.name)
        values = {n: _indicator(call("=", value, v)) for n, v in zip(names, wanted, strict=True)}
        if self.other:
            other = fresh_names([f"{column.name}_other"], [*columns, *(Column(n, "integer") for n in names)])[0]
            values[other] = _indicator(call("not", call("in", value, *wanted)))
        out: list[Op] = [{"op": "assign", "values": values}]
        if not self.keep:
            out.append({"op": "select", "columns": [*(c.name for c in columns if c.name != column.name), *values]})
        return out

    def words(self) -> str:
        """One-hot `contract`, 3 values."""
        return f"One-hot `{self.column or '…'}`" + (f", {len(self.values)} values" if self.values else "")


def _word(value: Scalar) -> str:
    return str(value).strip().replace(" ", "_")[:60] or "blank"


def _indicator(test: Op) -> Op:
    return call("if", call("coalesce", test, lit(False)), lit(1), lit(0))


class DateParts(CleaningStep):
    """Take parts out of a date: year, month, day of the week and so on."""

    title, group, icon = "Parts of a date", "Categories and dates", "calendar"
    do: Literal["date_parts"] = "date_parts"
    column: Name | None = one_column(types=MOMENTS)
    parts: list[Literal["year", "quarter", "month", "day", "day_of_week", "weekend", "hour", "minute"]] = Field(
        ["year", "month", "day_of_week"], title="Parts", max_length=8)
    keep: bool = Field(True, title="Keep the column")

    def lacks(self) -> str:
        """The column and a part."""
        return "Pick a column" if not self.column else "" if self.parts else "Pick the parts"

    def ops(self, columns: Sequence[Column]) -> list[Op]:
        """A column for each part; a date has no hour."""
        column = chosen([str(self.column)], columns, MOMENTS, "column")[0]
        wanted = [p for p in dict.fromkeys(self.parts) if column.type == "datetime" or p not in ("hour", "minute")]
        if not wanted:
            raise CellError("bad_type", f"“{column.name}” holds dates without a time of day.", param="parts")
        names = fresh_names([f"{column.name}_{part}" for part in wanted], columns)
        values = {}
        for name, part in zip(names, wanted, strict=True):
            plain = call("day_of_week" if part == "weekend" else part, col(column.name))
            values[name] = call(">=", plain, lit(5)) if part == "weekend" else plain
        out: list[Op] = [{"op": "assign", "values": values}]
        if not self.keep:
            out.append({"op": "select", "columns": [*(c.name for c in columns if c.name != column.name), *names]})
        return out

    def words(self) -> str:
        """Parts of `day`: year, month."""
        return f"Parts of `{self.column or '…'}`: {', '.join(p.replace('_', ' ') for p in self.parts) or '…'}"


class Negate(CleaningStep):
    """Turn yes into no and no into yes."""

    title, group, icon = "Negate", "Categories and dates", "toggle-left"
    do: Literal["negate"] = "negate"
    columns: list[Name] = some_columns(types=("boolean",))

    def lacks(self) -> str:
        """The columns."""
        return "" if self.columns else "Pick the columns"

    def ops(self, columns: Sequence[Column]) -> list[Op]:
        """A not for each column."""
        names = [c.name for c in chosen(self.columns, columns, ("boolean",))]
        return [{"op": "assign", "values": {n: call("not", col(n)) for n in names}}]

    def touches(self, columns: Sequence[Column]) -> list[str]:
        """The columns."""
        return list(self.columns)

    def words(self) -> str:
        """Negate `active`."""
        return f"Negate {listing(self.columns, 'columns')}"
