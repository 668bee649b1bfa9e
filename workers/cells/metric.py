"""One number, large: a count, sum or mean of a table, with how it changed.

Pick a column of dates to see its course. Compare with the period before, with a target, or with a second table. A large
table answers from a sample first, with an interval.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from workers.engine.approx import Answer, Query, answer, answer_like
from workers.engine.axes import auto_unit
from workers.engine.ops import Measure
from workers.engine.tables import compiled, exact_range
from workers.kind import CellKind, NeedsSettings, Params, Step, pick_column
from workers.ports import Table, literal_table
from workers.preview import column_of

POINTS = 120
VALUE = "value"


class MetricParams(Params):
    """Which number, and against what."""

    aggregate: Literal["count", "sum", "mean", "median", "min", "max", "distinct"] = Field(
        "count", title="Number", json_schema_extra={"labels": {
            "count": "number of rows", "distinct": "different values", "min": "smallest", "max": "largest"}})
    column: str | None = pick_column(title="Of", when={
        "aggregate": ["sum", "mean", "median", "min", "max", "distinct"]})
    time: str | None = pick_column(title="Over time", types=("date", "datetime"), description="Draws its course.")
    unit: Literal["auto", "year", "quarter", "month", "week", "day", "hour"] = Field(
        "auto", title="By", json_schema_extra={"when": {"time": ["*"]}, "labels": {"auto": "found by itself"}})
    compare: Literal["none", "previous", "target", "table"] = Field("none", title="Compare", json_schema_extra={
        "labels": {"none": "with nothing", "previous": "with the period before", "target": "with a target",
                   "table": "with the second table"}})
    target: float | None = Field(None, title="Target", json_schema_extra={"when": {"compare": ["target"]}})
    suffix: str = Field("", max_length=12, title="Unit", json_schema_extra={"placeholder": "min, %, €"})


class Kind(CellKind):
    """A number with its change and course; its first step comes from a sample."""

    name, title, group, icon = "metric", "Metric", "Explore", "gauge"
    params, prompt, view, size = MetricParams, True, "metric", (300, 200)
    inputs, optional_inputs = {"table": Table, "other": Table}, frozenset({"other"})

    def compute(self, params: MetricParams, table: Table, other: Table | None = None) -> Iterator[Step]:
        """Better and better numbers, the last exact."""
        measure = _measure(params, table)
        if params.compare == "table" and other is None:
            raise NeedsSettings("Connect a second table to compare with.", missing=("other",))
        if params.compare == "previous" and not params.time:
            raise NeedsSettings("Pick a column of dates to compare periods.", missing=("Over time",))
        if params.compare == "target" and params.target is None:
            raise NeedsSettings("Write the target.", missing=("Target",))
        if params.compare == "table" and other is not None:
            _measure(params, other)
        unit = _unit(params, table)
        for step in answer(table, Query((), (measure,))):
            yield _shown(params, table, other, measure, unit, step)

    def example(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Mean delay against a target."""
        flights = literal_table({"day": "date", "delay": "number"},
                                [["2013-01-01", 12.0], ["2013-01-02", 8.0], ["2013-02-01", 4.0]])
        return {"aggregate": "mean", "column": "delay", "time": "day", "compare": "previous"}, {"table": flights}


def _measure(params: MetricParams, table: Table) -> Measure:
    columns = compiled(table).columns
    if params.time:
        column_of(params.time, columns, "time")
    if params.aggregate == "count":
        return Measure(function="count", name=VALUE)
    if not params.column:
        raise NeedsSettings("Pick the column of the number.", missing=("Of",))
    column_of(params.column, columns, "column")
    return Measure(function=params.aggregate, column=params.column, name=VALUE)


def _unit(params: MetricParams, table: Table) -> str:
    if not params.time or params.unit != "auto":
        return params.unit if params.time else "none"
    kind = column_of(params.time, compiled(table).columns, "time").type
    return auto_unit(exact_range(table, params.time), 36, kind)


def _shown(params: MetricParams, table: Table, other: Table | None, measure: Measure, unit: str, step: Answer) -> Step:
    value, low, high = _one(step)
    course = _course(params, table, measure, unit, step) if params.time else []
    against, words, period = None, "", ""
    if params.compare == "target":
        against, words = params.target, "the target"
    elif params.compare == "table" and other is not None:
        against, words = _one([*answer(other, Query((), (measure,)))][-1])[0], "the second table"
    elif params.compare == "previous" and course:
        value, period = course[-1][1], str(course[-1][0])
        low = high = None
        against, words = (course[-2][1], str(course[-2][0])) if len(course) > 1 else (None, "")
    view = {"type": "metric", "value": value, "low": low, "high": high, "exact": step.exact, "suffix": params.suffix,
            "of": _words(params), "period": period, "unit": unit, "course": course,
            "against": None if against is None else {"value": against, "words": words}}
    view["summary"] = _summary(view)
    return Step(view=view, fraction=step.fraction, exact=step.exact, interval=step.interval, note=step.note)


def _one(step: Answer) -> tuple[Any, float | None, float | None]:
    """(value, low, high) of an ungrouped answer."""
    value = step.rows[0][0] if step.rows else None
    low, high = (side[VALUE][0] if side.get(VALUE) else None for side in (step.low, step.high))
    return value, low, high


def _course(params: MetricParams, table: Table, measure: Measure, unit: str, step: Answer) -> list[list[Any]]:
    query = Query((str(params.time),), (measure,), time_unit=unit, order="key")
    rows = [row for row in answer_like(step, table, query).rows if row[0] is not None and row[1] is not None]
    return [[str(key).removesuffix("T00:00:00"), value] for key, value in rows][-POINTS:]


def _words(params: MetricParams) -> str:
    if params.aggregate == "count":
        return "rows"
    words = {"distinct": "different values", "min": "smallest", "max": "largest"}
    return f"{words.get(params.aggregate, params.aggregate)} of {params.column}"


def _summary(view: dict[str, Any]) -> str:
    value = view["value"]
    said = "none" if value is None else f"{value:,.6g}" if isinstance(value, (int, float)) else str(value)
    about = "" if view["exact"] else "about "
    when = f" in {view['period']}" if view["period"] else ""
    against = view["against"]
    change = ""
    if against and isinstance(value, (int, float)) and isinstance(against["value"], (int, float)):
        change = f", {value - against['value']:+,.4g} against {against['words']}"
    return f"{view['of']}{when}: {about}{said}{view['suffix'] and ' ' + view['suffix']}{change}."
