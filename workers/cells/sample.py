"""Keep a random part of the rows.

Say how many rows, or which share of them. The same seed always draws the same rows. With columns to balance by, each
group keeps its share.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from workers.kind import CellKind, Params, Step, Work, pick_columns
from workers.ports import Op, Table, literal_table
from workers.preview import columns_named, table_steps


class SampleParams(Params):
    """How much, and which draw."""

    by_size: Literal["rows", "share"] = Field("rows", title="Size", json_schema_extra={
        "labels": {"rows": "a number of rows", "share": "a share of the rows"}})
    rows: int = Field(1000, title="Rows", ge=1, le=10_000_000, json_schema_extra={"when": {"by_size": ["rows"]}})
    share: float = Field(0.1, title="Share", ge=0, le=1, json_schema_extra={"when": {"by_size": ["share"]}})
    by: list[str] = pick_columns(title="Balance by", description="Each group keeps its share.", max_length=20)
    seed: int = Field(0, title="Seed", ge=0, le=2**31 - 2)


class Kind(CellKind):
    """A materialising step: the rows are drawn once."""

    name, title, group, icon = "sample", "Sample", "Prepare", "scan"
    params, keeps, prompt = SampleParams, True, True
    inputs, outputs = {"table": Table}, {"table": Table}

    def plan(self, params: SampleParams, table: Table) -> dict[str, Any]:
        """The drawn rows, in the order they came in."""
        size: Op = {"rows": params.rows} if params.by_size == "rows" else {"share": params.share}
        by = columns_named(params.by, table.columns, "by")
        op: Op = {"op": "sample", "input": table.op, "seed": params.seed, "by": by, **size}
        return {"table": Table(op, table.columns)}

    def compute(self, params: SampleParams, table: Table, *, work: Work) -> Iterator[Step]:
        """The drawn rows, kept."""
        yield from table_steps(work.keep(self.plan(params, table)["table"]))

    def example(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Two of five birds."""
        birds = literal_table({"species": "text", "mass": "integer"},
                              [["Adelie", 3750], ["Gentoo", 5000], ["Adelie", 3800], ["Gentoo", 4900], ["Adelie", 3]])
        return {"by_size": "rows", "rows": 2, "seed": 7}, {"table": birds}
