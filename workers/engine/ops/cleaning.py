"""Ops of cleaning that look at one row at a time: values written anew, texts replaced, split, joined, read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from workers.engine.expression import columns_in
from workers.engine.functions import word_of
from workers.engine.ops.node import Expression, Input, Name, OpNode
from workers.engine.pandas_text import keywords, quote
from workers.kind import CellError

if TYPE_CHECKING:
    from workers.engine.pandas_code import PandasCode

Columns = Annotated[tuple[Name, ...], Field(min_length=1, max_length=500)]
Words = Annotated[str, Field(max_length=500)]
PUNCTUATION = r"[!-/:-@\[-`{-~“”‘’«»–—…¿¡]"
"""ASCII punctuation and what word processors make of it; the same in RE2, PostgreSQL and Python."""


def check_pattern(pattern: str) -> None:
    """Raise CellError `bad_pattern` unless it can be read; engines then run it in linear time."""
    try:
        re.compile(pattern)
    except re.error as error:
        raise CellError("bad_pattern", f"The pattern “{pattern[:60]}” cannot be read: {error}.") from error
    if re.search(r"\(\?[=!<]|\\[1-9]", pattern):
        raise CellError("bad_pattern", "Patterns here cannot look ahead, look behind or refer back.")


def text_column(table: Any, name: str, c: Any) -> Any:
    """A text column. Raises CellError `unknown_column` or `bad_type`."""
    column = c.column(table, name)
    if word_of(column) not in ("text", "missing"):
        raise CellError("bad_type", f"“{name}” holds {word_of(column)}, not text.")
    return column.cast("string") if word_of(column) == "missing" else column


class Assign(OpNode):
    """Write several columns at once, each computed from the input's columns: {name: expression}."""

    op: Literal["assign"]
    input: Input
    values: Annotated[dict[Name, Expression], Field(min_length=1, max_length=500)]
    row_wise: ClassVar[bool] = True
    keeps_rows: ClassVar[bool] = True

    def apply(self, sources: list[Any], c: Any) -> Any:
        """All columns, those written among them."""
        return sources[0].mutate(**{name: c.lower(value, sources[0]) for name, value in self.values.items()})

    def origin_of(self, column: str) -> str | None:
        """A written column has no single origin, unless it is a plain copy."""
        return self.values[column].get("col") if column in self.values else column

    def clips(self, column: str) -> tuple[str, Any, Any] | None:
        """What the step “Clip” writes: ifs that put an end where a column is beyond it."""
        ends: dict[str, Any] = {"<": None, ">": None}
        value = self.values.get(column, {})
        origins = set()
        while value.get("fn") == "if":
            test, end, value = value["args"]
            side = test.get("fn")
            if side not in ends or ends[side] is not None or end.get("lit") is None or test["args"][1] != end:
                return None
            ends[side] = end["lit"]
            origins.add(test["args"][0].get("col"))
        origin = value.get("col")
        return (origin, ends["<"], ends[">"]) if origin and origins == {origin} else None

    def needs(self, wanted: set[str] | None) -> set[str] | None:
        """What the written columns are computed from."""
        return None if wanted is None else wanted | self.reads()

    def pandas(self, frames: list[str], code: PandasCode) -> str:
        """`table.assign(name=…)`."""
        return f"{frames[0]}.assign({keywords({n: code.series(v, frames[0]).text for n, v in self.values.items()})})"

    def reads(self) -> set[str]:
        """The columns its values are computed from."""
        return set().union(*(columns_in(v) for v in self.values.values()))


