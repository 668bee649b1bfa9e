"""Ask with SQL: one SELECT over any tables, by the names of the cells they come from.

Write the name of another cell after FROM or JOIN and it is connected. Values linked in are written as `$name`. The
query runs in DuckDB, locked into a process of its own: it sees the connected tables and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from workers.code_cells import named_values, planned_select, run_select
from workers.kind import CellKind, NeedsSettings, Params, Step, Work
from workers.ports import Table, Value, literal_table


class SqlParams(Params):
    """The query arrives as `code`: people write it together in the cell. The rest are limits."""

    code: str = Field("", title="SQL", json_schema_extra={"hidden": True})
    seconds: int = Field(60, title="Time limit", ge=1, le=600, description="Seconds after which the query is stopped.")
    memory: int = Field(1024, title="Memory", ge=256, le=8192, description="MB that the query may use.")


class Kind(CellKind):
    """One SELECT, run in a sandbox and kept."""

    name, title, group, icon, shortcut = "sql", "SQL", "Data", "database", "S"
    params, keeps, timeout = SqlParams, True, 660.0
    inputs, outputs = {"tables": Table, "values": Value}, {"table": Table}
    many_inputs = optional_inputs = frozenset(("tables", "values"))
    size, code = (560, 420), "sql"

    def plan(self, params: SqlParams, tables: dict[str, Table], values: dict[str, Value]) -> dict[str, Any]:
        """The columns of the query, bound in the sandbox without reading a row."""
        return {"table": planned_select(_written(params), tables, named_values(values))}

    def compute(self, params: SqlParams, tables: dict[str, Table], values: dict[str, Value], *,
                work: Work) -> Iterator[Step]:
        """Run the query; show what it found."""
        limits = {"seconds": params.seconds, "memory": params.memory}
        yield from run_select(_written(params), tables, named_values(values), limits, work)

    def example(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Two tables joined."""
        birds = literal_table({"species": "text", "mass": "integer"}, [["Gentoo", 5000], ["Adelie", 3700]])
        places = literal_table({"species": "text", "island": "text"}, [["Gentoo", "Biscoe"], ["Adelie", "Dream"]])
        query = "SELECT island, mass / 1000 AS kg\nFROM birds JOIN places USING (species)\nWHERE mass > $least"
        given = {"tables": {"birds": birds, "places": places}, "values": {"least": Value(3000)}}
        return {"code": f"{query}\nORDER BY kg"}, given


def _written(params: SqlParams) -> str:
    if not params.code.strip():
        raise NeedsSettings("Write a SELECT", missing=("Write a SELECT.",))
    return params.code
