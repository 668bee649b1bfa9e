"""Keep the rows that meet a condition.

Pick a column, a test and a value. Rows where the column is missing meet no test but “is missing”. Cells behind a filter
follow at once while its value is dragged: they read through it, on a sample first.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from workers.kind import CellError, CellKind, NeedsSettings, Params, Step, pick_column
from workers.ports import Column, Op, Table, literal_table
from workers.preview import column_of, table_steps

Scalar = str | int | float | bool | None
_SIGNS = {"=": "=", "≠": "!=", "<": "<", "≤": "<=", ">": ">", "≥": ">="}


class FilterParams(Params):
    """One condition."""

    column: str | None = pick_column(title="Column")
    test: Literal["=", "≠", "<", "≤", ">", "≥", "between", "in", "contains", "is missing", "is not missing"] = Field(
        "=", title="Test", json_schema_extra={"labels": {"in": "is one of"}})
    value: Scalar = Field(None, title="Value", json_schema_extra={
        "picker": "value", "of": "column", "when": {"test": [*_SIGNS, "between", "contains"]}})
    value2: Scalar = Field(None, title="And", description="The upper end; both ends are included.", json_schema_extra={
        "picker": "value", "of": "column", "when": {"test": ["between"]}})
    values: list[Scalar] = Field(default_factory=list, title="Values", max_length=1000, json_schema_extra={
        "picker": "values", "of": "column", "when": {"test": ["in"]}})
    negate: bool = Field(False, title="Keep the other rows", description="Turn the condition around.")


class Kind(CellKind):
    """A row-wise step: its table exists as soon as the condition does."""

    name, title, group, icon, shortcut = "filter", "Filter", "Prepare", "filter", "F"
    params, prompt = FilterParams, True
    inputs, outputs = {"table": Table}, {"table": Table}

    def plan(self, params: FilterParams, table: Table) -> dict[str, Any]:
        """The table with the condition on top."""
        if not params.column:
            raise NeedsSettings("Pick a column to filter by", missing=("Column",))
        column = column_of(params.column, table.columns, "column")
        test = condition(params, column)
        if params.negate:
            # A row whose test is unknown did not pass, so it belongs to the others.
            test = _call("not", _call("coalesce", test, {"lit": False}))
        return {"table": Table({"op": "filter", "input": table.op, "expression": test}, table.columns)}

    def compute(self, params: FilterParams, table: Table) -> Iterator[Step]:
        """The rows that are left."""
        yield from table_steps(self.plan(params, table)["table"])

    def example(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The warm days of a week."""
        week = literal_table({"day": "text", "degrees": "integer"},
                             [["Mon", 17], ["Tue", 21], ["Wed", 24], ["Thu", None], ["Fri", 19]])
        return {"column": "degrees", "test": "≥", "value": 20}, {"table": week}


def condition(params: FilterParams, column: Column) -> Op:
    """The expression of one test, with values read as the column's type."""
    col: Op = {"col": column.name}
    if params.test in ("is missing", "is not missing"):
        missing = _call("is_missing", col)
        return missing if params.test == "is missing" else _call("not", missing)
    if params.test == "in":
        if not params.values:
            raise NeedsSettings("Pick one or more values to keep", missing=("Values",))
        return _call("in", col, *(literal(v, column, "values") for v in params.values))
    if params.value is None or params.value == "":
        raise NeedsSettings(f"Set a value to compare “{column.name}” with", missing=("Value",))
    if params.test == "contains":
        # People search text without minding capitals.
        return _call("contains", _call("lower", _call("text", col)), {"lit": str(params.value).lower()})
    low = literal(params.value, column, "value")
    if params.test != "between":
        return _call(_SIGNS[params.test], col, low)
    if params.value2 is None or params.value2 == "":
        raise NeedsSettings("Set the upper end", missing=("And",))
    return _call("between", col, low, literal(params.value2, column, "value2"))


def literal(value: Scalar, column: Column, param: str) -> Op:
    """A value as a literal of the column's type; raises CellError bad_value when it does not fit."""
    text = str(value).strip()
    if column.type in ("integer", "number"):
        return {"lit": _number(text, column, param)}
    if column.type == "boolean":
        words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
        if text.lower() not in words:
            raise CellError("bad_value", f"“{text}” is neither true nor false.", param=param)
        return {"lit": words[text.lower()]}
    if column.type in ("date", "datetime", "time"):
        return {"lit": text, "type": column.type}
    return {"lit": value if isinstance(value, str) else text}


def _number(text: str, column: Column, param: str) -> int | float:
    try:
        number = float(text)
        if not math.isfinite(number):
            raise ValueError(text)
        if column.type == "integer" and number.is_integer():
            # Past 2^53 only the digits themselves tell one id from the next.
            return int(number) if abs(number) < 2**53 else int(text)
    except ValueError as error:
        message = f"“{text}” is not a number, and “{column.name}” holds numbers."
        raise CellError("bad_value", message, param=param) from error
    return number


def _call(name: str, *args: Op) -> Op:
    return {"fn": name, "args": list(args)}
