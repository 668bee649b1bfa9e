"""Calculate in Python: tables by name as pandas, and a table, a figure, a text or a number back.

The last line, or a variable called `result`, is what the cell shows and gives on. `pd`, `np`, `px` and `go` are there;
so is every connected table and value, under the name of its cell. The code runs in a process without files or network.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from workers.code_cells import named_values, run_python
from workers.kind import CellKind, NeedsSettings, Params, Step, Work
from workers.ports import Table, Value, literal_table


class PythonParams(Params):
    """The code arrives as `code`: people write it together in the cell. The rest are limits."""

    code: str = Field("", title="Python", json_schema_extra={"hidden": True})
    seconds: int = Field(60, title="Time limit", ge=1, le=600, description="Seconds after which the code is stopped.")
    memory: int = Field(1024, title="Memory", ge=256, le=8192, description="MB that the code may use.")


class Kind(CellKind):
    """A person's own code, in a sandbox."""

    name, title, group, icon, shortcut = "python", "Python", "Prepare", "code", "P"
    params, dear, outputs_vary, timeout = PythonParams, True, True, 660.0
    inputs, outputs = {"tables": Table, "values": Value}, {"table": Table, "value": Value}
    many_inputs = optional_inputs = frozenset(("tables", "values"))
    size, code = (560, 460), "python"

    def compute(self, params: PythonParams, tables: dict[str, Table], values: dict[str, Value], *,
                work: Work) -> Iterator[Step]:
        """What the code prints while it runs, then what it gives."""
        if not params.code.strip():
            raise NeedsSettings("Write some Python", missing=("Write some Python.",))
        limits = {"seconds": params.seconds, "memory": params.memory}
        yield from run_python(params.code, tables, named_values(values), limits, work)

    def example(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Mean mass of each species."""
        birds = literal_table({"species": "text", "mass": "number"},
                              [["Gentoo", 5000.0], ["Adelie", 3700.0], ["Gentoo", 5400.0]])
        code = "heavy = birds[birds.mass > 1000]\nheavy.groupby('species', as_index=False).mass.mean()"
        return {"code": code}, {"tables": {"birds": birds}, "values": {}}
