"""Several grouped questions to one table, answered by one scan of it: GROUPING SETS over what they share."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from workers.engine.compile import Compiled, Filled, compile_op, selects_over
from workers.engine.duck import EXACT, engine
from workers.engine.literals import filled
from workers.engine.ops import Aggregate, OpNode
from workers.engine.ops.rows import Derive
from workers.ports import Op

SHARED = frozenset(("count", "sum", "mean", "min", "max", "stddev", "missing"))
"""Measures that need no more than a few numbers a group: they may as well be computed of every grouping."""
ROWS = "__rows"
Fetched = tuple[list[tuple[Any, ...]], int]
"""Rows of keys, measures and the number of all groups; and that number."""


@dataclass(frozen=True, slots=True)
class Question:
    """A grouped question to a level; its last measure, `__rows`, counts. At most `limit` groups, largest or by key."""

    plan: Compiled
    limit: int
    by_key: bool = False
    level: str = EXACT


@dataclass(frozen=True, slots=True)
class _Part:
    """A question over the table that others read, too: columns that it derives, and its aggregate."""

    place: int
    derived: tuple[Derive, ...]
    aggregate: Aggregate

    def text(self) -> str:
        """What tells it from other questions to its table."""
        return json.dumps([[d.name, d.expression] for d in self.derived]) + self.aggregate.model_dump_json(
            exclude={"input"})

    def named(self, number: int) -> tuple[list[Op], Op]:
        """Its derive ops and its aggregate, without inputs, in names that are no other question's."""
        names = {step.name: f"__q{number}_{step.name}" for step in self.derived}
        derived = [{"op": "derive", "name": names[step.name], "expression": _renamed(step.expression, names)}
                   for step in self.derived]
        node = self.aggregate
        measures = [{**m.model_dump(), "column": names.get(m.column or "", m.column)} for m in node.measures]
        return derived, {"op": "aggregate", "by": [names.get(name, name) for name in node.by],
                         "time_unit": node.time_unit, "measures": measures}


def answers(questions: Sequence[Question]) -> list[Fetched | None]:
    """The answer of each question that shares its table with another one; None for those that stand alone."""
    tables: dict[tuple[str, str], list[_Part]] = defaultdict(list)
    for place, question in enumerate(questions):
        if found := _part(place, question.plan.node):
            below, part = found
            tables[below, question.level].append(part)
    out: list[Fetched | None] = [None] * len(questions)
    for (below, _), parts in tables.items():
        if len(parts) > 1:
            # In one order whoever came first: the statement of the last time serves again.
            parts.sort(key=_Part.text)
            for part, fetched in zip(parts, _scan(json.loads(below), parts, questions), strict=True):
                out[part.place] = fetched
    return out


def _part(place: int, node: OpNode) -> tuple[str, _Part] | None:
    if not isinstance(node, Aggregate) or not {m.function for m in node.measures} <= SHARED:
        return None
    chain: list[Derive] = []
    below = node.input
    while isinstance(below, Derive):
        chain.append(below)
        below = below.input
    return below.model_dump_json(), _Part(place, tuple(reversed(chain)), node)


