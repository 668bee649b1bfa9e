"""Tables in another shape: pivot, unpivot, transpose, values across columns, events within intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from workers.engine.ops.groups import Measure
from workers.engine.ops.node import Expression, Input, Name, OpNode
from workers.engine.ops.types import common
from workers.engine.pandas_text import DTYPES, keywords, listed, quote
from workers.kind import CellError

if TYPE_CHECKING:
    from workers.engine.pandas_code import PandasCode

PivotFunction = Literal["count", "sum", "mean", "median", "min", "max", "distinct", "stddev"]


class PivotValue(BaseModel):
    """A value that becomes a column (an expression: a literal, or None for missing), and the column's name."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    value: Expression
    name: Name


class Pivot(OpNode):
    """One row for each group of `by`, one column for each of the given values of a column."""

    op: Literal["pivot"]
    input: Input
    by: Annotated[tuple[Name, ...], Field(max_length=20)]
    column: Name
    values: Annotated[tuple[PivotValue, ...], Field(min_length=1, max_length=500)]
    function: PivotFunction = "count"
    of: Name | None = None

    def check(self) -> None:
        """A function of a column names one; names differ."""
        if self.of is None and self.function != "count":
            raise CellError("needs_settings", f"Pick a column to compute the {self.function} of", param="of")
        names = [*self.by, *[v.name for v in self.values]]
        twice = next((n for n in names if names.count(n) > 1), None)
        if twice:
            raise CellError("duplicate_column", f"Two result columns would both be named “{twice}”.", param="column")

    def apply(self, sources: list[Any], c: Any) -> Any:
        """Conditional aggregates, which every engine knows."""
        table = sources[0]
        column = c.column(table, self.column)
        keys = [c.column(table, name) for name in self.by]
        parts = {}
        for place, each in enumerate(self.values):
            missing = each.value.get("lit", 0) is None
            equal = {"fn": "=", "args": [{"col": self.column}, each.value]}
            test = column.isnull() if missing else c.lower(equal, table)
            if self.of is None:
                parts[f"__v{place}"] = c.ibis.ifelse(test, 1, 0)
            else:
                value = c.column(table, self.of)
                parts[f"__v{place}"] = c.ibis.ifelse(test, value, c.ibis.null(value.type()))
        marked = table.select(*keys, **parts)
        function = "sum" if self.of is None else self.function
        found = {v.name: c.measure(marked, function, f"__v{i}") for i, v in enumerate(self.values)}
        return marked.group_by(list(self.by)).aggregate(**found) if self.by else marked.aggregate(**found)

    def pandas(self, frames: list[str], code: PandasCode) -> str:
        """A group-by whose last key is unstacked into columns."""
        frame, types = frames[0], code.types(frames[0])
        measure = Measure(function=self.function, column=self.of, name="value")
        rows = []
        for each in self.values:
            missing = each.value.get("lit", 0) is None
            test = {"fn": "is_missing", "args": [{"col": self.column}]} if missing else \
                {"fn": "=", "args": [{"col": self.column}, each.value]}
            rows.append((each.name, code.condition(test, frame)))
        return self._written(frame, rows, types, measure, code)

    def _written(self, frame: str, rows: list[tuple[str, str]], types: dict[str, str], measure: Measure,
                 code: PandasCode) -> str:
        from workers.engine.ops.groups import result_word

        word = result_word(measure, types)
        method = {"count": "count()", "sum": "sum(min_count=1)", "mean": "mean()", "median": "median()", "min": "min()",
                  "max": "max()", "distinct": "nunique()", "stddev": "std()"}[self.function]
        chosen, keys = code.name("chosen"), ", ".join(f"{frame}[{quote(n)}]" for n in self.by)
        tests = "".join(f"    {quote(name)}: {test},\n" for name, test in rows)
        code.line(f"{chosen} = {{\n{tests}}}")
        value = f"{frame}[{quote(self.of)}].where(test.fillna(False))" if self.of else "test.fillna(False)"
        if self.of and types[self.of] == "boolean" and self.function in ("sum", "mean", "median", "stddev"):
            value += '.astype("Float64")' if self.function != "sum" else '.astype("Int64")'
        method = "sum()" if self.of is None else method
        if not self.by:
            made = f'pd.array([{value}.{method}], dtype="{DTYPES[word]}")'
            return f"pd.DataFrame({{name: {made} for name, test in {chosen}.items()}})"
        grouped = f"{value}.groupby([{keys}], dropna=False).{method}"
        cast = '.astype("Int64")' if word == "integer" and self.function in ("count", "distinct") else ""
        return f"pd.DataFrame({{name: {grouped}{cast} for name, test in {chosen}.items()}}).reset_index()"


