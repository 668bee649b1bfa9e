"""Which rows to keep: the top of an order, a random sample, the parts of a split; the same rows on every engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from workers.engine.ops.node import Input, Name, OpNode
from workers.engine.ops.order import SortKey
from workers.engine.pandas_text import listed, quote
from workers.kind import CellError

if TYPE_CHECKING:
    from workers.engine.pandas_code import PandasCode

PRIME = 2**31 - 1
Seed = Annotated[int, Field(ge=0, le=2**31 - 2)]
Groups = Annotated[tuple[Name, ...], Field(max_length=20)]


def shuffled(number: Any, seed: int) -> Any:
    """A place in 0..2^31-2 for each whole number, different for each: fifth powers modulo a prime, twice over.

    Plain arithmetic below 2^63, so that every engine and numpy give the same.
    """
    place = (number * 48_271 + (seed * 69_621 + 12_345) % PRIME) % PRIME
    for turn in range(2):
        square = (place * place) % PRIME
        place = (((square * square) % PRIME * place) % PRIME + 1_043_618_065 * turn) % PRIME
    return place


class Top(OpNode):
    """The first rows in an order, or in the order they come in; also for each group. Equal rows keep their order."""

    op: Literal["top"]
    input: Input
    rows: Annotated[int, Field(ge=0, le=100_000_000)]
    by: Annotated[tuple[SortKey, ...], Field(max_length=20)] = ()
    per: Groups = ()
    last: bool = False
    needs_order: ClassVar[bool] = True

    def origin_of(self, column: str) -> str | None:
        """Values stay as they are."""
        return column

    def apply(self, sources: list[Any], c: Any) -> Any:
        """Those rows."""
        table = c.numbered(sources[0])
        order = [c.sort_key(c.column(table, k.column), k.descending) for k in self.by]
        order.append(c.sort_key(table["__row"], self.last and not self.by))
        if not self.per:
            found = table.order_by(order).limit(self.rows)
            return (found.order_by("__row") if self.last and not self.by else found).drop("__row")
        window = c.ibis.window(group_by=[c.column(table, name) for name in self.per], order_by=order)
        ranked = table.mutate(__place=c.ibis.row_number().over(window))
        kept = ranked.filter(ranked["__place"] < self.rows)
        ends = ["__row"] if not self.by else [*[c.sort_key(kept[name], False) for name in self.per], "__place"]
        return kept.order_by(ends).drop("__row", "__place")

    def pandas(self, frames: list[str], code: PandasCode) -> str:
        """`table.sort_values(…).head(n)`."""
        frame, take = frames[0], "tail" if self.last and not self.by else "head"
        if not self.by:
            groups = f"{frame}.groupby({listed(self.per)}, dropna=False)" if self.per else frame
            return f"{groups}.{take}({self.rows})"
        per = [SortKey(column=name) for name in self.per]
        rises = [not k.descending for k in (*per, *self.by)]
        names = listed(dict.fromkeys(k.column for k in (*per, *self.by)))
        order = "" if all(rises) else f", ascending={rises}"
        ordered = f'{frame}.sort_values({names}{order}, kind="stable")'
        return f"{ordered}.groupby({listed(self.per)}, dropna=False).head({self.rows})" if self.per else \
            f"{ordered}.head({self.rows})"

    def check(self) -> None:
        """A column is ordered by or grouped by, not both."""
        both = {k.column for k in self.by} & set(self.per)
        if both:
            raise CellError("bad_op", f"“{both.pop()}” is the same in each group, so it gives no order.", param="per")


class Sample(OpNode):
    """A random part of the rows, by number or share; with `by`, each group keeps its share."""

    op: Literal["sample"]
    input: Input
    rows: Annotated[int, Field(ge=0, le=100_000_000)] | None = None
    share: Annotated[float, Field(ge=0, le=1)] | None = None
    seed: Seed = 0
    by: Groups = ()
    needs_order: ClassVar[bool] = True

    def origin_of(self, column: str) -> str | None:
        """Values stay as they are."""
        return column

    def apply(self, sources: list[Any], c: Any) -> Any:
        """Those rows, in the order they came in."""
        table = _placed(c, sources[0], self.seed)
        if not self.by and self.rows is not None:
            return table.order_by("__place").limit(self.rows).order_by("__row").drop("__row", "__place")
        if not self.by:
            kept = table.filter(table["__place"] < int((self.share or 0) * PRIME))
            return kept.order_by("__row").drop("__row", "__place")
        table = _with_fraction(c, table, self.by)
        if self.rows is not None:
            found = table.order_by(["__fraction", "__place"]).limit(self.rows)
        else:
            found = table.filter(table["__fraction"] < (self.share or 0))
        return found.order_by("__row").drop("__row", "__place", "__fraction")

    def pandas(self, frames: list[str], code: PandasCode) -> str:
        """`table[place < …]`, by the place each row has in a shuffle."""
        frame, place = frames[0], code.name("place")
        code.line(f"{place} = {code.ask('shuffled')}({frame}, seed={self.seed})")
        if not self.by and self.rows is not None:
            found = f"{frame}.loc[{place}.nsmallest({self.rows}).sort_index().index]"
            return found if self.rows else f"{frame}.head(0)"
        if not self.by:
            return f"{frame}[{place} < {int((self.share or 0) * PRIME)}]"
        fraction = code.name("fraction")
        code.line(f"{fraction} = {fraction_of(frame, place, self.by)}")
        if self.rows is None:
            return f"{frame}[{fraction} < {self.share}]"
        order = f"pd.DataFrame({{0: {fraction}, 1: {place}}}).sort_values([0, 1]).index[:{self.rows}]"
        return f"{frame}.loc[{order}].sort_index()"


def _placed(c: Any, table: Any, seed: int) -> Any:
    numbered = c.numbered(table)
    return numbered.mutate(__place=shuffled(numbered["__row"], seed))


def _with_fraction(c: Any, table: Any, by: tuple[str, ...]) -> Any:
    """The share of its group that comes before each row in the shuffle."""
    groups = [c.column(table, name) for name in by]
    rank = c.ibis.row_number().over(c.ibis.window(group_by=groups, order_by=table["__place"]))
    size = table["__place"].count().over(c.ibis.window(group_by=groups)) if groups else c.total(table)
    return table.mutate(__fraction=(rank.cast("float64") + 0.5) / size.cast("float64"))


def fraction_of(frame: str, place: str, by: tuple[str, ...]) -> str:
    """The same in pandas."""
    if not by:
        return f"({place}.rank() - 0.5) / len({place})"
    keys = "[" + ", ".join(f"{frame}[{quote(name)}]" for name in by) + "]"
    groups = f"{place}.groupby({keys}, dropna=False)"
    return f'({groups}.rank() - 0.5) / {groups}.transform("size")'


class SplitPart(OpNode):
    """One part of a table split by `shares`: at random, each group of `by` alike; by time; or whole groups at once."""

    op: Literal["split_part"]
    input: Input
    part: Annotated[int, Field(ge=0, le=9)]
    shares: Annotated[tuple[Annotated[float, Field(ge=0, le=1)], ...], Field(min_length=2, max_length=10)]
    seed: Seed = 0
    by: Groups = ()
    time: Name | None = None
    together: Name | None = None
    needs_order: ClassVar[bool] = True

    def check(self) -> None:
        """Shares make a whole."""
        if abs(sum(self.shares) - 1) > 1e-9 or self.part >= len(self.shares):
            raise CellError("bad_op", "The shares of a split must add up to 1.", param="test")

    def origin_of(self, column: str) -> str | None:
        """Values stay as they are."""
        return column

    def bounds(self) -> tuple[float, float]:
        """From and to, as fractions of the whole."""
        start = round(sum(self.shares[: self.part]), 12)
        last = self.part == len(self.shares) - 1
        return start, 2.0 if last else round(start + self.shares[self.part], 12)

    def apply(self, sources: list[Any], c: Any) -> Any:
        """The rows of this part, in the order they came in."""
        low, high = self.bounds()
        table = c.numbered(sources[0])
        if self.time:
            order = c.ibis.window(order_by=c.column(table, self.time).asc(nulls_first=True))
            table = table.mutate(__fraction=c.ibis.rank().over(order).cast("float64") / c.total(table).cast("float64"))
        elif self.together:
            table = self._by_group(c, table)
        else:
            placed = table.mutate(__place=shuffled(table["__row"], self.seed))
            table = _with_fraction(c, placed, self.by).drop("__place")
        kept = table.filter((table["__fraction"] >= low) & (table["__fraction"] < high))
        return kept.order_by("__row").drop("__row", "__fraction")

    def _by_group(self, c: Any, table: Any) -> Any:
        order = c.ibis.window(order_by=c.column(table, self.together).asc(nulls_first=False))
        table = table.mutate(__group=c.ibis.dense_rank().over(order))
        table = table.mutate(__place=shuffled(table["__group"], self.seed))
        ranked = table.mutate(__rank=c.ibis.dense_rank().over(c.ibis.window(order_by=table["__place"])))
        groups = ranked["__group"].max().over(c.ibis.window()) + 1
        fraction = (ranked["__rank"].cast("float64") + 0.5) / groups.cast("float64")
        return ranked.mutate(__fraction=fraction).drop("__group", "__place", "__rank")

    def pandas(self, frames: list[str], code: PandasCode) -> str:
        """`table[fraction < …]`."""
        frame, (low, high) = frames[0], self.bounds()
        fraction = code.name("fraction")
        if self.time:
            ranks = f'{frame}[{quote(self.time)}].rank(method="min", na_option="top")'
            code.line(f"{fraction} = ({ranks} - 1) / len({frame})")
        elif self.together:
            group, place = code.name("group"), code.name("place")
            code.line(f"{group} = {frame}.groupby({quote(self.together)}, dropna=False).ngroup()")
            code.line(f"{place} = {code.ask('shuffled')}({group}, seed={self.seed}, by_value=True)")
            code.line(f'{fraction} = ({place}.rank(method="dense") - 0.5) / {group}.nunique()')
        else:
            place = code.name("place")
            code.line(f"{place} = {code.ask('shuffled')}({frame}, seed={self.seed})")
            code.line(f"{fraction} = {fraction_of(frame, place, self.by)}")
        tests = [*([f"{fraction} >= {low}"] if low else []), *([f"{fraction} < {high}"] if high < 2 else [])]
        return f"{frame}[{' & '.join(f'({t})' for t in tests) if len(tests) > 1 else tests[0] if tests else ':'}]"
