"""Put two tables together where their keys are equal.

Connect the main table to the first port and the other one to the second, and pick the columns that must be equal; the
cell proposes the pair whose values fit best. Missing keys match nothing. Before it runs, the cell counts the rows it
will make, and asks when the keys repeat on both sides and make far more rows than went in. A large table joined to a
small one, at most one match for each row, is not copied: charts behind it draw from samples at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal

from pydantic import BaseModel, Field

from workers.engine import joins
from workers.engine.approx import levels_of
from workers.engine.duck import EXACT
from workers.engine.tables import plain, rows_of
from workers.kind import CellError, CellKind, NeedsSettings, Params, Step, Work
from workers.ports import Op, Table, literal_table
from workers.preview import ROWS, column_of, table_steps

ASK_ABOVE = 20_000_000
TIMES = 2


class Key(BaseModel):
    """A column of each side that must be equal."""

    left: str | None = Field(None, title="Column", json_schema_extra={"picker": "column", "of": "table", "types": []})
    right: str | None = Field(None, title="Equals", json_schema_extra={"picker": "column", "of": "other", "types": []})


class JoinParams(Params):
    """How rows meet."""

    how: Literal["inner", "left", "right", "full", "semi", "anti"] = Field("left", title="Keep", json_schema_extra={
        "labels": {"inner": "rows that match", "left": "all rows of the first table",
                   "right": "all rows of the other table", "full": "all rows of both",
                   "semi": "first table: rows with a match", "anti": "first table: rows without a match"}})
    keys: list[Key] = Field(default_factory=list, title="Keys", max_length=20)
    suffix: str = Field("_other", title="Added to equal names", min_length=1, max_length=50,
                        description="Columns of the other table whose name is taken get this at the end.",
                        json_schema_extra={"advanced": True, "when": {"how": ["inner", "left", "right", "full"]}})
    allow: int = Field(0, title="Rows agreed to", ge=0, json_schema_extra={"hidden": True})


class Kind(CellKind):
    """Runs once, after counting what it will make; then its rows are kept, or only how to read them."""

    name, title, group, icon, shortcut = "join", "Join", "Prepare", "merge", "J"
    params, keeps, prompt, timeout = JoinParams, True, True, 900.0
    inputs, outputs = {"table": Table, "other": Table}, {"table": Table}
    size = (520, 320)

    def plan(self, params: JoinParams, table: Table, other: Table) -> dict[str, Any]:
        """The joined table."""
        pairs = _pairs(params, table, other)
        op: Op = {"op": "join", "left": table.op, "right": other.op, "how": params.how, "suffix": params.suffix,
                  "keys": [{"left": a, "right": b} for a, b in pairs]}
        return {"table": Table(op)}

    def compute(self, params: JoinParams, table: Table, other: Table, *, work: Work) -> Iterator[Step]:
        """Rows of a sample, then all rows; raises CellError explodes when there would be far too many."""
        if not params.keys:
            raise _proposal(table, other)
        planned, pairs = self.plan(params, table, other)["table"], _pairs(params, table, other)
        level, n, population = levels_of(table)[0]
        if level != EXACT and params.how not in ("right", "full"):
            yield _first_rows(planned, level, n, population)
        if level != EXACT and joins.is_single(params.how, table, other, pairs):
            kept = work.through(Table({**planned.op, "single": True}, planned.columns))
            size = None
        else:
            size = joins.size_of(table.op, other.op, pairs)
            _ask(params, size)
            kept = work.keep(planned)
        for step in table_steps(kept):
            yield replace(step, note=_words(params, size) if size else "")
            # What is read through can be counted once its first rows are shown.
            size = size or joins.size_of(table.op, other.op, pairs)

    def example(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Trips with the names of their zones."""
        trips = literal_table({"zone": "integer", "fare": "number"}, [[1, 12.5], [2, 30.0], [1, 8.0], [9, 5.5]])
        zones = literal_table({"id": "integer", "name": "text"}, [[1, "Airport"], [2, "Harbour"], [3, "Old town"]])
        return {"how": "left", "keys": [{"left": "zone", "right": "id"}]}, {"table": trips, "other": zones}


def _pairs(params: JoinParams, table: Table, other: Table) -> list[tuple[str, str]]:
    if not params.keys:
        raise NeedsSettings("Pick the columns that must be equal", missing=("Keys",))
    pairs = []
    for key in params.keys:
        if not key.left or not key.right:
            raise NeedsSettings("Pick a column of each table", missing=("Keys",))
        column_of(key.left, table.columns, "keys"), column_of(key.right, other.columns, "keys")
        pairs.append((key.left, key.right))
    return pairs


def _proposal(table: Table, other: Table) -> NeedsSettings:
    found = joins.suggest(table, other)
    if found is None:
        return NeedsSettings("Pick the columns that must be equal", missing=("Keys",))
    share = f"{found.overlap:.0%} of the first rows find a match"
    return NeedsSettings(f"Pick the columns that must be equal. Best guess: {found.words}; {share}.", missing=("Keys",),
                         fix={"label": f"Join on {found.words}", "params": found.params})


def _first_rows(planned: Table, level: str, n: int, population: int) -> Step:
    from workers.engine.tables import columns_of

    columns = [{"name": c.name, "type": c.type} for c in columns_of(planned)]
    rows = [[plain(v) for v in row] for row in rows_of(planned, level, ROWS)]
    return Step(view={"type": "table", "columns": columns, "rows": rows, "total": None}, fraction=n / population,
                exact=False, note="Rows of a sample")


def _ask(params: JoinParams, size: joins.Size) -> None:
    rows = size.rows(params.how)
    if rows > max(ASK_ABOVE, TIMES * max(size.left, size.right)) and rows > params.allow:
        raise CellError(
            "explodes", f"This would make {spelled(rows)} rows out of {spelled(size.left)} and {spelled(size.right)}: "
            f"the keys repeat on both sides, up to {size.fan_out:,} matches for one row. Add a key, or group one "
            "table first.", param="keys",
            fix={"label": f"Run it all the same ({spelled(rows)} rows)", "params": {"allow": rows}})


def spelled(count: int) -> str:
    """4.2 B: a count of rows in few characters."""
    for unit, word in ((1_000_000_000, "B"), (1_000_000, "M")):
        if count >= unit:
            return f"{count / unit:.1f} {word}"
    return f"{count:,}"


def _words(params: JoinParams, size: joins.Size) -> str:
    """What matched and what did not."""
    parts = [f"{size.alone_left:,} of {size.left:,} without a match"]
    if params.how in ("right", "full"):
        parts.append(f"{size.alone_right:,} of {size.right:,} on the other side")
    if size.fan_out > 1 and params.how not in ("semi", "anti"):
        parts.append(f"up to {size.fan_out:,} matches for one row")
    return "; ".join(parts)
