"""Group rows and compute a value for each group.

Pick columns to group by and the values to compute: a count, sum, mean, median and so on. Without columns to group by
there is one row over everything. Dates among the groups are cut to the time unit first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import BaseModel, Field

from workers.engine.approx import FEW_MATCHED, PREVIEWED, Answer, Query, ask_level, levels_of
from workers.engine.duck import EXACT
from workers.engine.ops import Measure as OpMeasure
from workers.kind import CellError, CellKind, NeedsSettings, Params, Step, Work, pick_columns
from workers.ports import Column, Op, Table, literal_table
from workers.preview import ROWS, column_of, columns_named, table_steps


class Measure(BaseModel):
    """A value to compute for each group."""

    function: Literal["count", "sum", "mean", "median", "min", "max", "distinct", "stddev", "missing", "first"] = Field(
        "count", title="Function", json_schema_extra={"labels": {
            "count": "rows", "distinct": "distinct values", "stddev": "standard deviation",
            "missing": "missing values"}})
    column: str | None = Field(None, title="Column", json_schema_extra={
        "picker": "column", "of": "table", "types": [], "when": {"function": [
            "sum", "mean", "median", "min", "max", "distinct", "stddev", "missing", "first"]}})
    name: str = Field("", title="Name", description="Name of the result column; made up when empty.", max_length=200)


class AggregateParams(Params):
    """Groups and measures."""

    by: list[str] = pick_columns(title="Group by", max_length=50)
    measures: list[Measure] = Field(default_factory=lambda: [Measure()], title="Compute", max_length=200)
    time_unit: Literal["none", "year", "quarter", "month", "week", "day", "hour", "day_of_week", "hour_of_day"] = Field(
        "none", title="Cut dates to", json_schema_extra={"labels": {
            "none": "as they are", "day_of_week": "day of week", "hour_of_day": "hour of day"}})


class Kind(CellKind):
    """A materialising step: the groups are computed once and kept."""

    name, title, group, icon, shortcut = "aggregate", "Group by", "Prepare", "sigma", "G"
    params, keeps, prompt = AggregateParams, True, True
    inputs, outputs = {"table": Table}, {"table": Table}

    def plan(self, params: AggregateParams, table: Table) -> dict[str, Any]:
        """One row for each group."""
        by = columns_named(params.by, table.columns, "by")
        if not by and not params.measures:
            raise NeedsSettings("Pick columns to group by or values to compute", missing=("Group by", "Compute"))
        measures = [_measure(m, table.columns) for m in params.measures]
        op: Op = {"op": "aggregate", "input": table.op, "by": by, "measures": measures, "time_unit": params.time_unit}
        return {"table": Table({"op": "sort", "input": op, "by": [{"column": name} for name in by]} if by else op)}

    def compute(self, params: AggregateParams, table: Table, *, work: Work) -> Iterator[Step]:
        """The groups as a sample shows them, then all of them, kept."""
        planned = self.plan(params, table)["table"]
        if guess := sampled(params, table):
            columns = [{"name": c.name, "type": c.type} for c in guess.columns]
            yield Step(view={"type": "table", "columns": columns, "rows": guess.rows[:ROWS], "total": None},
                       fraction=guess.fraction, exact=False, interval=guess.interval, note=guess.note)
        yield from table_steps(work.keep(planned))

    def example(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Mean mass of each species."""
        birds = literal_table({"species": "text", "mass": "number"},
                              [["Adelie", 3750.0], ["Gentoo", 5000.0], ["Adelie", 3800.0], ["Gentoo", None]])
        measures = [{"function": "count", "name": "birds"}, {"function": "mean", "column": "mass", "name": "mean_mass"}]
        return {"by": ["species"], "measures": measures}, {"table": birds}


def sampled(params: AggregateParams, table: Table) -> Answer | None:
    """The groups by the first sample level of a large table; None where a sample would mislead or there is none."""
    measures = tuple(OpMeasure.model_validate(_measure(m, table.columns)) for m in params.measures)
    level, n, population = levels_of(table)[0]
    if level == EXACT or not measures or not {m.function for m in measures} <= PREVIEWED:
        return None
    guess = ask_level(table, Query(tuple(params.by), measures, params.time_unit, order="key"), level, n, population)
    return guess if guess.matched >= FEW_MATCHED else None


def _measure(measure: Measure, columns: tuple[Column, ...]) -> dict[str, Any]:
    if measure.function == "count":
        return {"function": "count", "name": measure.name}
    if not measure.column:
        raise NeedsSettings(f"Pick a column to compute the {measure.function} of", missing=("Column",))
    column = column_of(measure.column, columns, "measures")
    if measure.function in ("sum", "mean", "median", "stddev") and column.type not in ("integer", "number", "boolean"):
        message = f"“{column.name}” holds {column.type}, so it has no {measure.function}."
        raise CellError("bad_type", message, param="measures")
    return {"function": measure.function, "column": column.name, "name": measure.name}
