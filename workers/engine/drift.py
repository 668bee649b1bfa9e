"""Two tables column by column: what is new, gone or of another type, and how far the values moved."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from workers.engine.duck import engine, sql_name
from workers.engine.survey import NAMES, Survey
from workers.engine.tables import compiled, plain
from workers.ports import Column, Op, Table

SOME, LARGE = 0.1, 0.25
"""Bounds of the population stability index, as credit scoring has used them for decades."""
MAX_VALUES = 50
NUMBERS = ("integer", "number")


def drift(first: Survey, second: Survey, table: Table | Op, other: Table | Op) -> list[dict[str, Any]]:
    """[{column, change, strength, words, index?, missing, mean?, counts?, fresh?}] in the order of the first table.

    `change` is "" | "gone" | "new" | "type"; `strength` "none" | "some" | "large"; `index` the population stability
    index; `missing` and `mean` are (first, second); `counts` are the second table's rows in the bins or top values
    that the first one's column shows; `fresh` are values the first table does not have.
    """
    here, there = _source(table), _source(other)
    mine, theirs = {c.name: c for c in first.columns}, {c.name: c for c in second.columns}
    out = []
    for name, column in mine.items():
        if name not in first.facts:
            continue
        if name not in theirs:
            out.append(_changed(name, "gone", f"{name} is not in the other table"))
        elif not _alike(column, theirs[name]):
            words = f"{name} is {theirs[name].type} in the other table, {column.type} here"
            out.append(_changed(name, "type", words))
        else:
            out.append(_moved(column, first, second, here, there))
    out += [_changed(n, "new", f"{n} is only in the other table") for n in theirs if n not in mine]
    return out


def _source(table: Table | Op) -> str:
    plan = compiled(table)
    return f"({engine().bind(plan.sql, plan.names)})"


def _alike(a: Column, b: Column) -> bool:
    return a.type == b.type or {a.type, b.type} <= set(NUMBERS)


def _changed(name: str, change: str, words: str) -> dict[str, Any]:
    return {"column": name, "change": change, "strength": "large", "words": words}


def _moved(column: Column, first: Survey, second: Survey, here: str, there: str) -> dict[str, Any]:
    name = column.name
    a, b = first.facts[name], second.facts.get(name, {})
    one: dict[str, Any] = {"column": name, "change": "", "missing": [a["missing"], b.get("missing", 0.0)]}
    if a.get("mean") is not None and b.get("mean") is not None:
        one["mean"] = [a["mean"], b["mean"]]
    if column.type in NUMBERS and a.get("histogram"):
        one["counts"] = _binned(name, a["histogram"]["edges"], there)
    if column.type in NUMBERS and a.get("quantiles"):
        one["index"] = _index(*(_between(name, a["quantiles"], source) for source in (here, there)))
    elif a.get("top") and 0 < (a.get("distinct") or 0) <= MAX_VALUES:
        mine, theirs = _values(name, here), _values(name, there)
        words = sorted({*mine, *theirs}, key=str)
        one["counts"] = [theirs.get(value, 0) for value, _ in a["top"]]
        one["index"] = _index([mine.get(w, 0) for w in words], [theirs.get(w, 0) for w in words])
        one["fresh"] = [plain(w) for w in words if w not in mine][:8]
    return one | _in_words(name, one, first.rows, second.rows)


def _binned(name: str, edges: Sequence[float], source: str) -> list[int]:
    """Rows in equal bins; what lies outside of them belongs to the first and the last."""
    bins, start, column = len(edges) - 1, float(edges[0]), sql_name(name)
    width = (float(edges[-1]) - start) / bins or 1.0
    rows = engine().fetch(
        f"SELECT greatest(0, least({bins - 1}, floor(({column} - {start!r}) / {width!r})))::INT, count(*) "
        f"FROM {source} WHERE isfinite({column}::DOUBLE) GROUP BY 1"
    ).rows
    found = {int(place): int(k) for place, k in rows}
    return [found.get(i, 0) for i in range(bins)]


def _between(name: str, cuts: Mapping[str, float], source: str) -> list[int]:
    column, ends = sql_name(name), sorted({cuts[n] for n in NAMES})
    tests = [f"{column} <= {ends[0]!r}", *(f"{column} > {a!r} AND {column} <= {b!r}"
                                           for a, b in pairwise(ends)), f"{column} > {ends[-1]!r}"]
    picks = ", ".join(f"count(*) FILTER ({test})" for test in tests)
    row = engine().fetch(f"SELECT {picks} FROM {source} WHERE isfinite({column}::DOUBLE)").rows[0]
    return [int(k) for k in row]


def _values(name: str, source: str) -> dict[Any, int]:
    column = sql_name(name)
    rows = engine().fetch(
        f"SELECT {column}, count(*) FROM {source} WHERE {column} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 200"
    ).rows
    return {value: int(k) for value, k in rows}


def _index(mine: Sequence[int], theirs: Sequence[int]) -> float | None:
    """Population stability index: sum of (q - p) ln(q / p), each share with half a row added so that none is zero."""
    kept = [(a, b) for a, b in zip(mine, theirs, strict=True) if a or b]
    n, m = sum(a for a, _ in kept), sum(b for _, b in kept)
    if not n or not m or len(kept) < 2:
        return 0.0 if n and m else None
    total = 0.0
    for a, b in kept:
        p, q = (a + 0.5) / (n + 0.5 * len(kept)), (b + 0.5) / (m + 0.5 * len(kept))
        total += (q - p) * math.log(q / p)
    return round(total, 4)


def _in_words(name: str, one: Mapping[str, Any], rows: int, others: int) -> dict[str, str]:
    index, fresh, (before, after) = one.get("index"), one.get("fresh"), one["missing"]
    told = []
    strength = "none"
    # Between small tables chance alone moves the index: about (bins - 1) * (1/n + 1/m).
    noise = 2 * 7 * (1 / max(rows, 1) + 1 / max(others, 1))
    if index is not None and index >= max(SOME, noise):
        strength = "large" if index >= max(LARGE, noise) else "some"
        told.append("moved far" if strength == "large" else "moved")
    if abs(after - before) >= 0.05:
        strength = "large" if abs(after - before) >= 0.2 else max(strength, "some", key=("none", "some", "large").index)
        told.append(f"missing {100 * before:.0f} % here, {100 * after:.0f} % there")
    if fresh:
        strength = max(strength, "some", key=("none", "some", "large").index)
        told.append("new values " + ", ".join(str(w) for w in fresh[:3]))
    return {"strength": strength, "words": f"{name}: {', '.join(told)}" if told else f"{name} stayed"}
