"""What flows through a port: Table (a plan, not a frame), Model, Predicate, Value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Op = dict[str, Any]
"""One node of the JSON op spec; `workers.engine.ops` defines and checks its shapes."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its name and our own type word."""

    name: str
    type: Literal["integer", "number", "boolean", "text", "date", "datetime", "time", "other"]


@dataclass(frozen=True, slots=True)
class Table:
    """A lazy table: an op tree over immutable sources, with its columns known before anything runs."""

    op: Op
    columns: tuple[Column, ...] = ()


def literal_table(columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> Table:
    """A small table written out: {name: type} and rows; for examples and tests."""
    named = [{"name": name, "type": word} for name, word in columns.items()]
    return Table({"op": "inline", "columns": named, "rows": [list(r) for r in rows]},
                 tuple(Column(name, word) for name, word in columns.items()))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Model:
    """A fitted model, by reference into the store."""

    ref: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class Predicate:
    """A condition on rows, as an expression of the op spec; a filter link carries it. An empty one lets all pass."""

    expression: dict[str, Any] = field(default_factory=dict)
    words: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """One scalar that parameterises other cells."""

    value: str | float | int | bool | None = None


Port = type[Table] | type[Model] | type[Predicate] | type[Value]
PORT_TYPES: dict[str, Port] = {"table": Table, "model": Model, "predicate": Predicate, "value": Value}
