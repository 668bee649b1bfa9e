"""Numbers that filters compare with, lifted out of an op: a dragged value changes a query's text, not its plan."""

from __future__ import annotations

import re
from typing import Any

from workers.ports import Op

_COMPARES = frozenset({"=", "!=", "<", "<=", ">", ">=", "between"})
_PASSES = frozenset({"and", "or", "not", "coalesce"})
_MARK = "918273645"
_MARKS = re.compile(rf"{_MARK}\d+(?:\.0625)?")
_DEEPEST, _MOST = 200, 1_000


def lifted(op: Op, text: str) -> tuple[Op, dict[str, str]]:
    """The op with marks for the numbers of its filters, and {mark: number} as they are printed in SQL.

    Equal numbers get one mark, so that what is written twice still is. `text` is the op's JSON: an op that holds a mark
    by chance, or in bad faith, is left as it is; so is one without such numbers.
    """
    marks: dict[tuple[type, Any], Any] = {}
    marked = _op(op, marks, 0) if _MARK not in text else op
    return marked, {str(mark): str(value) for (_, value), mark in marks.items()}


def filled(sql: str, values: dict[str, str]) -> str:
    """The SQL of a marked op with its numbers put in."""
    return _MARKS.sub(lambda found: values[found.group()], sql)


def _op(part: Any, marks: dict[tuple[type, Any], Any], depth: int) -> Any:
    if depth > _DEEPEST:
        return part
    if isinstance(part, list):
        return [_op(each, marks, depth + 1) for each in part]
    if not isinstance(part, dict) or part.get("op") == "inline":
        return part
    if part.get("op") == "filter":
        part = {**part, "expression": _expression(part.get("expression"), marks, depth)}
    return {key: value if key == "expression" else _op(value, marks, depth + 1) for key, value in part.items()}


def _expression(part: Any, marks: dict[tuple[type, Any], Any], depth: int) -> Any:
    if depth > _DEEPEST or not isinstance(part, dict) or not isinstance(part.get("args"), (list, tuple)):
        return part
    if part.get("fn") in _PASSES:
        return {**part, "args": [_expression(each, marks, depth + 1) for each in part["args"]]}
    if part.get("fn") in _COMPARES:
        return {**part, "args": [_number(each, marks) for each in part["args"]]}
    return part


def _number(part: Any, marks: dict[tuple[type, Any], Any]) -> Any:
    """A mark of the same type for a number that stands alone."""
    value = part.get("lit") if isinstance(part, dict) and set(part) == {"lit"} else None
    if type(value) not in (int, float) or len(marks) == _MOST:
        return part
    # By text as well: 0.0 and -0.0 are equal, and print differently.
    key = (type(value), value if value else str(value))
    if key not in marks:
        number = int(f"{_MARK}{len(marks):03}")
        marks[key] = number if isinstance(value, int) else number + 0.0625
    return {"lit": marks[key]}
