"""Turn columns into rows: their names in one column, their values in another.

Pick the columns that hold the same kind of value, such as one for each month. The others are repeated on each row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from workers.kind import CellKind, NeedsSettings, Params, Step, pick_columns
from workers.ports import Table, literal_table
from workers.preview import columns_named, table_steps


class UnpivotParams(Params):
    """What becomes rows."""

    columns: list[str] = pick_columns(title="Columns", max_length=500)
    name_to: str = Field("name", title="Names go to", min_length=1, max_length=200)
    value_to: str = Field("value", title="Values go to", min_length=1, max_length=200)
    drop_missing: bool = Field(False, title="Leave out missing values")


class Kind(CellKind):
    """A lazy step."""

    name, title, group, icon = "unpivot", "Unpivot", "Prepare", "list-tree"
    params, prompt = UnpivotParams, True
    inputs, outputs = {"table": Table}, {"table": Table}

    def plan(self, params: UnpivotParams, table: Table) -> dict[str, Any]:
        """The long table."""
        columns = columns_named(params.columns, table.columns, "columns")
        if not columns:
            raise NeedsSettings("Pick the columns that become rows", missing=("Columns",))
        return {"table": Table({"op": "unpivot", "input": table.op, "columns": columns, "name_to": params.name_to,
                                "value_to": params.value_to, "drop_missing": params.drop_missing})}

    def compute(self, params: UnpivotParams, table: Table) -> Iterator[Step]:
        """The long table."""
        yield from table_steps(self.plan(params, table)["table"])

    def example(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Months become rows."""
        rain = literal_table({"city": "text", "jan": "number", "feb": "number"},
                             [["Oslo", 54.0, 40.5], ["Lima", 1.0, None]])
        return {"columns": ["jan", "feb"], "name_to": "month", "value_to": "rain_mm"}, {"table": rain}
