"""Where rows come from: tables in the store, and small literal ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from workers.engine.ops.node import Name, OpNode, TypeWord
from workers.engine.pandas_text import DTYPES, quote
from workers.kind import CellError

if TYPE_CHECKING:
    from workers.engine.pandas_code import PandasCode

MAX_INLINE_CELLS = 100_000


class Stored(OpNode):
    """A table in the store, named by the fingerprint of the result that wrote it."""

    op: Literal["stored"]
    fingerprint: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,128}$")]
    row_wise: ClassVar[bool] = True
    keeps_rows: ClassVar[bool] = True


class InlineColumn(BaseModel):
    """Name and type word of a literal column."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Name
    type: TypeWord


class Inline(OpNode):
    """A small literal table, for examples and tests."""

    op: Literal["inline"]
    columns: tuple[InlineColumn, ...]
    rows: tuple[tuple[str | int | float | bool | None, ...], ...] = ()
    row_wise: ClassVar[bool] = True
    keeps_rows: ClassVar[bool] = True

    def check(self) -> None:
        """Few values, rows as wide as the columns, names that differ."""
        if len(self.rows) * max(1, len(self.columns)) > MAX_INLINE_CELLS:
            raise CellError("bad_op", f"A literal table holds at most {MAX_INLINE_CELLS:,} values.")
        if any(len(row) != len(self.columns) for row in self.rows):
            raise CellError("bad_op", "A literal table has rows of different lengths.")
        if len({c.name.lower() for c in self.columns}) < len(self.columns) or not self.columns:
            raise CellError("bad_op", "A literal table needs columns with different names.")

    def pandas(self, frames: list[str], code: PandasCode) -> str:
        """The rows written out."""
        columns = []
        for place, column in enumerate(self.columns):
            values = [row[place] for row in self.rows]
            if column.type == "time":
                code.ask("datetime")
                values_text = ", ".join("None" if v is None else f"datetime.time.fromisoformat({v!r})" for v in values)
                columns.append(f"{quote(column.name)}: pd.Series([{values_text}], dtype=object)")
            elif column.type in ("date", "datetime"):
                read = f'pd.to_datetime(pd.Series({values!r}, dtype=object), format="ISO8601")'
                columns.append(f'{quote(column.name)}: {read}.astype("datetime64[us]")')
            else:
                columns.append(f'{quote(column.name)}: pd.array({values!r}, dtype="{DTYPES[column.type]}")')
        body = "".join(f"    {column},\n" for column in columns)
        return f"pd.DataFrame({{\n{body}}})"

