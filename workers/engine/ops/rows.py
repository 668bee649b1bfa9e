"""Ops on each row by itself: filter, computed column, choice, names and types of columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from workers.engine.expression import columns_in
from workers.engine.ops.node import Expression, Input, Name, OpNode, TypeWord
from workers.engine.pandas_text import keywords, listed, quote
from workers.kind import CellError

if TYPE_CHECKING:
    from workers.engine.pandas_code import PandasCode


class Filter(OpNode):
    """Keep the rows where the expression is true (missing counts as not true)."""

    op: Literal["filter"]
    input: Input
    expression: Expression
    row_wise: ClassVar[bool] = True

    def apply(self, sources: list[Any], c: Any) -> Any:
        """Rows that pass."""
        return sources[0].filter(c.condition(self.expression, sources[0]))

    def bounds_on(self, column: str) -> Iterator[tuple[str, Any]]:
        """Comparisons with literals that all rows must pass."""
        return _bounds(self.expression, column)

    def needs(self, wanted: set[str] | None) -> set[str] | None:
        """Also the columns of the condition."""
        return None if wanted is None else wanted | columns_in(self.expression)

    def pandas(self, frames: list[str], code: PandasCode) -> str:
        """`table[condition]`."""
        return f"{frames[0]}[{code.condition(self.expression, frames[0])}]"



class Derive(OpNode):
    """Add a column, or replace one of that name, computed from others."""

    op: Literal["derive"]
    input: Input
    name: Name
    expression: Expression
    row_wise: ClassVar[bool] = True
    keeps_rows: ClassVar[bool] = True

    def apply(self, sources: list[Any], c: Any) -> Any:
        """All columns and the new one."""
        return sources[0].mutate(**{self.name: c.lower(self.expression, sources[0])})

    def origin_of(self, column: str) -> str | None:
        """The derived column has no single origin, unless it is a plain copy."""
        return column if column != self.name else self.expression.get("col")

    def needs(self, wanted: set[str] | None) -> set[str] | None:
        """What the new column is computed from instead of itself."""
        return None if wanted is None else wanted - {self.name} | columns_in(self.expression)

    def pandas(self, frames: list[str], code: PandasCode) -> str:
        """`table.assign(name=…)`."""
        return f"{frames[0]}.assign({keywords({self.name: code.series(self.expression, frames[0]).text})})"



class Select(OpNode):
    """Keep these columns, in this order."""

    op: Literal["select"]
    input: Input
    columns: Annotated[tuple[Name, ...], Field(min_length=1, max_length=2000)]
    row_wise: ClassVar[bool] = True
    keeps_rows: ClassVar[bool] = True

    def apply(self, sources: list[Any], c: Any) -> Any:
        """Those columns."""
        return sources[0].select(*[c.column(sources[0], name) for name in dict.fromkeys(self.columns)])

    def needs(self, wanted: set[str] | None) -> set[str] | None:
        """Those columns."""
        return set(self.columns)

    def pandas(self, frames: list[str], code: PandasCode) -> str:
        """`table[[…]]`."""
        return f"{frames[0]}[{listed(dict.fromkeys(self.columns))}]"



class Rename(OpNode):
    """Give columns other names: {old: new}."""

    op: Literal["rename"]
    input: Input
    names: dict[Name, Name]
    row_wise: ClassVar[bool] = True
    keeps_rows: ClassVar[bool] = True

    def apply(self, sources: list[Any], c: Any) -> Any:
        """The same columns under new names. Raises CellError `duplicate_column`."""
        for old in self.names:
            c.column(sources[0], old)
        after = [self.names.get(name, name) for name in sources[0].columns]
        twice = sorted({name for name in after if after.count(name) > 1})
        if twice:
            raise CellError("duplicate_column", f"Two columns would both be named “{twice[0]}”.", param="names")
        return sources[0].rename({new: old for old, new in self.names.items()})

    def origin_of(self, column: str) -> str | None:
        """The old name."""
        back = {new: old for old, new in self.names.items()}
        return back.get(column, None if column in self.names else column)

    def needs(self, wanted: set[str] | None) -> set[str] | None:
        """The old names."""
        back = {new: old for old, new in self.names.items()}
        return None if wanted is None else {back.get(name, name) for name in wanted} | self.names.keys()

    def pandas(self, frames: list[str], code: PandasCode) -> str:
        """`table.rename(columns={…})`."""
        pairs = ", ".join(f"{quote(old)}: {quote(new)}" for old, new in self.names.items())
        return f"{frames[0]}.rename(columns={{{pairs}}})"



class Cast(OpNode):
    """Change types: {column: type}. What does not fit becomes missing."""

    op: Literal["cast"]
    input: Input
    types: dict[Name, TypeWord]
    cannot: ClassVar[Mapping[str, str]] = {
        "postgres": "A text that is no date, time or true/false stops the query instead of becoming missing."
    }
    row_wise: ClassVar[bool] = True
    keeps_rows: ClassVar[bool] = True

    def apply(self, sources: list[Any], c: Any) -> Any:
        """The same columns with those types."""
        return sources[0].mutate(**{n: c.cast(c.column(sources[0], n), word) for n, word in self.types.items()})

    def origin_of(self, column: str) -> str | None:
        """A cast column is another one."""
        return None if column in self.types else column

    def needs(self, wanted: set[str] | None) -> set[str] | None:
        """The same, and all that are cast."""
        return None if wanted is None else wanted | self.types.keys()

    def pandas(self, frames: list[str], code: PandasCode) -> str:
        """`table.assign(name=…)` for each column."""
        casts = {name: code.cast(frames[0], name, word).text for name, word in self.types.items()}
        return f"{frames[0]}.assign({keywords(casts)})"



def _bounds(expression: dict[str, Any], column: str) -> Iterator[tuple[str, Any]]:
    args = expression.get("args", [])
    if expression.get("fn") == "and":
        for arg in args:
            yield from _bounds(arg, column)
    elif expression.get("fn") in ("<", "<=", ">", ">=", "between") and args and args[0].get("col") == column:
        values = [a["lit"] for a in args[1:] if "lit" in a]
        if expression["fn"] == "between" and len(values) == 2:
            yield from ((">=", values[0]), ("<=", values[1]))
        elif len(values) == 1:
            yield expression["fn"], values[0]
