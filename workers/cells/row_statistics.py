"""Add the sum, mean, smallest or largest value across columns, for each row.

Pick columns of numbers; missing values do not count. Also the range, and how many of the columns are missing in a row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from workers.kind import CellKind, NeedsSettings, Params, Step, pick_columns
from workers.ports import Table, literal_table
from workers.preview import columns_named, table_steps


class RowStatisticsParams(Params):
    """Columns, and what is computed across them."""

    columns: list[str] = pick_columns(title="Columns", types=("integer", "number", "boolean"), max_length=200)
    sum: bool = Field(True, title="Sum")
    mean: bool = Field(True, title="Mean")
    min: bool = Field(False, title="Smallest")
    max: bool = Field(False, title="Largest")
    range: bool = Field(False, title="Range")
    missing: bool = Field(False, title="Missing values")
    prefix: str = Field("row_", title="Names begin with", max_length=100, json_schema_extra={"advanced": True})


class Kind(CellKind):
    """A row-wise step."""

    name, title, group, icon = "row_statistics", "Row statistics", "Prepare", "calculator"
    params, prompt = RowStatisticsParams, True
    inputs, outputs = {"table": Table}, {"table": Table}

    def plan(self, params: RowStatisticsParams, table: Table) -> dict[str, Any]:
        """The table with its new columns."""
        columns = columns_named(params.columns, table.columns, "columns")
        functions = [name for name in ("sum", "mean", "min", "max", "range", "missing") if getattr(params, name)]
        if not columns or not functions:
            raise NeedsSettings("Pick columns of numbers", missing=("Columns",) if not columns else ("Sum",))
        return {"table": Table({"op": "row_statistics", "input": table.op, "columns": columns, "functions": functions,
                                "prefix": params.prefix})}

    def compute(self, params: RowStatisticsParams, table: Table) -> Iterator[Step]:
        """The rows with their new columns."""
        yield from table_steps(self.plan(params, table)["table"])

    def example(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Marks of pupils."""
        marks = literal_table({"pupil": "text", "maths": "integer", "art": "integer"}, [["Ann", 2, 1], ["Bo", 4, None]])
        return {"columns": ["maths", "art"]}, {"table": marks}
