"""Look at a table: chosen columns, in order, with what each column holds.

Pick columns to keep only those, and a column to sort by. Missing values come last. What is shown can be linked on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from workers.engine.selection import Selection, predicate_of, selection_field
from workers.kind import CellKind, Params, Step, pick_column, pick_columns
from workers.ports import Predicate, Table, literal_table
from workers.preview import column_of, columns_named, table_steps


class TableParams(Params):
    """What to show, and in which order."""

    columns: list[str] = pick_columns(title="Columns", description="All of them when none is picked.", max_length=2000)
    sort: str | None = pick_column(title="Sort by")
    descending: bool = Field(False, title="Largest first", json_schema_extra={"when": {"sort": ["*"]}})
    selection: Selection | None = selection_field()


class Kind(CellKind):
    """A view of a table; its output is what it shows."""

    name, title, group, icon, shortcut = "table", "Table", "Explore", "table-2", "B"
    params, prompt = TableParams, True
    inputs, outputs = {"table": Table}, {"table": Table, "selection": Predicate}
    steers = frozenset({"selection"})
    size = (520, 340)

    def plan(self, params: TableParams, table: Table) -> dict[str, Any]:
        """The chosen columns, sorted; and what is selected among them."""
        selected = predicate_of(params.selection, table.columns)
        op, columns = table.op, table.columns
        if params.sort:
            column_of(params.sort, columns, "sort")
            op = {"op": "sort", "input": op, "by": [{"column": params.sort, "descending": params.descending}]}
        if params.columns:
            kept = list(dict.fromkeys(columns_named(params.columns, columns, "columns")))
            op = {"op": "select", "input": op, "columns": kept}
            columns = tuple(column_of(name, columns, "columns") for name in kept)
        return {"table": Table(op, columns), "selection": selected}

    def compute(self, params: TableParams, table: Table) -> Iterator[Step]:
        """The first rows and the profile of each column."""
        yield from table_steps(self.plan(params, table)["table"])

    def example(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Three cities, largest first."""
        cities = literal_table({"city": "text", "people": "integer"},
                               [["Lisbon", 545_000], ["Oslo", 709_000], ["Turin", 851_000]])
        return {"sort": "people", "descending": True}, {"table": cities}
