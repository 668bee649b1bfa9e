"""Put tables below each other, or side by side.

Connect any number of tables. Columns meet by name (what one table lacks is missing there) or by position; numbers widen
to fractions and unlike types to text. Side by side, rows meet by their number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field

from workers.kind import CellKind, NeedsSettings, Params, Step
from workers.ports import Op, Table, literal_table
from workers.preview import table_steps


class UnionParams(Params):
    """How tables meet."""

    by: Literal["name", "position", "row"] = Field("name", title="Columns meet", json_schema_extra={
        "labels": {"name": "by name", "position": "by position", "row": "side by side"}})
    source: str = Field("", title="Source column", max_length=200, description="Names the table each row came from.",
                        json_schema_extra={"placeholder": "none", "when": {"by": ["name", "position"]}})


class Kind(CellKind):
    """A lazy step: rows are read where they lie."""

    name, title, group, icon, shortcut = "union", "Union", "Prepare", "layers", "U"
    params, prompt = UnionParams, True
    inputs, outputs, many_inputs = {"tables": Table}, {"table": Table}, frozenset({"tables"})

    def plan(self, params: UnionParams, tables: Mapping[str, Table]) -> dict[str, Any]:
        """All rows, or all columns."""
        if not tables:
            raise NeedsSettings("Connect tables to put below each other", missing=("Connect a table",))
        ops = [table.op for table in tables.values()]
        if params.by == "row":
            op: Op = ops[0]
            for name, other in list(zip(tables, ops, strict=True))[1:]:
                op = {"op": "beside", "left": op, "right": other, "suffix": f"_{name}"[:50]}
            return {"table": Table(op)}
        return {"table": Table({"op": "union", "tables": ops, "by": params.by, "source": params.source.strip(),
                                "labels": list(tables) if params.source.strip() else []})}

    def compute(self, params: UnionParams, tables: Mapping[str, Table]) -> Iterator[Step]:
        """The rows of all tables."""
        yield from table_steps(self.plan(params, tables)["table"])

    def example(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Two years of sales."""
        old = literal_table({"city": "text", "sold": "integer"}, [["Oslo", 12], ["Lima", 7]])
        new = literal_table({"city": "text", "sold": "number"}, [["Oslo", 14.5]])
        return {"by": "name", "source": "year"}, {"tables": {"sales_2023": old, "sales_2024": new}}