class Unpivot(OpNode):
    """Columns become rows: their names in one column, their values in another."""

    op: Literal["unpivot"]
    input: Input
    columns: Annotated[tuple[Name, ...], Field(min_length=1, max_length=500)]
    name_to: Name = "name"
    value_to: Name = "value"
    drop_missing: bool = False

    def apply(self, sources: list[Any], c: Any) -> Any:
        """A part for each column, below each other."""
        table = sources[0]
        words = [c.word(c.column(table, name)) for name in self.columns]
        kept = [name for name in table.columns if name not in self.columns]
        names = [*kept, self.name_to, self.value_to]
        twice = next((n for n in names if names.count(n) > 1), None)
        if twice:
            raise CellError("duplicate_column", f"Two columns would both be named “{twice}”.", param="name_to")
        word = common(*words)
        parts = [table.select(*kept, **{self.name_to: c.ibis.literal(name), self.value_to: c.widen(table[name], word)})
                 for name in dict.fromkeys(self.columns)]
        found = parts[0] if len(parts) == 1 else c.ibis.union(*parts, distinct=False)
        return found.filter(found[self.value_to].notnull()) if self.drop_missing else found

    def pandas(self, frames: list[str], code: PandasCode) -> str:
        """`table.melt(…)`."""
        frame, types = frames[0], code.types(frames[0])
        columns = list(dict.fromkeys(self.columns))
        word = common(*[types[name] for name in columns])
        casts = {n: code.cast(frame, n, word).text for n in columns if types[n] != word}
        source = f"{frame}.assign({keywords(casts)})" if casts else frame
        kept = listed(n for n in types if n not in columns)
        to = f"var_name={quote(self.name_to)}, value_name={quote(self.value_to)}"
        long = f"{source}.melt({kept}, {listed(columns)}, {to})"
        return f"{long}.dropna(subset=[{quote(self.value_to)}])" if self.drop_missing else long


class Transpose(OpNode):
    """Rows become columns, under the given names, in the order they come in; each column becomes a row."""

    op: Literal["transpose"]
    input: Input
    columns: Annotated[tuple[Name, ...], Field(min_length=1, max_length=500)]
    names: Annotated[tuple[Name, ...], Field(min_length=1, max_length=500)]
    name_to: Name = "column"
    needs_order: ClassVar[bool] = True

    def check(self) -> None:
        """Names differ, and the cells are not too many to write out."""
        if len({*self.names, self.name_to}) <= len(self.names):
            raise CellError("duplicate_column", "Two columns would have the same name.", param="header")
        if len(self.names) * len(self.columns) > 20_000:
            raise CellError("too_large", "A table this large cannot be turned: filter or group it first.")

    def apply(self, sources: list[Any], c: Any) -> Any:
        """For each column, its value in the row of each number."""
        table = c.numbered(sources[0])
        word = common(*[c.word(c.column(table, name)) for name in self.columns])
        parts = []
        for place, column in enumerate(self.columns):
            value = c.widen(table[column], word)
            cells = {n: c.pick(value, table["__row"] == i) for i, n in enumerate(self.names)}
            part = table.aggregate(**cells)
            parts.append(part.select(__place=c.ibis.literal(place), **{self.name_to: c.ibis.literal(column)},
                                     **{n: part[n] for n in self.names}))
        found = parts[0] if len(parts) == 1 else c.ibis.union(*parts, distinct=False)
        return found.order_by("__place").drop("__place")

    def pandas(self, frames: list[str], code: PandasCode) -> str:
        """`table.T` with the names of rows as columns."""
        frame, types = frames[0], code.types(frames[0])
        word = common(*[types[name] for name in self.columns])
        turned = code.name("turned")
        casts = {n: code.cast(frame, n, word).text for n in self.columns if types[n] != word}
        source = f"{frame}.assign({keywords(casts)})" if casts else frame
        rows = f"{source}[{listed(self.columns)}].reset_index(drop=True).reindex(range({len(self.names)}))"
        code.line(f"{turned} = {rows}.T.reset_index()")
        code.line(f"{turned}.columns = {listed([self.name_to, *self.names])}")
        types_text = ", ".join(f"{quote(n)}: {quote(DTYPES[word])}" for n in self.names)
        return f'{turned}.astype({{{quote(self.name_to)}: "string[python]", {types_text}}})'


