"""What people select in a chart or table as conditions on columns: the predicate of a filter link, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from workers.engine.axes import DAYS, MOMENT, NUMERIC
from workers.engine.expression import unknown_column
from workers.kind import CellError
from workers.ports import Column, Predicate

Scalar = str | int | float | bool
MISSING = "missing"
Expression = dict[str, Any]


class Span(BaseModel):
    """A stretch of values, from `low` up to, but without, `high`; with `last`, `high` belongs to it. None is no end."""

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)
    low: float | str | None = None
    high: float | str | None = None
    last: bool = False


class Condition(BaseModel):
    """A row passes when its value is in one of the spans, or one of the values, or missing if that was selected.

    `others` selects what is not in the list: the “other” bar. `unit` reads a part of a date. A `polygon` over the
    columns `column` and `against` was drawn around points.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)
    column: str
    unit: Literal["none", "day_of_week", "hour_of_day"] = "none"
    spans: tuple[Span, ...] = Field(default=(), max_length=200)
    values: tuple[Scalar, ...] = Field(default=(), max_length=1_000)
    others: tuple[Scalar, ...] | None = Field(default=None, max_length=1_000)
    missing: bool = False
    against: str | None = None
    polygon: tuple[tuple[float, float], ...] = Field(default=(), max_length=60)


class Selection(BaseModel):
    """Conditions that all must hold; inverted, the rows that do not pass."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    conditions: tuple[Condition, ...] = Field(default=(), max_length=20)
    invert: bool = False


def selection_field() -> Any:
    """The hidden param `selection` of a kind that can be brushed."""
    return Field(None, title="Selection", json_schema_extra={"hidden": True})


def predicate_of(selection: Selection | None, columns: Sequence[Column]) -> Predicate:
    """The predicate a selection stands for; an empty one lets all pass. Raises CellError unknown_column."""
    if selection is None or not selection.conditions:
        return Predicate()
    known = {column.name: column for column in columns}
    tests = [_expression(one, known) for one in selection.conditions]
    test = tests[0] if len(tests) == 1 else _call("and", *tests)
    if selection.invert:
        # Also rows where the test is unknown, as a value is missing: they did not pass.
        test = _call("if", test, {"lit": False}, {"lit": True})
    return Predicate(test, words_of(selection))


def _call(name: str, *args: Expression) -> Expression:
    return {"fn": name, "args": list(args)}


def _expression(one: Condition, known: dict[str, Column]) -> Expression:
    for name in (one.column, *([one.against] if one.against else [])):
        if name not in known:
            raise unknown_column(name, list(known), param="selection")
    column = known[one.column]
    if one.against:
        return _inside(one)
    value: Expression = {"col": one.column}
    if one.unit != "none":
        value = _call({"day_of_week": "day_of_week", "hour_of_day": "hour"}[one.unit], value)
        column = Column(one.column, "integer")
    parts = [_span(value, span, column) for span in one.spans]
    if one.values:
        parts.append(_call("in", value, *[_literal(v, column, one.unit) for v in one.values]))
    if one.missing:
        parts.append(_call("is_missing", value))
    if one.others is not None:
        parts += _others(value, one, column)
    if not parts:
        return {"lit": False}
    return parts[0] if len(parts) == 1 else _call("or", *parts)


def _others(value: Expression, one: Condition, column: Column) -> list[Expression]:
    named = [_literal(v, column, one.unit) for v in one.others or () if v != MISSING]
    rest = [_call("not", _call("in", value, *named))] if named else [_call("not", _call("is_missing", value))]
    return rest if MISSING in (one.others or ()) else [*rest, _call("is_missing", value)]


def _span(value: Expression, span: Span, column: Column) -> Expression:
    tests = []
    if span.low is not None:
        tests.append(_call(">=", value, _literal(span.low, column)))
    if span.high is not None:
        tests.append(_call("<=" if span.last else "<", value, _literal(span.high, column)))
    if not tests:
        return _call("not", _call("is_missing", value))
    return tests[0] if len(tests) == 1 else _call("and", *tests)


def _literal(value: Scalar, column: Column, unit: str = "none") -> Expression:
    """A value as the type of its column; browsers know weekdays and truth only by name."""
    if unit == "day_of_week" and value in DAYS:
        return {"lit": DAYS.index(str(value))}
    if column.type in MOMENT and isinstance(value, str):
        return {"lit": value, "type": column.type}
    if column.type == "boolean" and isinstance(value, str):
        return {"lit": value == "true"}
    if column.type in NUMERIC and isinstance(value, str):
        try:
            return {"lit": float(value) if column.type == "number" else int(value)}
        except ValueError as error:
            words = f"“{value}” is no number, as “{column.name}” holds."
            raise CellError("bad_value", words, param="selection") from error
    return {"lit": str(value) if column.type == "text" else value}


def _inside(one: Condition) -> Expression:
    """Whether a point lies in a polygon: a ray from it crosses the outline an odd number of times."""
    x, y = {"col": one.column}, {"col": str(one.against)}
    crossings = []
    for (ax, ay), (bx, by) in zip(one.polygon, (*one.polygon[1:], *one.polygon[:1]), strict=True):
        if ay == by:
            continue
        spans = _call("!=", _call(">", y, {"lit": ay}), _call(">", y, {"lit": by}))
        slope = (bx - ax) / (by - ay)
        at = _call("+", _call("*", _call("-", y, {"lit": ay}), {"lit": slope}), {"lit": ax})
        crossings.append(_call("if", _call("and", spans, _call("<", x, at)), {"lit": 1}, {"lit": 0}))
    if len(crossings) < 2:
        return {"lit": False}
    total = crossings[0]
    for term in crossings[1:]:
        total = _call("+", total, term)
    return _call("=", _call("%", total, {"lit": 2}), {"lit": 1})


def words_of(selection: Selection) -> str:
    """A selection in words: "dep_delay 15 to 60, carrier UA"."""
    said = ", ".join(_words(one) for one in selection.conditions)
    return f"all but {said}" if selection.invert else said


def _words(one: Condition) -> str:
    if one.against:
        return f"an area of {one.column} and {one.against}"
    parts = [_span_words(span) for span in one.spans]
    parts += [str(v) for v in one.values[:3]]
    if len(one.values) > 3:
        parts.append(f"{len(one.values) - 3} more")
    parts += ["missing"] if one.missing else []
    parts += ["other"] if one.others is not None else []
    return f"{one.column} {' or '.join(parts)}"


def _span_words(span: Span) -> str:
    low, high = (_short(v) for v in (span.low, span.high))
    if span.low is None or span.high is None:
        return f"from {low}" if span.high is None else f"below {high}"
    return f"{low} to {high}"


def _short(value: float | str | None) -> str:
    return f"{value:.6g}" if isinstance(value, (int, float)) else str(value)