class ReplaceText(OpNode):
    """Replace text in columns: a part, the whole value, what a pattern matches, a beginning, an end, punctuation."""

    op: Literal["replace_text"]
    input: Input
    columns: Columns
    how: Literal["part", "whole", "pattern", "prefix", "suffix", "punctuation"] = "part"
    find: Words = ""
    put: Words = ""
    ignore_case: bool = False
    row_wise: ClassVar[bool] = True
    keeps_rows: ClassVar[bool] = True

    def check(self) -> None:
        """A pattern must be readable, and something must be looked for."""
        if self.how == "pattern":
            check_pattern(self.find)
        if not self.find and self.how not in ("punctuation", "whole"):
            raise CellError("bad_op", "There is nothing to look for.")

    def origin_of(self, column: str) -> str | None:
        """A replaced column is another one."""
        return None if column in self.columns else column

    def apply(self, sources: list[Any], c: Any) -> Any:
        """The same columns with the text replaced."""
        return sources[0].mutate(**{n: self._one(text_column(sources[0], n, c), c) for n in self.columns})

    def _pattern(self) -> str:
        found = {"pattern": self.find, "punctuation": PUNCTUATION}.get(self.how, re.escape(self.find))
        return f"(?i){found}" if self.ignore_case else found

    def _one(self, value: Any, c: Any) -> Any:
        if self.how == "whole":
            same = value.lower() == self.find.lower() if self.ignore_case else value == self.find
            return c.ibis.ifelse(same, self.put, value)
        if self.how == "prefix":
            return c.ibis.ifelse(value.startswith(self.find), value.substr(len(self.find)), value)
        if self.how == "suffix":
            kept = c.ibis.greatest(value.length() - len(self.find), 0)
            return c.ibis.ifelse(value.endswith(self.find), value.substr(0, kept), value)
        if self.how == "part" and not self.ignore_case:
            return value.replace(self.find, self.put)
        put = self.put if self.how == "pattern" else self.put.replace("\\", r"\\")
        return value.re_replace(self._pattern(), put)

    def pandas(self, frames: list[str], code: PandasCode) -> str:
        """`table["…"].str.replace(…)` and the like."""
        written = {n: self._in_pandas(code.column(frames[0], n).dot) for n in self.columns}
        return f"{frames[0]}.assign({keywords(written)})"

    def _in_pandas(self, value: str) -> str:
        if self.how == "whole":
            same = f"{value}.str.lower() == {quote(self.find.lower())}" if self.ignore_case else (
                f"{value} == {quote(self.find)}")
            return f"{value}.mask(({same}).fillna(False), {quote(self.put)})"
        if self.how in ("prefix", "suffix"):
            return f"{value}.str.remove{self.how}({quote(self.find)})"
        if self.how == "part" and not self.ignore_case:
            return f"{value}.str.replace({quote(self.find)}, {quote(self.put)}, regex=False)"
        put = self.put if self.how == "pattern" else self.put.replace("\\", r"\\")
        return f"{value}.str.replace({self._pattern()!r}, {quote(put)}, regex=True)"


class ShapeText(OpNode):
    """Cut texts to a length, or begin them with a capital and go on in small letters."""

    op: Literal["shape_text"]
    input: Input
    columns: Columns
    how: Literal["cut", "capitalise"]
    length: Annotated[int, Field(ge=1, le=100_000)] = 100
    row_wise: ClassVar[bool] = True
    keeps_rows: ClassVar[bool] = True

    def origin_of(self, column: str) -> str | None:
        """A shaped column is another one."""
        return None if column in self.columns else column

    def apply(self, sources: list[Any], c: Any) -> Any:
        """The same columns, cut or capitalised."""
        def one(value: Any) -> Any:
            if self.how == "cut":
                return value.substr(0, self.length)
            return value.substr(0, 1).upper() + value.substr(1).lower()

        return sources[0].mutate(**{n: one(text_column(sources[0], n, c)) for n in self.columns})

    def pandas(self, frames: list[str], code: PandasCode) -> str:
        """`table["…"].str.slice(0, …)` or two halves joined."""
        def one(value: str) -> str:
            if self.how == "cut":
                return f"{value}.str.slice(0, {self.length})"
            return f"{value}.str.slice(0, 1).str.upper() + {value}.str.slice(1).str.lower()"

        written = {n: one(code.column(frames[0], n).dot) for n in self.columns}
        return f"{frames[0]}.assign({keywords(written)})"


class SplitText(OpNode):
    """Split a text column into new ones; a part that is not there is missing, parts beyond the last are left out."""

    op: Literal["split_text"]
    input: Input
    column: Name
    by: Annotated[str, Field(min_length=1, max_length=200)]
    pattern: bool = False
    into: Annotated[tuple[Name, ...], Field(min_length=1, max_length=100)]
    row_wise: ClassVar[bool] = True
    keeps_rows: ClassVar[bool] = True

    def check(self) -> None:
        """A pattern must be readable, the new names different."""
        if self.pattern:
            check_pattern(self.by)
        if len({*self.into}) < len(self.into):
            raise CellError("bad_op", "Two of the new columns have the same name.")

    def origin_of(self, column: str) -> str | None:
        """A new column has no origin."""
        return None if column in self.into else column

    def apply(self, sources: list[Any], c: Any) -> Any:
        """All columns and the parts."""
        value = text_column(sources[0], self.column, c)
        by = self.by
        if self.pattern:
            # One separator that no text holds, so that every engine splits alike.
            value, by = value.re_replace(self.by, "\x1f"), "\x1f"
        parts = value.split(by)
        # A text without a character has one part, itself; some engines say it has none.
        first = c.ibis.ifelse(value == "", "", parts[0])
        return sources[0].mutate(**{name: parts[place] if place else first for place, name in enumerate(self.into)})

    def pandas(self, frames: list[str], code: PandasCode) -> str:
        """`table["…"].str.split(…)`, then each part."""
        value = code.column(frames[0], self.column).dot
        by = f"{self.by!r}, regex=True" if self.pattern else f"{quote(self.by)}, regex=False"
        parts = code.name("parts")
        code.line(f"{parts} = {value}.str.split({by})")
        taken = {n: f'{parts}.str[{i}].astype("string")' for i, n in enumerate(self.into)}
        return f"{frames[0]}.assign({keywords(taken)})"