def _renamed(expression: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    if "col" in expression:
        return {**expression, "col": names.get(expression["col"], expression["col"])}
    if "args" in expression:
        return {**expression, "args": [_renamed(each, names) for each in expression["args"]]}
    return dict(expression)


def _scan(below: Op, parts: Sequence[_Part], questions: Sequence[Question]) -> list[Fetched | None]:
    host = engine()
    op, ours = below, set[str]()
    named = [part.named(number) for number, part in enumerate(parts)]
    for step in (step for derived, _ in named for step in derived):
        op = {**step, "input": op}
        ours.add(step["name"])
    wanted = {n for _, ask in named for n in (*ask["by"], *(m["column"] for m in ask["measures"])) if n is not None}
    if any(name.startswith("__") for name in wanted - ours):
        # Somebody's columns have names like ours.
        return [None] * len(parts)
    if wanted:
        op = {"op": "select", "input": op, "columns": sorted(wanted)}
    table = compile_op(op, lambda fp: host.manifest(fp).schema())
    # With other numbers in its filters a table is like the one before: what is written over it is the same.
    like = table.like if isinstance(table, Filled) and table.like else table
    scan = _statement(like, tuple(json.dumps(aggregate) for _, aggregate in named))
    if scan is None:
        return [None] * len(parts)
    sql = filled(scan.sql, table.values) if isinstance(table, Filled) else scan.sql
    level, limit = questions[parts[0].place].level, max(questions[part.place].limit for part in parts)
    rows = host.fetch(host.bind(f"{sql} {limit}", table.names, level)).rows
    by_set: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        by_set[row[0]].append(row)
    return [_picked(by_set[which], places, questions[part.place])
            for part, (which, places) in zip(parts, scan.parts, strict=True)]


def _picked(rows: list[tuple[Any, ...]], places: tuple[tuple[int, ...], tuple[int, ...]],
            question: Question) -> Fetched | None:
    """The columns of one question, in its order."""
    keys, measures = places
    groups = int(rows[0][1]) if rows else 0
    # What was cut off is in order of size, then of the keys as the scan names them.
    if groups > len(rows) and (question.by_key or list(keys) != sorted(keys)):
        return None
    found = [(*(row[i] for i in (*keys, *measures)), groups) for row in rows]
    width, counted = len(keys), len(keys) + len(measures) - 1

    def order(row: tuple[Any, ...]) -> Any:
        # What is missing comes last, and before it what is no number.
        by_key = [(2,) if value is None else (1,) if value != value else (0, value) for value in row[:width]]
        return by_key if question.by_key else (-row[counted], by_key)

    found.sort(key=order)
    return found[:question.limit], groups


@dataclass(frozen=True, slots=True)
class _Statement:
    """SQL of a scan but for the number of groups; for each question its set, and where its columns stand in a row."""

    sql: str
    parts: tuple[tuple[int, tuple[tuple[int, ...], tuple[int, ...]]], ...]


@lru_cache(maxsize=200)
def _statement(table: Compiled, aggregates: tuple[str, ...]) -> _Statement | None:
    """One SELECT for all, or None where an aggregate is more than keys and values over the table."""
    selects = selects_over(table, [json.loads(aggregate) for aggregate in aggregates])
    source = selects[0].source
    if any(select.source != source for select in selects):
        return None
    keys = list(dict.fromkeys(key for select in selects for key in select.keys))
    measures = list(dict.fromkeys(m for select in selects for m in select.measures))
    # The same keys in another order are one set: named twice, each of its groups would come twice.
    sets = list(dict.fromkeys(tuple(sorted(select.keys, key=keys.index)) for select in selects))
    named = {key: f'"__k{i}"' for i, key in enumerate(keys)}
    counted = f'"__m{measures.index(selects[0].measures[-1])}"'
    which = f"GROUPING_ID({', '.join(named.values())})" if keys else "0"
    grouping = ", ".join(f"({', '.join(named[key] for key in one)})" for one in sets)
    order = ", ".join(f"{name} NULLS LAST" for name in named.values())
    inner = ", ".join(f"{key} AS {name}" for key, name in named.items())
    values = "".join(f', {measure} AS "__m{i}"' for i, measure in enumerate(measures))
    shown = "".join(f", {name}" for name in named.values()) + "".join(f', "__m{i}"' for i in range(len(measures)))
    sql = (
        f'SELECT "__set", count(*) OVER (PARTITION BY "__set"){shown} FROM ('
        f'SELECT {which} AS "__set"{"".join(f", {name}" for name in named.values())}{values} '
        f"FROM (SELECT *{', ' + inner if inner else ''} FROM {source}) AS {source.rsplit(' AS ', 1)[1]} "
        f"GROUP BY GROUPING SETS ({grouping})) "
        f'QUALIFY row_number() OVER (PARTITION BY "__set" ORDER BY {counted} DESC{", " + order if order else ""}) '
        "<="
    )
    parts = []
    for select in selects:
        bits = "".join("0" if key in select.keys else "1" for key in keys)
        places = (tuple(2 + keys.index(key) for key in select.keys),
                  tuple(2 + len(keys) + measures.index(measure) for measure in select.measures))
        parts.append((int(bits or "0", 2), places))
    return _Statement(sql, tuple(parts))
