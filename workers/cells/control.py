"""Set a value by hand: a slider, a list, a range of dates or a text.

Link “value” to a setting of another cell, and that cell follows. With a table connected, a column gives the slider its
range and the list its options; “selection” then filters other cells by that column. Setting it needs the right to edit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from workers.engine.approx import Query, answer
from workers.engine.axes import NUMERIC
from workers.engine.selection import Condition, Selection, Span, predicate_of
from workers.engine.tables import exact_range
from workers.kind import CellError, CellKind, NeedsSettings, Params, Step, pick_column
from workers.ports import Column, Predicate, Table, Value, literal_table
from workers.preview import column_of

MOST_OPTIONS = 500
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class ControlParams(Params):
    """Which control, what it offers, and what is set."""

    control: Literal["slider", "select", "dates", "text"] = Field(
        "slider", title="Control", json_schema_extra={"labels": {"select": "list", "dates": "date range"}})
    column: str | None = pick_column(title="Column", description="Gives the range or the options, and is filtered by.")
    low: float = Field(0.0, title="From", json_schema_extra={"when": {"control": ["slider"], "column": [None]}})
    high: float = Field(100.0, title="To", json_schema_extra={"when": {"control": ["slider"], "column": [None]}})
    step: float | None = Field(None, gt=0, title="Step", json_schema_extra={"when": {"control": ["slider"]},
                                                                             "advanced": True})
    options: list[str] = Field(default_factory=list, max_length=MOST_OPTIONS, title="Options",
                               json_schema_extra={"when": {"control": ["select"], "column": [None]}})
    test: Literal[">=", "<=", "="] = Field(">=", title="Keeps", json_schema_extra={
        "when": {"control": ["slider"], "column": ["*"]},
        "labels": {">=": "rows of at least the value", "<=": "rows of at most the value", "=": "rows of the value"}})
    value: str | float | bool | None = Field(None, title="Value", json_schema_extra={"hidden": True})
    until: str | None = Field(None, title="Until", json_schema_extra={"hidden": True})


class Kind(CellKind):
    """A widget whose value other cells take; moving it runs what follows, not the control."""

    name, title, group, icon = "control", "Control", "Explore", "sliders-horizontal"
    params, view, size = ControlParams, "control", (300, 180)
    inputs, optional_inputs = {"table": Table}, frozenset({"table"})
    outputs = {"value": Value, "until": Value, "selection": Predicate}
    steers = frozenset({"value", "until"})

    def plan(self, params: ControlParams, table: Table | None = None) -> dict[str, Any]:
        """What is set, and the rows it keeps of a table that has its column."""
        value = _fitting(params)
        if value is None and params.control == "slider" and not params.column:
            value = params.low
        if value is None and params.control == "select" and params.options:
            value = params.options[0]
        predicate = Predicate()
        if table is not None and params.column and value is not None:
            found = column_of(params.column, table.columns, "column")
            if found.type not in NUMERIC or _is_number(value):
                condition = _condition(params, found, value)
                predicate = predicate_of(Selection(conditions=(condition,)), table.columns)
        until = params.until if params.control == "dates" else None
        return {"value": Value(value), "until": Value(until), "selection": predicate}

    def compute(self, params: ControlParams, table: Table | None = None) -> Iterator[Step]:
        """What the widget offers."""
        view: dict[str, Any] = {"type": "control", "control": params.control, "step": params.step}
        if params.column and table is not None:
            view |= _offered(params, params.column, table)
        elif params.control == "slider":
            if params.high <= params.low:
                raise CellError("empty_range", "The range ends before it begins.", param="high")
            view |= {"low": params.low, "high": params.high}
        elif params.control == "select":
            if not params.options:
                raise NeedsSettings("Write the options, or connect a table and pick a column.", missing=("Options",))
            view["options"] = params.options
        yield Step(view=view)

    def example(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """A city of three."""
        cities = literal_table({"city": "text"}, [["Oslo"], ["Lima"], ["Oslo"], ["Turin"]])
        return {"control": "select", "column": "city", "value": "Oslo"}, {"table": cities}


def _fitting(params: ControlParams) -> str | float | bool | None:
    """What is set, unless it was set with another control: that is as if nothing were."""
    value = params.value
    if params.control == "slider":
        return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
    if params.control == "dates":
        return value if isinstance(value, str) and _DAY.match(value) else None
    return value


def _is_number(value: str | float | bool) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _offered(params: ControlParams, name: str, table: Table) -> dict[str, Any]:
    """Range or options, from the whole column."""
    column = column_of(name, table.columns, "column")
    if params.control == "select":
        exact = [*answer(table, Query((name,), limit=MOST_OPTIONS))][-1]
        return {"options": [row[0] for row in exact.rows if row[0] is not None]}
    wanted = {"slider": ("integer", "number"), "dates": ("date", "datetime")}.get(params.control)
    if wanted and column.type not in wanted:
        what = "numbers" if params.control == "slider" else "dates"
        words = f"This control needs {what}, but “{name}” is {column.type}."
        raise CellError("type_mismatch", words, param="column", fix={"label": "Make it a list",
                                                                     "params": {"control": "select"}})
    if not wanted:
        return {}
    low, high = exact_range(table, name)
    return {"low": low, "high": high, "whole": column.type == "integer"}


def _condition(params: ControlParams, found: Column, value: str | float | bool) -> Condition:
    column = found.name
    if params.control == "dates":
        # The last day belongs to the range, to its end.
        end = f"{params.until}T23:59:59.999999" if params.until and found.type == "datetime" else params.until
        return Condition(column=column, spans=(Span(low=str(value), high=end, last=True),))
    if params.control == "slider" and params.test != "=" and isinstance(value, (int, float)):
        low, high = (value, None) if params.test == ">=" else (None, value)
        return Condition(column=column, spans=(Span(low=low, high=high, last=True),))
    return Condition(column=column, values=(value,))
