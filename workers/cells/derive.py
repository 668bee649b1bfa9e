"""Add a column computed from others.

Write a formula over columns, such as `price * 1.2` or `if(delay > 15, "late", "on time")`. Names with blanks go in
brackets: `[Total charges]`. A column of the same name is replaced. Dividing by zero gives a missing value.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from workers.engine.expression import parse_formula
from workers.kind import CellKind, NeedsSettings, Params, Step
from workers.ports import Table, literal_table
from workers.preview import table_steps


class DeriveParams(Params):
    """A name and a formula."""

    name: str = Field("new_column", title="Name", description="Name of the new column.", max_length=200)
    expression: str = Field("", title="Formula", max_length=10_000, json_schema_extra={
        "picker": "formula", "of": "table", "placeholder": "price * 1.2"})


class Kind(CellKind):
    """A row-wise step: its table exists as soon as the formula is right."""

    name, title, group, icon, shortcut = "derive", "Computed column", "Prepare", "square-function", "N"
    params, prompt = DeriveParams, True
    inputs, outputs = {"table": Table}, {"table": Table}

    def plan(self, params: DeriveParams, table: Table) -> dict[str, Any]:
        """The table with one column more."""
        missing = [w for w, v in (("Name", params.name), ("Formula", params.expression)) if not v.strip()]
        if missing:
            raise NeedsSettings("Write a formula, for example price * 1.2", missing=tuple(missing))
        formula = parse_formula(params.expression, table.columns)
        return {"table": Table({"op": "derive", "input": table.op, "name": params.name.strip(), "expression": formula})}

    def compute(self, params: DeriveParams, table: Table) -> Iterator[Step]:
        """The rows with the new column."""
        yield from table_steps(self.plan(params, table)["table"])

    def example(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Body mass in kilograms."""
        birds = literal_table({"species": "text", "body_mass_g": "number"},
                              [["Adelie", 3750.0], ["Gentoo", 5000.0], ["Chinstrap", None]])
        return {"name": "body_mass_kg", "expression": "body_mass_g / 1000"}, {"table": birds}
