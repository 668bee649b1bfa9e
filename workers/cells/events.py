"""Count or sum up events within intervals.

Connect the events to the first port and a table of intervals, with a start and an end, to the second. Each interval
gets the number of events in it, and sums or means of their values; its start counts, its end does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import BaseModel, Field

from workers.kind import CellKind, NeedsSettings, Params, Step, Work, pick_column
from workers.ports import Op, Table, literal_table
from workers.preview import column_of, table_steps


class EventValue(BaseModel):
    """A value of the events of an interval."""

    function: Literal["count", "sum", "mean", "median", "min", "max", "distinct"] = Field(
        "count", title="Function", json_schema_extra={"labels": {"count": "events", "distinct": "distinct values"}})
    column: str | None = Field(None, title="Column", json_schema_extra={
        "picker": "column", "of": "table", "types": [], "when": {"function": [
            "sum", "mean", "median", "min", "max", "distinct"]}})
    name: str = Field("", title="Name", max_length=200, description="Made up when empty.")


class EventsParams(Params):
    """Which columns are times, and what is computed."""

    time: str | None = pick_column(title="Time of events")
    start: str | None = pick_column(title="Start", of="other")
    end: str | None = pick_column(title="End", of="other")
    event_key: str | None = pick_column(title="Key of events", description="Only events of the same key count.")
    span_key: str | None = pick_column(title="Key of intervals", of="other")
    values: list[EventValue] = Field(default_factory=lambda: [EventValue()], title="Compute", max_length=50)


class Kind(CellKind):
    """A materialising step."""

    name, title, group, icon = "events", "Events in intervals", "Prepare", "calendar-clock"
    params, keeps, prompt, timeout = EventsParams, True, True, 600.0
    inputs, outputs = {"table": Table, "other": Table}, {"table": Table}

    def plan(self, params: EventsParams, table: Table, other: Table) -> dict[str, Any]:
        """The intervals with their values."""
        asked = (("Time of events", params.time), ("Start", params.start), ("End", params.end))
        missing = tuple(words for words, value in asked if not value)
        if missing or not params.values:
            raise NeedsSettings("Pick the time of events and the ends of intervals", missing=missing or ("Compute",))
        keys = []
        if params.event_key and params.span_key:
            keys = [[column_of(params.event_key, table.columns, "event_key").name,
                     column_of(params.span_key, other.columns, "span_key").name]]
        op: Op = {"op": "events", "input": table.op, "intervals": other.op, "keys": keys,
                  "time": column_of(params.time or "", table.columns, "time").name,
                  "start": column_of(params.start or "", other.columns, "start").name,
                  "end": column_of(params.end or "", other.columns, "end").name,
                  "measures": [_measure(value, table) for value in params.values]}
        return {"table": Table(op)}

    def compute(self, params: EventsParams, table: Table, other: Table, *, work: Work) -> Iterator[Step]:
        """The intervals with their values, kept."""
        yield from table_steps(work.keep(self.plan(params, table, other)["table"]))

    def example(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Calls within shifts."""
        calls = literal_table({"at": "datetime", "minutes": "number"},
                              [["2024-01-01 09:10", 4.0], ["2024-01-01 11:00", 2.5], ["2024-01-01 15:30", 8.0]])
        shifts = literal_table({"shift": "text", "from": "datetime", "to": "datetime"},
                               [["early", "2024-01-01 06:00", "2024-01-01 14:00"],
                                ["late", "2024-01-01 14:00", "2024-01-01 22:00"]])
        values = [{"function": "count", "name": "calls"}, {"function": "sum", "column": "minutes"}]
        return {"time": "at", "start": "from", "end": "to", "values": values}, {"table": calls, "other": shifts}


def _measure(value: EventValue, table: Table) -> dict[str, Any]:
    if value.function == "count":
        return {"function": "count", "name": value.name or "events"}
    if not value.column:
        raise NeedsSettings(f"Pick a column to compute the {value.function} of", missing=("Column",))
    return {"function": value.function, "column": column_of(value.column, table.columns, "values").name,
            "name": value.name}
