"""Sort rows, and keep the first or last of them.

Pick columns to sort by; missing values come last. Keep all rows, the top or bottom N, or the N first or last as they
come; with groups, so many of each group.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from workers.kind import CellKind, NeedsSettings, Params, Step, pick_columns
from workers.ordering import OrderKey, order_of
from workers.ports import Op, Table, literal_table
from workers.preview import columns_named, table_steps


class SortParams(Params):
    """The order, and how much of it."""

    by: list[OrderKey] = Field(default_factory=list, title="Sort by", max_length=20)
    keep: Literal["all", "top", "bottom"] = Field("all", title="Keep", json_schema_extra={
        "labels": {"all": "all rows", "top": "the first rows", "bottom": "the last rows"}})
    rows: int = Field(10, title="Rows", ge=1, le=10_000_000, json_schema_extra={"when": {"keep": ["top", "bottom"]}})
    per: list[str] = pick_columns(title="Of each", description="So many rows of each group.", max_length=20)


class Kind(CellKind):
    """A lazy step."""

    name, title, group, icon = "sort", "Sort / Top", "Prepare", "arrow-down"
    params, prompt = SortParams, True
    inputs, outputs = {"table": Table}, {"table": Table}

    def plan(self, params: SortParams, table: Table) -> dict[str, Any]:
        """The rows in order."""
        by = order_of(params.by, table.columns, "by")
        per = columns_named(params.per, table.columns, "per")
        if params.keep == "all":
            if not by:
                raise NeedsSettings("Pick a column to sort by", missing=("Sort by",))
            return {"table": Table({"op": "sort", "input": table.op, "by": by}, table.columns)}
        last = params.keep == "bottom"
        turned = [{**key, "descending": not key["descending"]} for key in by] if last else by
        op: Op = {"op": "top", "input": table.op, "rows": params.rows, "by": turned, "per": per}
        op["last"] = last and not by
        return {"table": Table(op, table.columns)}

    def compute(self, params: SortParams, table: Table) -> Iterator[Step]:
        """The rows in order."""
        yield from table_steps(self.plan(params, table)["table"])

    def example(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The two largest cities."""
        cities = literal_table({"city": "text", "people": "integer"},
                               [["Lisbon", 545_000], ["Oslo", 709_000], ["Turin", 851_000]])
        return {"by": [{"column": "people", "descending": True}], "keep": "top", "rows": 2}, {"table": cities}
