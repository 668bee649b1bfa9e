"""Filter links: predicates put as conditions on the tables that enter a cell, wherever their columns are found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workers.engine.expression import columns_in, unknown_column
from workers.ports import Predicate, Table


def filtered(inputs: Mapping[str, Any], filters: Sequence[Predicate]) -> dict[str, Any]:
    """The inputs with every predicate on each table that has its columns.

    Raises CellError `unknown_column` when a predicate fits none of them: a filter that does nothing would mislead.
    """
    asked = [predicate for predicate in filters if predicate.expression]
    for predicate in asked:
        _fits_somewhere(predicate, inputs)
    return {port: _port(value, asked) for port, value in inputs.items()} if asked else dict(inputs)


def _port(value: Any, filters: Sequence[Predicate]) -> Any:
    if isinstance(value, dict):
        return {name: _port(each, filters) for name, each in value.items()}
    if not isinstance(value, Table):
        return value
    tests = [p.expression for p in filters if columns_in(p.expression) <= _names(value)]
    if not tests:
        return value
    test = tests[0] if len(tests) == 1 else {"fn": "and", "args": tests}
    return Table({"op": "filter", "input": value.op, "expression": test}, value.columns)


def _fits_somewhere(predicate: Predicate, inputs: Mapping[str, Any]) -> None:
    tables = [t for value in inputs.values() for t in (value.values() if isinstance(value, dict) else [value])
              if isinstance(t, Table)]
    needed = columns_in(predicate.expression)
    if tables and not any(needed <= _names(table) for table in tables):
        best = max(tables, key=lambda table: len(needed & _names(table)))
        raise unknown_column(min(needed - _names(best)), sorted(_names(best)))


def _names(table: Table) -> set[str]:
    return {column.name for column in table.columns}
