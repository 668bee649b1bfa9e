"""Ops of cleaning that look at other rows: filling by a statistic or a neighbour, bins, far-out values, repeats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from workers.engine.functions import rounded, word_of
from workers.engine.ops.cleaning import Columns
from workers.engine.ops.node import Input, Name, OpNode
from workers.engine.pandas_text import keywords, listed
from workers.kind import CellError

if TYPE_CHECKING:
    from workers.engine.pandas_code import PandasCode

Share = Annotated[float, Field(ge=0, le=1)]


def beside(table: Any, statistics: dict[str, Any]) -> Any:
    """A table with one-row statistics of it in every row."""
    return table.cross_join(table.aggregate(**statistics))


def without(table: Any, found: Any, values: dict[str, Any]) -> Any:
    """`found` with some values written, and only the columns of `table` and the new ones."""
    written = found.mutate(**values)
    return written.select(*table.columns, *[n for n in values if n not in table.columns])


def kind_of(frame: str, name: str, code: PandasCode) -> str:
    """The type word of a column of a frame, checked to be there."""
    return code.column(frame, name).word


class Fill(OpNode):
    """Fill missing values by the mean, median or most frequent value of a column, or from the row before or after.

    Whole numbers stay whole: their mean and median are rounded. Of values equally frequent the smallest is taken.
    Before and after are by `order`; rows equal in it count as one place, whose largest value is taken.
    """

    op: Literal["fill"]
    input: Input
    columns: Columns
    how: Literal["mean", "median", "mode", "forward", "backward"]
    order: Name | None = None
    keeps_rows: ClassVar[bool] = True

    def origin_of(self, column: str) -> str | None:
        """A filled column is another one."""
        return None if column in self.columns else column

    def check(self) -> None:
        """Neighbours need an order."""
        if self.how in ("forward", "backward") and not self.order:
            raise CellError("bad_op", "Filling from neighbours needs a column to order by.")

    def apply(self, sources: list[Any], c: Any) -> Any:
        """The same columns with fewer gaps."""
        table = sources[0]
        if self.how in ("forward", "backward"):
            return self._neighbours(table, c)
        if self.how == "mode":
            return table.mutate(**{n: c.ibis.coalesce(c.column(table, n), _mode(table, n, c)) for n in self.columns})
        numbers = {f"__fill_{i}": c.numbers(table, n, self.how) for i, n in enumerate(self.columns)}
        found = beside(table, {
            n: v.median() if self.how == "median" else _mean(v, c.column(table, name))
            for (n, v), name in zip(numbers.items(), self.columns, strict=True)})
        values = {}
        for i, name in enumerate(self.columns):
            typical = found[f"__fill_{i}"]
            if word_of(table[name]) == "integer":
                typical = rounded(typical).cast("int64")
            values[name] = c.ibis.coalesce(found[name], typical)
        return without(table, found, values)

    def _neighbours(self, table: Any, c: Any) -> Any:
        order = c.column(table, self.order)
        back = self.how == "backward"
        key = c.ibis.desc(order, nulls_first=True) if back else c.ibis.asc(order, nulls_first=False)
        window = c.ibis.range_window(preceding=None, following=0, order_by=key)
        groups = {f"__run_{i}": c.column(table, n).count().over(window) for i, n in enumerate(self.columns)}
        runs = table.mutate(**groups)
        values = {n: c.ibis.coalesce(runs[n], runs[n].max().over(c.ibis.window(group_by=runs[f"__run_{i}"])))
                  for i, n in enumerate(self.columns)}
        return without(table, runs, values)

    def pandas(self, frames: list[str], code: PandasCode) -> str:
        """`table["…"].fillna(…)`."""
        return f"{frames[0]}.assign({keywords({n: self._in_pandas(frames[0], n, code) for n in self.columns})})"

    def _in_pandas(self, frame: str, name: str, code: PandasCode) -> str:
        column, word = code.column(frame, name).dot, kind_of(frame, name, code)
        if self.how == "mode":
            return f"{column}.fillna(next(iter({column}.mode()), pd.NA))"
        if self.how in ("mean", "median"):
            typical = f"{column}.{self.how}()"
            if word != "integer":
                return f"{column}.fillna({typical})"
            if self.how == "mean":
                typical = f"{column}.sum(min_count=1) / {column}.count()"
            rounded = code.ask("round_half_away")
            whole = f'{rounded}(pd.Series([{typical}], dtype="Float64")).astype("Int64")[0]'
            return f"{column}.fillna({whole})"
        order = code.column(frame, str(self.order)).dot
        counts, run = code.name("counts"), code.name("run")
        code.line(f"{counts} = {column}.groupby({order}, dropna=False).count()")
        way = f"{counts}[::-1].cumsum()" if self.how == "backward" else f"{counts}.cumsum()"
        code.line(f"{run} = {order}.map({way})")
        return f'{column}.fillna({column}.groupby({run}).transform("max"))'


def _mean(number: Any, column: Any) -> Any:
    """A mean; of whole numbers from their exact sum, since a rounded one may tip what is rounded to a whole number."""
    if word_of(column) != "integer":
        return number.mean()
    return column.sum().cast("float64") / column.count().nullif(0)


def _mode(table: Any, name: str, c: Any) -> Any:
    column = c.column(table, name)
    filled = table.filter(column.notnull())
    counted = filled.group_by(filled[name].name("value")).aggregate(times=filled.count())
    first = counted.order_by([c.ibis.desc("times"), c.ibis.asc("value")]).limit(1)
    return first["value"].as_scalar()


class Winsorise(OpNode):
    """Pull values beyond two quantiles in to them."""

    op: Literal["winsorise"]
    input: Input
    columns: Columns
    low: Share = 0.01
    high: Share = 0.99
    keeps_rows: ClassVar[bool] = True

    def check(self) -> None:
        """The lower end lies below the upper one."""
        if self.low >= self.high:
            raise CellError("bad_op", "The lower share must be below the upper one.")

    def origin_of(self, column: str) -> str | None:
        """A column that was pulled in is another one."""
        return None if column in self.columns else column

    def apply(self, sources: list[Any], c: Any) -> Any:
        """The same columns, numbers with fractions, within their quantiles."""
        table = sources[0]
        ends: dict[str, Any] = {}
        for i, name in enumerate(self.columns):
            value = c.numbers(table, name, "quantile")
            ends |= {f"__low_{i}": value.quantile(self.low), f"__high_{i}": value.quantile(self.high)}
        found, values = beside(table, ends), {}
        for i, name in enumerate(self.columns):
            low, high, value = found[f"__low_{i}"], found[f"__high_{i}"], found[name].cast("float64")
            values[name] = c.ibis.ifelse(value < low, low, c.ibis.ifelse(value > high, high, value))
        return without(table, found, values)

    def pandas(self, frames: list[str], code: PandasCode) -> str:
        """`table["…"].clip(quantile, quantile)`."""
        values = {}
        for name in self.columns:
            column = f'{code.column(frames[0], name).dot}.astype("Float64")'
            values[name] = f"{column}.clip({column}.quantile({self.low!r}), {column}.quantile({self.high!r}))"
        return f"{frames[0]}.assign({keywords(values)})"


class Bin(OpNode):
    """Number the bins of a column from 1: of equal width from its lowest to its highest value, or of equal counts.

    Bins of equal counts end at quantiles; a value on an end belongs to the lower bin. `start` gives the lower end
    of the bin of equal width in place of its number.
    """

    op: Literal["bin"]
    input: Input
    column: Name
    how: Literal["width", "counts"]
    bins: Annotated[int, Field(ge=2, le=100)]
    name: Name
    start: bool = False
    keeps_rows: ClassVar[bool] = True

    def origin_of(self, column: str) -> str | None:
        """The new column has no origin."""
        return None if column == self.name else column

    def apply(self, sources: list[Any], c: Any) -> Any:
        """All columns and the bins."""
        table = sources[0]
        value = c.numbers(table, self.column, "bin")
        if self.how == "counts":
            cuts = {f"__cut_{i}": value.quantile(i / self.bins) for i in range(1, self.bins)}
            found = beside(table, cuts)
            number = c.ibis.literal(1, type="int64")
            for name in cuts:
                number = number + c.ibis.ifelse(found[self.column].cast("float64") > found[name], 1, 0)
            gone = found[self.column].isnull()
            return without(table, found, {self.name: c.ibis.ifelse(gone, c.ibis.null("int64"), number.cast("int64"))})
        found = beside(table, {"__low": value.min(), "__high": value.max()})
        here, low = found[self.column].cast("float64"), found["__low"]
        width = ((found["__high"] - low) / float(self.bins)).nullif(0.0)
        place = c.ibis.coalesce(((here - low) / width).floor().cast("int64"), c.ibis.ifelse(here.isnull(), None, 0))
        place = c.ibis.ifelse(place >= self.bins, self.bins - 1, place)
        shown = low + place.cast("float64") * c.ibis.coalesce(width, 0.0) if self.start else (place + 1).cast("int64")
        return without(table, found, {self.name: shown})

    def pandas(self, frames: list[str], code: PandasCode) -> str:
        """Counted ends passed, or the place between lowest and highest."""
        value, np = code.name("value"), code.ask("np")
        code.line(f'{value} = {code.column(frames[0], self.column).dot}.astype("Float64")')
        if self.how == "counts":
            ends = f"[{value}.quantile(i / {self.bins}) for i in range(1, {self.bins})]"
            number = f'(1 + sum(({value} > end).fillna(False).astype("Int64") for end in {ends})).mask({value}.isna())'
            return f"{frames[0]}.assign({keywords({self.name: number})})"
        width, place = code.name("width"), code.name("place")
        code.line(f"{width} = ({value}.max() - {value}.min()) / {self.bins}")
        code.line(f"{width} = 1 if pd.isna({width}) or {width} == 0 else {width}")
        code.line(f"{place} = {np}.floor(({value} - {value}.min()) / {width}).clip(upper={self.bins - 1})")
        shown = f"{value}.min() + {place} * {width}" if self.start else f'({place} + 1).astype("Int64")'
        return f"{frames[0]}.assign({keywords({self.name: shown})})"


class Outliers(OpNode):
    """Flag, empty or drop values far from the rest: beyond the quartiles by so many times their distance, or by z."""

    op: Literal["outliers"]
    input: Input
    columns: Columns
    method: Literal["iqr", "z"] = "iqr"
    factor: Annotated[float, Field(gt=0, le=100)] = 1.5
    then: Literal["flag", "blank", "drop"] = "flag"

    def origin_of(self, column: str) -> str | None:
        """Emptied columns and flags are new."""
        return None if (self.then == "blank" and column in self.columns) or column.endswith("_outlier") else column

    def apply(self, sources: list[Any], c: Any) -> Any:
        """The table with flags, gaps or fewer rows."""
        table = sources[0]
        facts: dict[str, Any] = {}
        for i, name in enumerate(self.columns):
            value = c.numbers(table, name, "spread")
            pair = (value.quantile(0.25), value.quantile(0.75)) if self.method == "iqr" else (
                value.mean(), value.std(how="sample"))
            facts |= {f"__a_{i}": pair[0], f"__b_{i}": pair[1]}
        found = beside(table, facts)
        far = {name: self._far(found, name, i, c) for i, name in enumerate(self.columns)}
        if self.then == "flag":
            return without(table, found, {f"{n}_outlier": flag for n, flag in far.items()})
        if self.then == "blank":
            return without(table, found, {
                n: c.ibis.ifelse(flag, c.ibis.null(table[n].type()), found[n]) for n, flag in far.items()})
        for flag in far.values():
            found = found.filter(~flag)
        return found.select(*table.columns)

    def _far(self, found: Any, name: str, i: int, c: Any) -> Any:
        value, a, b = found[name].cast("float64"), found[f"__a_{i}"], found[f"__b_{i}"]
        if self.method == "iqr":
            reach = (b - a) * self.factor
            far = (value < a - reach) | (value > b + reach)
        else:
            far = (value - a).abs() > b * self.factor
        return c.ibis.coalesce(far, False)

    def pandas(self, frames: list[str], code: PandasCode) -> str:
        """The test for each column, then `assign`, `mask` or a choice of rows."""
        frame, far = frames[0], {}
        for name in self.columns:
            value, flag = code.name("value"), code.name("far")
            code.line(f'{value} = {code.column(frame, name).dot}.astype("Float64")')
            if self.method == "iqr":
                low, high = (f"{value}.quantile({q})" for q in (0.25, 0.75))
                reach = code.name("reach")
                code.line(f"{reach} = ({high} - {low}) * {self.factor!r}")
                test = f"({value} < {low} - {reach}) | ({value} > {high} + {reach})"
            else:
                test = f"({value} - {value}.mean()).abs() > {value}.std() * {self.factor!r}"
            code.line(f'{flag} = ({test}).fillna(False).astype("boolean")')
            far[name] = flag
        if self.then == "flag":
            return f"{frame}.assign({keywords({f'{n}_outlier': flag for n, flag in far.items()})})"
        if self.then == "blank":
            masked = {n: f"{code.column(frame, n).dot}.mask({flag})" for n, flag in far.items()}
            return f"{frame}.assign({keywords(masked)})"
        return f"{frame}[~({' | '.join(far.values())})]"


class Dedupe(OpNode):
    """Keep one row of those equal in some columns: the first or last by an order, then the first by all columns.

    Missing equals missing. Without an order the row is kept that sorts first by its other columns, so the answer is
    the same on every engine, whatever order rows are stored in.
    """

    op: Literal["dedupe"]
    input: Input
    columns: Columns
    order: Name | None = None
    last: bool = False

    def origin_of(self, column: str) -> str | None:
        """Kept rows are unchanged."""
        return column

    def apply(self, sources: list[Any], c: Any) -> Any:
        """One row of each."""
        table = sources[0]
        keys = [c.column(table, n) for n in self.columns]
        order = [c.sort_key(c.column(table, self.order), self.last)] if self.order else []
        rest = [c.sort_key(table[n], False) for n in table.columns if n not in (*self.columns, self.order)]
        if not order and not rest:
            return table.distinct()
        window = c.ibis.window(group_by=keys, order_by=[*order, *rest])
        ranked = table.mutate(__rank=c.ibis.row_number().over(window))
        return ranked.filter(ranked["__rank"] == 0).select(*table.columns)

    def pandas(self, frames: list[str], code: PandasCode) -> str:
        """`table.sort_values(…).drop_duplicates(…)`."""
        rest = [n for n in code.types(frames[0]) if n not in (*self.columns, self.order)]
        by = [*([self.order] if self.order else []), *rest]
        if not by:
            return f"{frames[0]}.drop_duplicates()"
        rising = [not (self.last and n == self.order) for n in by]
        ordered = f"{frames[0]}.sort_values({listed(by)}, ascending={rising!r}, na_position='last', kind='stable')"
        return f"{ordered}.drop_duplicates({listed(self.columns)})"
