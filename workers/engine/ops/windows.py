"""Values that depend on a row's neighbours or group: ranks, shifts, running and moving values, shares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from workers.engine.ops.node import Input, Name, OpNode
from workers.engine.ops.order import SortKey
from workers.engine.pandas_text import keywords, listed, quote
from workers.kind import CellError

if TYPE_CHECKING:
    from workers.engine.pandas_code import PandasCode

WindowFunction = Literal[
    "row_number", "rank", "dense_rank", "quantile", "lag", "lead", "difference", "running_sum", "running_mean",
    "running_max", "running_min", "moving_sum", "moving_mean", "share", "group_sum", "group_mean", "group_count",
]
PLACES = ("row_number", "rank", "dense_rank", "quantile")
NUMERIC = ("difference", "running_sum", "running_mean", "moving_sum", "moving_mean", "share", "group_sum", "group_mean")


class WindowColumn(BaseModel):
    """A new column: a function, of a column unless it is a place; `size` is a distance, a width or a count."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    function: WindowFunction
    column: Name | None = None
    name: Name
    size: Annotated[int, Field(ge=1, le=1_000_000)] = 1


class Window(OpNode):
    """Add columns computed within groups `by`, along `order`; equal rows keep their order, missing values come last."""

    op: Literal["window"]
    input: Input
    by: Annotated[tuple[Name, ...], Field(max_length=20)] = ()
    order: Annotated[tuple[SortKey, ...], Field(max_length=20)] = ()
    columns: Annotated[tuple[WindowColumn, ...], Field(min_length=1, max_length=50)]
    keeps_rows: ClassVar[bool] = True
    needs_order: ClassVar[bool] = True

    def origin_of(self, column: str) -> str | None:
        """All but the new columns stay as they are."""
        return None if column in [w.name for w in self.columns] else column

    def check(self) -> None:
        """Each function of a column names one."""
        for column in self.columns:
            if column.column is None and column.function not in (*PLACES, "group_count"):
                raise CellError("needs_settings", f"Choose the column of “{column.name}”.", param="columns")

    def apply(self, sources: list[Any], c: Any) -> Any:
        """All columns and the new ones."""
        table = c.numbered(sources[0])
        groups = [c.column(table, name) for name in self.by]
        keys = [c.sort_key(c.column(table, k.column), k.descending) for k in self.order]
        values = {w.name: self._value(w, c, table, groups, keys) for w in self.columns}
        return table.mutate(**values).order_by("__row").drop("__row")

    def _value(self, asked: WindowColumn, c: Any, table: Any, groups: list[Any], keys: list[Any]) -> Any:
        ibis, function = c.ibis, asked.function
        ordered = [*keys, table["__row"]]
        along = ibis.window(group_by=groups, order_by=ordered)
        if function in ("rank", "dense_rank") and keys:
            window = ibis.window(group_by=groups, order_by=keys)
            return (ibis.rank() if function == "rank" else ibis.dense_rank()).over(window).cast("int64") + 1
        if function == "quantile":
            return ibis.ntile(asked.size).over(along).cast("int64") + 1
        if function in PLACES:
            return ibis.row_number().over(along).cast("int64") + 1
        if function == "group_count":
            whole = ibis.window(group_by=groups)
            return table["__row"].count().over(whole)
        name = asked.column or ""
        if function in ("lag", "lead"):
            column = c.column(table, name)
            return (column.lag(asked.size) if function == "lag" else column.lead(asked.size)).over(along)
        if function in ("running_max", "running_min"):
            column = c.column(table, name)
            frame = ibis.window(group_by=groups, order_by=ordered, preceding=None, following=0)
            return (column.max() if function == "running_max" else column.min()).over(frame)
        return self._number(asked, c, c.numbers(table, name, function), groups, ordered)

    def _number(self, asked: WindowColumn, c: Any, column: Any, groups: list[Any], ordered: list[Any]) -> Any:
        ibis, function = c.ibis, asked.function
        if function == "difference":
            return column - column.lag(asked.size).over(ibis.window(group_by=groups, order_by=ordered))
        if function in ("share", "group_sum", "group_mean"):
            whole = ibis.window(group_by=groups)
            if function == "group_mean":
                return column.mean().over(whole)
            total = column.sum().over(whole)
            return column / total.nullif(0.0) if function == "share" else total
        before = asked.size - 1 if function.startswith("moving") else None
        frame = ibis.window(group_by=groups, order_by=ordered, preceding=before, following=0)
        return (column.mean() if function.endswith("mean") else column.sum()).over(frame)

    def pandas(self, frames: list[str], code: PandasCode) -> str:
        """`table.assign(…)` of values taken from the ordered groups; they find their rows by the index."""
        frame = frames[0]
        ordered = frame
        if self.order:
            ordered = code.name("ordered")
            rises = [not k.descending for k in self.order]
            text = "" if all(rises) else f", ascending={rises if len(rises) > 1 else rises[0]}"
            by = listed(k.column for k in self.order)
            code.line(f'{ordered} = {frame}.sort_values({by}{text}, kind="stable")')
        code.declare(ordered, code.types(frame))
        groups = ""
        if self.by:
            groups = code.name("groups")
            code.line(f"{groups} = {ordered}.groupby({listed(self.by)}, dropna=False, sort=False)")
        spelled = _Spelled(self, frame, ordered, groups, code)
        return f"{frame}.assign({keywords({w.name: spelled.value(w) for w in self.columns})})"


