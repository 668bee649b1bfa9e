"""Order of rows and how many of them: sort, limit, distinct."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from workers.engine.ops.node import Input, Name, OpNode
from workers.engine.pandas_text import listed, quote

if TYPE_CHECKING:
    from workers.engine.pandas_code import PandasCode


class SortKey(BaseModel):
    """A column to sort by."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    column: Name
    descending: bool = False


class Sort(OpNode):
    """Order rows; missing values last."""

    op: Literal["sort"]
    input: Input
    by: Annotated[tuple[SortKey, ...], Field(min_length=1, max_length=20)]
    keeps_rows: ClassVar[bool] = True

    def apply(self, sources: list[Any], c: Any) -> Any:
        """The same rows in order."""
        return sources[0].order_by([c.sort_key(c.column(sources[0], k.column), k.descending) for k in self.by])

    def origin_of(self, column: str) -> str | None:
        """Values stay as they are."""
        return column

    def pandas(self, frames: list[str], code: PandasCode) -> str:
        """`table.sort_values(…)`; missing values last."""
        by = listed(k.column for k in self.by) if len(self.by) > 1 else quote(self.by[0].column)
        rises = [not k.descending for k in self.by]
        order = "" if all(rises) else f", ascending={rises if any(rises) else False}"
        return f'{frames[0]}.sort_values({by}{order}, kind="stable", ignore_index=True)'



class Limit(OpNode):
    """Keep at most `rows` rows, after `offset`."""

    op: Literal["limit"]
    input: Input
    rows: Annotated[int, Field(ge=0, le=1_000_000_000)]
    offset: Annotated[int, Field(ge=0, le=1_000_000_000_000)] = 0

    def apply(self, sources: list[Any], c: Any) -> Any:
        """Those rows."""
        return sources[0].limit(self.rows, offset=self.offset)

    def origin_of(self, column: str) -> str | None:
        """Values stay as they are."""
        return column

    def pandas(self, frames: list[str], code: PandasCode) -> str:
        """`table.head(n)`."""
        if self.offset:
            return f"{frames[0]}.iloc[{self.offset}:{self.offset + self.rows}]"
        return f"{frames[0]}.head({self.rows})"



class Distinct(OpNode):
    """Drop repeated rows."""

    op: Literal["distinct"]
    input: Input

    def apply(self, sources: list[Any], c: Any) -> Any:
        """Each row once."""
        return sources[0].distinct()

    def origin_of(self, column: str) -> str | None:
        """Values stay as they are."""
        return column

    def pandas(self, frames: list[str], code: PandasCode) -> str:
        """`table.drop_duplicates()`."""
        return f"{frames[0]}.drop_duplicates(ignore_index=True)"