class MergeText(OpNode):
    """Join columns as text into one, with a separator; missing values are left out, none at all gives missing."""

    op: Literal["merge_text"]
    input: Input
    columns: Columns
    separator: Annotated[str, Field(max_length=50)] = " "
    name: Name
    row_wise: ClassVar[bool] = True
    keeps_rows: ClassVar[bool] = True

    def origin_of(self, column: str) -> str | None:
        """The new column has no origin."""
        return None if column == self.name else column

    def apply(self, sources: list[Any], c: Any) -> Any:
        """All columns and the joined one."""
        texts = [c.lower({"fn": "text", "args": [{"col": n}]}, sources[0]) for n in self.columns]
        # Each text brings its separator along; the first one is cut off at the end.
        joined = c.ibis.literal("")
        for text in texts:
            joined = joined + c.ibis.coalesce(c.ibis.literal(self.separator) + text, "")
        none = texts[0].isnull()
        for text in texts[1:]:
            none = none & text.isnull()
        return sources[0].mutate(
            **{self.name: c.ibis.ifelse(none, c.ibis.null("string"), joined.substr(len(self.separator)))})

    def pandas(self, frames: list[str], code: PandasCode) -> str:
        """The texts joined one by one."""
        texts = [code.series({"fn": "text", "args": [{"col": n}]}, frames[0]) for n in self.columns]
        parts = " + ".join(f'({quote(self.separator)} + {t.dot}).fillna("")' for t in texts)
        none = " & ".join(f"{t.dot}.isna()" for t in texts)
        joined = f"({parts}).str.slice({len(self.separator)}).mask({none})"
        return f"{frames[0]}.assign({keywords({self.name: joined})})"


def _in_calendar(year: Any, month: Any, day: Any) -> Any:
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    short, february = month.isin([4, 6, 9, 11]), month == 2
    longest = (~short | (day <= 30)) & (~february | (day <= 28) | (leap & (day == 29)))
    return (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31) & (year >= 1) & longest


_ORDERS = {
    "year first": (r"^\s*(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})", (1, 2, 3)),
    "day first": (r"^\s*(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})", (3, 2, 1)),
    "month first": (r"^\s*(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})", (3, 1, 2)),
}
NOISE = r"[\s$€£¥%_']"


class ReadText(OpNode):
    """Read texts as numbers that carry signs of money and thousands, or as dates in an order of their parts."""

    op: Literal["read_text"]
    input: Input
    columns: Columns
    order: Literal["number", "decimal comma", "year first", "day first", "month first"]
    row_wise: ClassVar[bool] = True
    keeps_rows: ClassVar[bool] = True

    def origin_of(self, column: str) -> str | None:
        """A column that was read is another one."""
        return None if column in self.columns else column

    def apply(self, sources: list[Any], c: Any) -> Any:
        """The same columns as numbers or dates; what does not fit is missing."""
        return sources[0].mutate(**{n: self._one(text_column(sources[0], n, c), c) for n in self.columns})

    def _one(self, value: Any, c: Any) -> Any:
        if self.order in _ORDERS:
            pattern, places = _ORDERS[self.order]
            year, month, day = (value.re_extract(pattern, place) for place in places)
            text = year + "-" + month.lpad(2, "0") + "-" + day.lpad(2, "0")
            # Days that no month has are sorted out here: some engines stop at them instead of giving missing.
            return c.cast(c.ibis.ifelse(_in_calendar(*(part.nullif("").cast("int64") for part in (
                year, month, day))), text, c.ibis.null("string")), "date")
        plain = value.re_replace(NOISE, "")
        if self.order == "decimal comma":
            plain = plain.replace(".", "").replace(",", ".")
        return c.cast(plain.replace(",", ""), "number")

    def pandas(self, frames: list[str], code: PandasCode) -> str:
        """`pd.to_numeric(…)` or `pd.to_datetime(…)`, with what does not fit missing."""
        written = {n: self._in_pandas(code.column(frames[0], n).dot) for n in self.columns}
        return f"{frames[0]}.assign({keywords(written)})"

    def _in_pandas(self, value: str) -> str:
        if self.order in _ORDERS:
            pattern, places = _ORDERS[self.order]
            parts = f"{value}.str.extract({pattern!r})"
            text = ' + "-" + '.join(f"{parts}[{place - 1}]" for place in places)
            return f'pd.to_datetime({text}, format="%Y-%m-%d", errors="coerce").astype("datetime64[us]")'
        swap = '.str.replace(".", "", regex=False).str.replace(",", ".", regex=False)'
        plain = f'{value}.str.replace({NOISE!r}, "", regex=True)' + (swap if self.order == "decimal comma" else "")
        return f'pd.to_numeric({plain}.str.replace(",", "", regex=False), errors="coerce").astype("Float64")'
