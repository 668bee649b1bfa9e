"""Get to know a table: what each column holds, what is wrong with it, and what goes together.

Types, missing and distinct values, quantiles, histograms and the most frequent values of each column; duplicate rows,
constant and identifier columns, correlations. Pick a target to see what goes with it, and what knows it too well. Link
a second table to see how far each column moved. What looks wrong can be cleaned with one click.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from workers.engine.approx import short
from workers.engine.drift import drift
from workers.engine.survey import Survey, survey
from workers.kind import CellKind, Params, Step, pick_column, pick_columns
from workers.ports import Table, literal_table
from workers.preview import column_of, columns_named


class ProfileParams(Params):
    """What to look at."""

    columns: list[str] = pick_columns(title="Columns", description="All of them when none is picked.", max_length=2000)
    target: str | None = pick_column(title="Target", description="What you want to predict: shows what goes with it, "
                                     "and warns of columns that know it too well.")
    correlations: bool = Field(True, title="Correlations")


class Kind(CellKind):
    """Looks at all of a table in stages: a sample first, then every row."""

    name, title, group, icon, shortcut = "profile", "Profile", "Explore", "table-properties", "I"
    params, prompt = ProfileParams, True
    inputs, outputs = {"table": Table, "other": Table}, {}
    optional_inputs = frozenset({"other"})
    view, size = "profile", (560, 520)

    def compute(self, params: ProfileParams, table: Table, other: Table | None = None) -> Iterator[Step]:
        """The survey of a sample, then each stage of the exact one, then how the other table differs."""
        if params.target:
            column_of(params.target, table.columns, "target")
        columns = columns_named(params.columns, table.columns, "columns")
        if columns:
            kept = list(dict.fromkeys([*columns, *([params.target] if params.target else [])]))
            table = _only(table, kept)
            names = {c.name for c in other.columns} if other else set()
            other = _only(other, [n for n in kept if n in names]) if other and names & set(kept) else None
        seen: Survey | None = None
        for seen in survey(table, target=params.target, correlate=params.correlations):
            if seen.fraction < 1 or other is not None:
                yield _step(seen, exact=False, share=0.6 if other is not None else 1.0)
        assert seen is not None
        if other is None:
            yield _step(seen, exact=True)
            return
        beside: Survey | None = None
        for beside in survey(other, correlate=False):
            yield _step(seen, exact=False, beside=beside)
        assert beside is not None
        yield _step(seen, exact=True, beside=beside, moved=drift(seen, beside, table, other))

    def example(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """A week of weather, whose degrees in words know the target."""
        week = literal_table(
            {"day": "text", "degrees": "integer", "felt": "text", "rain": "number"},
            [["Mon", 17, "cool", 0.0], ["Tue", 21, "warm", 1.5], ["Wed", 24, "warm", None], ["Thu", 16, "cool", 4.0],
             ["Fri", 19, "cool", 0.5], ["Sat", 26, "warm", 0.0], ["Sun", 25, "warm", 0.0]])
        return {"target": "felt"}, {"table": week}


def _only(table: Table, names: list[str]) -> Table:
    by_name = {c.name: c for c in table.columns}
    return Table({"op": "select", "input": table.op, "columns": names}, tuple(by_name[n] for n in names))


def _step(seen: Survey, *, exact: bool, share: float = 1.0, beside: Survey | None = None,
          moved: list[dict[str, Any]] | None = None) -> Step:
    view: dict[str, Any] = {"type": "profile", **seen.json()}
    if beside is not None:
        view["other"] = {"rows": beside.rows, "duplicates": beside.duplicates, "drift": moved}
    note = "" if seen.level is None else f"≈ {short(seen.level[0])} of {short(seen.level[1])} rows"
    return Step(view=view, fraction=1.0 if exact else min(0.95, seen.fraction * share), exact=exact, note=note,
                rows=seen.rows)