class _Spelled:
    """Window functions in pandas, over an ordered frame and its groups."""

    def __init__(self, node: Window, frame: str, ordered: str, groups: str, code: PandasCode) -> None:
        self.node, self.frame, self.ordered, self.groups, self.code = node, frame, ordered, groups, code
        self.number = ""

    def value(self, asked: WindowColumn) -> str:
        """Source of one new column."""
        function = asked.function
        if function in PLACES:
            return self._place(asked)
        if function == "group_count":
            if self.groups:
                return f'{self.groups}[{quote(self.node.by[0])}].transform("size").astype("Int64")'
            return f'pd.Series(len({self.frame}), index={self.frame}.index, dtype="Int64")'
        name = asked.column or ""
        word = self.code.types(self.frame)[name]
        series = f"{self.ordered}[{quote(name)}]"
        grouped = f"{self.groups}[{quote(name)}]" if self.groups else series
        if function in ("lag", "lead"):
            return f"{grouped}.shift({asked.size if function == 'lag' else -asked.size})"
        if function in ("running_max", "running_min"):
            return self._each(self._grouped(series), f"cum{function[-3:]}().ffill()")
        own = series if word == "number" else f'{series}.astype("Float64")'
        grouped = self._grouped(own)
        if function.startswith("moving"):
            return self._each(grouped, self._moving("nansum" if function == "moving_sum" else "nanmean", asked.size))
        spelled = {
            "difference": f"{own} - {grouped}.shift({asked.size})",
            "running_sum": self._each(grouped, "cumsum().ffill()"),
            "running_mean": self._each(grouped, 'expanding().mean().astype("Float64")'),
            "group_sum": self._whole(grouped, "sum(min_count=1)"), "group_mean": self._whole(grouped, "mean()"),
        }
        if function == "share":
            total = self.code.name("total")
            self.code.line(f"{total} = {self._whole(grouped, 'sum(min_count=1)')}")
            return f"{own} / {total}.mask({total} == 0)"
        return spelled[function]

    def _moving(self, function: str, size: int) -> str:
        """Each window for itself: rolling(…).sum() carries what far larger numbers rounded away into those after it."""
        self.code.ask("np")
        return f'rolling({size}, min_periods=1).apply(np.{function}, raw=True).astype("Float64")'

    def _grouped(self, series: str) -> str:
        """A series by the number of its group: pandas cannot transform groups whose key is missing."""
        if self.groups and not self.number:
            self.number = self.code.name("group")
            self.code.line(f"{self.number} = {self.groups}.ngroup()")
        return f"{series}.groupby({self.number})" if self.groups else series

    def _each(self, grouped: str, method: str) -> str:
        return f"{grouped}.transform(lambda values: values.{method})" if self.groups else f"{grouped}.{method}"

    def _whole(self, grouped: str, method: str) -> str:
        if self.groups:
            return f"{grouped}.transform(lambda values: values.{method})"
        return f'pd.Series({grouped}.{method}, index={self.frame}.index, dtype="Float64")'

    def _place(self, asked: WindowColumn) -> str:
        row = f"{self.groups}.cumcount() + 1" if self.groups else \
            f"pd.Series(range(1, len({self.ordered}) + 1), index={self.ordered}.index)"
        keys = [*self.node.by, *[k.column for k in self.node.order]]
        if asked.function == "quantile":
            place, size = self.code.name("place"), self.code.name("size")
            self.code.line(f"{place} = {row}")
            whole = f'{self.groups}[{quote(self.node.by[0])}].transform("size")' if self.groups else \
                f"pd.Series(len({self.ordered}), index={self.ordered}.index)"
            self.code.line(f"{size} = {whole}")
            return f"{self.code.ask('quantile_bin')}({place}, {size}, {asked.size})"
        if asked.function == "row_number" or not self.node.order:
            return f'({row}).astype("Int64")'
        if asked.function == "rank":
            equal = ", ".join(f"{self.ordered}[{quote(n)}]" for n in keys)
            return f'({row}).groupby([{equal}], dropna=False).transform("min").astype("Int64")'
        first = f"(~{self.ordered}.duplicated({listed(keys)}))"
        if self.groups:
            first += f".groupby([{', '.join(f'{self.ordered}[{quote(n)}]' for n in self.node.by)}], dropna=False)"
        return f'{first}.cumsum().astype("Int64")'
