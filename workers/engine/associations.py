"""How strongly columns go together: Pearson, Spearman, Cramér's V, eta; and which of them leak a target."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from workers.engine.duck import engine, sql_name
from workers.ports import Column

MAX_NUMBERS = 16
MAX_CATEGORIES = 12
MAX_LEVELS = 50
"""Distinct values up to which a column takes part as categories."""
RANKED_ROWS = 50_000
"""Rows up to which ranks and contingency tables are taken from all; above, 20,000 drawn rows stand for them."""
RANKED_DRAWN = 20_000
LEAK_FROM = 0.98
ABSENCE_FROM = 0.9
WIDE_LEVELS = 1_000


def numeric(columns: Sequence[Column], facts: Mapping[str, Mapping[str, Any]]) -> list[Column]:
    """Number columns that vary, the first sixteen."""
    return [c for c in columns
            if c.type in ("integer", "number") and facts[c.name].get("min") != facts[c.name].get("max")
            and not facts[c.name].get("unique")][:MAX_NUMBERS]


def categorical(columns: Sequence[Column], facts: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Columns of at least two and at most fifty values that are no measured numbers, the first twelve."""
    return [c.name for c in columns
            if c.type in ("text", "boolean") and 1 < (facts[c.name].get("distinct") or 0) <= MAX_LEVELS
            ][:MAX_CATEGORIES]


def _value(column: Column) -> str:
    """A number column as a double without NaN and infinities."""
    value = f"{sql_name(column.name)}::DOUBLE"
    return value if column.type == "integer" else f"CASE WHEN isfinite({value}) THEN {value} END"


def pearson(source: str, columns: Sequence[Column]) -> list[list[float | None]]:
    """Pairwise correlations over all rows where both values are there; None where one does not vary."""
    values = ", ".join(f"{_value(c)} AS {sql_name(c.name)}" for c in columns)
    return _pairs(f"(SELECT {values} FROM {source})", [c.name for c in columns])


def spearman(source: str, columns: Sequence[Column]) -> list[list[float | None]]:
    """Pairwise correlations of average ranks, as Spearman (1904) has them."""
    if len(columns) < 2:
        return []
    ranks = ", ".join(
        f"CASE WHEN {_value(c)} IS NULL THEN NULL ELSE rank() OVER (ORDER BY {_value(c)}) + "
        f"(count(*) OVER (PARTITION BY {_value(c)}) - 1) / 2.0 END AS {sql_name(c.name)}" for c in columns
    )
    return _pairs(f"(SELECT {ranks} FROM {source})", [c.name for c in columns])


def _pairs(source: str, names: Sequence[str]) -> list[list[float | None]]:
    if len(names) < 2:
        return []
    pairs = [(i, j) for i in range(len(names)) for j in range(i)]
    picks = ", ".join(f"corr({sql_name(names[i])}, {sql_name(names[j])})" for i, j in pairs)
    row = engine().fetch(f"SELECT {picks} FROM {source}").rows[0]
    grid: list[list[float | None]] = [[1.0 if i == j else None for j in range(len(names))] for i in range(len(names))]
    for (i, j), value in zip(pairs, row, strict=True):
        grid[i][j] = grid[j][i] = None if value is None or not math.isfinite(value) else round(float(value), 4)
    return grid


def cramers(source: str, names: Sequence[str]) -> list[list[float | None]]:
    """Pairwise Cramér's V with Bergsma's correction for bias; missing counts as a value of its own."""
    grid: list[list[float | None]] = [[1.0 if i == j else None for j in range(len(names))] for i in range(len(names))]
    if len(names) < 2:
        return []
    for i in range(len(names)):
        for j in range(i):
            a, b = sql_name(names[i]), sql_name(names[j])
            rows = engine().fetch(f"SELECT {a}, {b}, count(*) FROM {source} GROUP BY 1, 2").rows
            grid[i][j] = grid[j][i] = v_of(rows)
    return grid