class RowStatistics(OpNode):
    """Add values computed across columns of a row; missing ones do not count."""

    op: Literal["row_statistics"]
    input: Input
    columns: Annotated[tuple[Name, ...], Field(min_length=1, max_length=200)]
    functions: Annotated[tuple[Literal["sum", "mean", "min", "max", "range", "missing"], ...], Field(min_length=1)]
    prefix: str = "row_"
    row_wise: ClassVar[bool] = True
    keeps_rows: ClassVar[bool] = True

    def origin_of(self, column: str) -> str | None:
        """All but the new columns stay as they are."""
        return None if column in [f"{self.prefix}{f}" for f in self.functions] else column

    def apply(self, sources: list[Any], c: Any) -> Any:
        """All columns and the new ones."""
        table, ibis = sources[0], c.ibis
        values = [c.numbers(table, name, "sum") for name in self.columns]
        gaps = [c.ibis.ifelse(c.column(table, name).isnull(), 1, 0).cast("int64") for name in self.columns]
        missing, total = gaps[0], ibis.coalesce(values[0], 0.0)
        for gap, value in zip(gaps[1:], values[1:], strict=True):
            missing, total = missing + gap, total + ibis.coalesce(value, 0.0)
        present = (len(values) - missing).nullif(0)
        total = ibis.ifelse(present.isnull(), ibis.null("float64"), total)
        low, high = ibis.least(*values), ibis.greatest(*values)
        found = {"sum": total, "mean": total / present.cast("float64"), "min": low, "max": high, "range": high - low,
                 "missing": missing}
        return table.mutate(**{f"{self.prefix}{f}": found[f] for f in self.functions})

    def pandas(self, frames: list[str], code: PandasCode) -> str:
        """`table[columns].sum(axis=1)` and so on."""
        frame, columns = frames[0], code.name("columns")
        code.line(f'{columns} = {frame}[{listed(self.columns)}].astype("Float64")')
        found = {"sum": f"{columns}.sum(axis=1, min_count=1)", "mean": f"{columns}.mean(axis=1)",
                 "min": f"{columns}.min(axis=1)", "max": f"{columns}.max(axis=1)",
                 "range": f"{columns}.max(axis=1) - {columns}.min(axis=1)",
                 "missing": f'{columns}.isna().sum(axis=1).astype("Int64")'}
        return f"{frame}.assign({keywords({f'{self.prefix}{f}': found[f] for f in self.functions})})"


class Events(OpNode):
    """For each interval, what happened in it: events from its start up to, but not including, its end."""

    op: Literal["events"]
    input: Input
    intervals: Input
    time: Name
    start: Name
    end: Name
    keys: Annotated[tuple[tuple[Name, Name], ...], Field(max_length=10)] = ()
    measures: Annotated[tuple[Measure, ...], Field(min_length=1, max_length=50)]
    needs_order: ClassVar[bool] = True

    def inputs(self) -> tuple[OpNode, ...]:
        """Events and intervals."""
        return (self.input, self.intervals)

    def apply(self, sources: list[Any], c: Any) -> Any:
        """One row for each interval, also for those without events."""
        events, spans = sources[0], c.numbered(sources[1])
        outputs = [m.output() for m in self.measures]
        clash = next((n for n in outputs if n in spans.columns or outputs.count(n) > 1), None)
        if clash:
            raise CellError("duplicate_column", f"Two result columns would both be named “{clash}”.", param="measures")
        at, start, end = c.column(events, self.time), c.column(spans, self.start), c.column(spans, self.end)
        words = {c.word(at), c.word(start), c.word(end)}
        if common(*words) == "text":
            raise CellError("type_mismatch", "The time of events and the ends of intervals must be of one type.",
                            param="time")
        values = {f"__e{i}": c.column(events, m.column) for i, m in enumerate(self.measures) if m.column}
        inside = events.select(**values, __on=at, **{f"__j{i}": events[a] for i, (a, _) in enumerate(self.keys)})
        tests = [inside["__on"] >= start, inside["__on"] < end]
        tests += [inside[f"__j{i}"] == c.column(spans, b) for i, (_, b) in enumerate(self.keys)]
        both = spans.join(inside, tests, how="left")
        found = {m.output(): c.measure(both, m.function, f"__e{i}" if m.column else "__on")
                 for i, m in enumerate(self.measures)}
        names = [n for n in spans.columns if n != "__row"]
        grouped = both.group_by(["__row", *names]).aggregate(**found)
        return grouped.order_by("__row").select(*names, *outputs)

    def pandas(self, frames: list[str], code: PandasCode) -> str:
        """`intervals.assign(…)` of values of the events inside each."""
        from workers.engine.ops.groups import result_word

        events, spans = frames
        groups = code.name("inside")
        keys = "".join(f", ({quote(a)}, {quote(b)})" for a, b in self.keys)
        pairs = f"[{keys.removeprefix(', ')}]" if keys else "[]"
        code.line(f"{groups} = {code.ask('events_inside')}({events}, {quote(self.time)}, {spans}, "
                  f"{quote(self.start)}, {quote(self.end)}, {pairs})")
        values = {}
        for m in self.measures:
            word = result_word(m, code.types(events))
            one = "len(rows)" if m.column is None else f"rows[{quote(m.column)}].{_METHOD[m.function]}"
            values[m.output()] = f'pd.array([{one} for rows in {groups}], dtype="{DTYPES[word]}")'
        return f"{spans}.assign({keywords(values)})"


_METHOD = {"count": "count()", "sum": "sum(min_count=1)", "mean": "mean()", "median": "median()", "min": "min()",
           "max": "max()", "distinct": "nunique()", "stddev": "std()", "missing": "isna().sum()"}
