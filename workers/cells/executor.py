"""Put a model to work on a new table: predictions with their certainty beside each row.

First it is told how the table meets the model: columns that are missing, extra, of another type, values never seen, and
what was done about each. Rows that cannot be predicted say why and do not stop the others. Large tables are scored in
chunks; if a worker is lost, the next one goes on where it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from workers.kind import CellKind, Params, Step, Work
from workers.model_rows import open_model, scored_steps
from workers.ports import Model, Table, literal_table


class ExecutorParams(Params):
    """What to do about gaps, and how sure intervals are."""

    missing: Literal["refuse", "empty", "usual"] = Field(
        "refuse", title="Lacking columns", description="What to do when the table lacks a column of the model.",
        json_schema_extra={"labels": {"refuse": "are an error", "empty": "are left empty",
                                      "usual": "get their usual value"}})
    level: float = Field(0.9, title="Certainty", ge=0.5, le=0.99,
                         description="How often the interval of a predicted number shall hold the truth.")


class Kind(CellKind):
    """Scores tables chunk by chunk; what is written once is never done again."""

    name, title, group, icon, shortcut = "executor", "Executor", "Model", "play", "X"
    params, dear, queue, timeout = ExecutorParams, True, "batch", 3600.0
    inputs, outputs = {"model": Model, "table": Table}, {"table": Table}
    view, size = "executor", (560, 420)

    def compute(self, params: ExecutorParams, model: Model, table: Table, *, work: Work) -> Iterator[Step]:
        """The match table with the first rows, then progress, then the whole table."""
        yield from scored_steps(open_model(model, work), table, params.missing, params.level, work)

    def example(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Will these three customers come back?"""
        new = literal_table({"visits": "integer", "city": "text", "spent": "number"},
                            [[2, "Oslo", 20.5], [7, "Rome", 44.0], [None, "Bonn", 12.0]])
        return {}, {"model": Model("example", "back"), "table": new}