def v_of(cells: Sequence[tuple[Any, Any, int]]) -> float | None:
    """Cramér's V of a contingency table given as (a, b, count), corrected for bias; None where one side is constant."""
    across: dict[Any, int] = {}
    down: dict[Any, int] = {}
    for a, b, k in cells:
        across[a], down[b] = across.get(a, 0) + k, down.get(b, 0) + k
    n, r, c = sum(across.values()), len(across), len(down)
    if n < 2 or r < 2 or c < 2:
        return None
    # chi2 / n = sum of observed^2 / (row * column) - 1, so that empty cells need no visit.
    phi2 = max(0.0, sum(k * k / (across[a] * down[b]) for a, b, k in cells) - 1.0)
    phi2 = max(0.0, phi2 - (r - 1) * (c - 1) / (n - 1))
    rows, columns = r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)
    smaller = min(rows, columns) - 1
    return round(min(1.0, math.sqrt(phi2 / smaller)), 4) if smaller > 0 else None


def eta(source: str, number: Column, category: str) -> float | None:
    """The correlation ratio: the share of a number's spread that a category accounts for, as a root."""
    value = _value(number)
    row = engine().fetch(
        f"SELECT sum(k * (m - g) * (m - g)), max(t) FROM (SELECT count({value}) AS k, avg({value}) AS m "
        f"FROM {source} GROUP BY {sql_name(category)}), (SELECT avg({value}) AS g, "
        f"var_pop({value}) * count({value}) AS t FROM {source})"
    ).rows[0]
    if row[0] is None or not row[1]:
        return None
    return round(math.sqrt(min(1.0, max(0.0, row[0] / row[1]))), 4)


def with_target(source: str, target: Column, columns: Sequence[Column],
                facts: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """[{column, measure, strength, leak, words}] of each other column with the target, strongest first."""
    number = target.type in ("integer", "number") and (facts[target.name].get("distinct") or 0) > 12
    out = []
    for column in columns:
        if column.name == target.name or facts[column.name].get("unique"):
            continue
        gaps = facts[column.name].get("missing", 0) > 0.005
        told = _absence(source, target, column) if gaps else None
        measured = _strength(source, target, column, number, facts)
        leak, words = False, ""
        if told is not None and told >= ABSENCE_FROM:
            measured, leak = ("missing", told), True
            words = f"Whether “{column.name}” is missing all but tells “{target.name}”"
        elif measured is not None and abs(measured[1]) >= LEAK_FROM:
            leak, words = True, f"“{column.name}” all but tells “{target.name}”"
        if measured is None:
            continue
        measure, strength = measured
        out.append({"column": column.name, "measure": measure, "strength": strength, "leak": leak, "words": words})
    return sorted(out, key=lambda one: (not one["leak"], -abs(one["strength"]), one["column"]))


def _strength(source: str, target: Column, column: Column, number: bool,
              facts: Mapping[str, Mapping[str, Any]]) -> tuple[str, float] | None:
    measured = column.type in ("integer", "number") and (facts[column.name].get("distinct") or 0) > 12
    few = (facts[column.name].get("distinct") or WIDE_LEVELS + 1) <= WIDE_LEVELS
    name, value = "", None
    if number and column.type in ("integer", "number"):
        name, value = "pearson", pearson(source, [target, column])[0][1]
    elif number and few:
        name, value = "eta", eta(source, target, column.name)
    elif not number and measured:
        name, value = "eta", eta(source, column, target.name)
    elif not number and few:
        a, b = sql_name(target.name), sql_name(column.name)
        rows = engine().fetch(f"SELECT {a}, {b}, count(*) FROM {source} GROUP BY 1, 2").rows
        name, value = "cramer", v_of(rows)
    return None if value is None else (name, value)


def _absence(source: str, target: Column, column: Column) -> float | None:
    if target.type not in ("text", "boolean", "integer"):
        return None
    a, b = sql_name(target.name), sql_name(column.name)
    return v_of(engine().fetch(f"SELECT {a}, {b} IS NULL, count(*) FROM {source} GROUP BY 1, 2").rows)
