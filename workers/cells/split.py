"""Split rows into parts to train and to test on.

At random (each group alike, if you pick columns to balance by), by time (the newest rows are the test), or with whole
groups kept together. The same seed always makes the same parts, and no row is in two of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from workers.engine.tables import count
from workers.kind import CellError, CellKind, NeedsSettings, Params, Step, pick_column, pick_columns
from workers.ports import Op, Table, literal_table
from workers.preview import column_of, columns_named, table_steps

PARTS = ("train", "test", "valid")


class SplitParams(Params):
    """Sizes, and how rows are dealt out."""

    test: float = Field(0.2, title="Share to test", gt=0, lt=1)
    valid: float = Field(0.0, title="Share to validate", ge=0, lt=1)
    how: Literal["random", "time", "groups"] = Field("random", title="Deal out", json_schema_extra={
        "labels": {"random": "at random", "time": "by time, the newest to test", "groups": "whole groups at once"}})
    by: list[str] = pick_columns(title="Balance by", max_length=20, description="Each group is split alike.")
    time: str | None = pick_column(title="Time", types=("date", "datetime", "integer"), when={"how": ["time"]})
    group: str | None = pick_column(title="Group", when={"how": ["groups"]})
    seed: int = Field(0, title="Seed", ge=0, le=2**31 - 2, json_schema_extra={"when": {"how": ["random", "groups"]}})


class Kind(CellKind):
    """A lazy step with an output for each part."""

    name, title, group, icon = "split", "Split", "Prepare", "split"
    params, prompt = SplitParams, True
    inputs, outputs = {"table": Table}, dict.fromkeys(PARTS, Table)

    def plan(self, params: SplitParams, table: Table) -> dict[str, Any]:
        """Each part."""
        if params.test + params.valid >= 1:
            raise CellError("bad_value", "Nothing is left to train on: the shares add up to 1 or more.", param="test")
        more: Op = {"by": columns_named(params.by, table.columns, "by")} if params.how == "random" else {}
        if params.how == "time":
            if not params.time:
                raise NeedsSettings("Pick the column that holds the time", missing=("Time",))
            more = {"time": column_of(params.time, table.columns, "time").name}
        if params.how == "groups":
            if not params.group:
                raise NeedsSettings("Pick the column whose groups stay together", missing=("Group",))
            more = {"together": column_of(params.group, table.columns, "group").name}
        train = round(1 - params.test - params.valid, 12)
        # The newest rows are the test, and what validates comes just before.
        order, shares = (("train", "valid", "test"), [train, params.valid, params.test])
        return {name: Table({"op": "split_part", "input": table.op, "part": order.index(name), "shares": shares,
                             "seed": params.seed, **more}, table.columns) for name in PARTS}

    def compute(self, params: SplitParams, table: Table) -> Iterator[Step]:
        """The rows to train on, and how many there are of each part."""
        parts = self.plan(params, table)
        last = Step()
        for last in table_steps(parts["train"]):
            if not last.exact:
                yield last
        counts = {name: last.rows if name == "train" else count(part) for name, part in parts.items()}
        words = ", ".join(f"{rows:,} {name}" for name, rows in counts.items() if name != "valid" or params.valid)
        yield Step(view=last.view, outputs=parts, rows=last.rows, note=words)

    def example(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Four rows to train on, one to test."""
        birds = literal_table({"species": "text", "mass": "integer"},
                              [["Adelie", 3750], ["Gentoo", 5000], ["Adelie", 3800], ["Gentoo", 4900], ["Adelie", 3]])
        return {"test": 0.2, "seed": 1}, {"table": birds}
