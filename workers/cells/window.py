"""Add columns that look at neighbouring rows or at the group: ranks, previous values, running totals, shares.

Pick groups and an order, then the values to compute: a rank, the value before or after, a running or moving sum or
mean, the share of the group. Rows and their order stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import BaseModel, Field

from workers.kind import CellError, CellKind, NeedsSettings, Params, Step, pick_columns
from workers.ordering import OrderKey, order_of
from workers.ports import Column, Table, literal_table
from workers.preview import column_of, columns_named, table_steps

_PLACES = ("row_number", "rank", "dense_rank", "quantile", "group_count")
_SIZED = ("lag", "lead", "difference", "moving_sum", "moving_mean", "quantile")
_ANY = ("lag", "lead", "running_max", "running_min")
_LABELS: dict[str, Any] = {
    "row_number": "row number", "rank": "rank, with gaps", "dense_rank": "rank, without gaps",
    "quantile": "quantile bin", "lag": "value before", "lead": "value after", "difference": "change since",
    "running_sum": "running sum", "running_mean": "running mean", "running_max": "running maximum",
    "running_min": "running minimum", "moving_sum": "moving sum", "moving_mean": "moving mean",
    "share": "share of the group", "group_sum": "sum of the group", "group_mean": "mean of the group",
    "group_count": "rows of the group",
}
_OF: list[Any] = [name for name in _LABELS if name not in _PLACES]


class WindowValue(BaseModel):
    """A new column."""

    function: Literal[
        "row_number", "rank", "dense_rank", "quantile", "lag", "lead", "difference", "running_sum", "running_mean",
        "running_max", "running_min", "moving_sum", "moving_mean", "share", "group_sum", "group_mean", "group_count",
    ] = Field("row_number", title="Function", json_schema_extra={"labels": _LABELS})
    column: str | None = Field(None, title="Column", json_schema_extra={
        "picker": "column", "of": "table", "types": [], "when": {"function": _OF}})
    size: int = Field(1, title="Rows or bins", ge=1, le=1_000_000, json_schema_extra={
        "when": {"function": list[Any](_SIZED)}})
    name: str = Field("", title="Name", description="Made up when empty.", max_length=200)


class WindowParams(Params):
    """Groups, order and new columns."""

    by: list[str] = pick_columns(title="Within", description="Groups; all rows are one when empty.", max_length=20)
    order: list[OrderKey] = Field(default_factory=list, title="In order of", max_length=20)
    values: list[WindowValue] = Field(default_factory=list, title="Compute", max_length=50)


class Kind(CellKind):
    """A lazy step."""

    name, title, group, icon, shortcut = "window", "Window", "Prepare", "trophy", "W"
    params, prompt = WindowParams, True
    inputs, outputs = {"table": Table}, {"table": Table}

    def plan(self, params: WindowParams, table: Table) -> dict[str, Any]:
        """The table with its new columns."""
        if not params.values:
            raise NeedsSettings("Add a value to compute, such as a rank", missing=("Compute",))
        by = columns_named(params.by, table.columns, "by")
        order = order_of(params.order, table.columns, "order")
        columns = [_value(value, table.columns) for value in params.values]
        names = [column["name"] for column in columns]
        if len(set(names)) < len(names):
            raise CellError("duplicate_column", "Two new columns have the same name.", param="values")
        return {"table": Table({"op": "window", "input": table.op, "by": by, "order": order, "columns": columns})}

    def compute(self, params: WindowParams, table: Table) -> Iterator[Step]:
        """The rows with their new columns."""
        yield from table_steps(self.plan(params, table)["table"])

    def example(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Running total of each shop."""
        sales = literal_table({"shop": "text", "day": "date", "sold": "integer"},
                              [["A", "2024-01-01", 3], ["B", "2024-01-01", 5], ["A", "2024-01-02", 4]])
        values = [{"function": "running_sum", "column": "sold", "name": "so_far"}]
        return {"by": ["shop"], "order": [{"column": "day"}], "values": values}, {"table": sales}


def _value(value: WindowValue, columns: tuple[Column, ...]) -> dict[str, Any]:
    words = value.function.replace("_", " ")
    if value.function in _PLACES:
        return {"function": value.function, "name": value.name or value.function, "size": value.size}
    if not value.column:
        raise NeedsSettings(f"Pick a column to compute the {words} of", missing=("Column",))
    column = column_of(value.column, columns, "values")
    if value.function not in _ANY and column.type not in ("integer", "number", "boolean"):
        raise CellError("bad_type", f"“{column.name}” holds {column.type}, so it has no {words}.", param="values")
    return {"function": value.function, "column": column.name, "size": value.size,
            "name": value.name or f"{value.function}_{column.name}"}
