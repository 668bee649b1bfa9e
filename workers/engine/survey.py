"""A full profile of a table in stages: a drawn sample's first, then exact, each stage as it is ready."""

from __future__ import annotations

import math
import secrets
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from workers.engine import associations
from workers.engine.approx import levels_of
from workers.engine.duck import EXACT, engine, sql_name
from workers.engine.profile import MAX_COLUMNS, Profile, ValueCounts, add_histograms, add_top, count_columns
from workers.engine.suggest import suggestions
from workers.engine.tables import compiled, known_count
from workers.engine.text_facts import TextFacts, text_facts
from workers.ports import Column, Op, Table

COUNTED_UP_TO = 10_000
"""Distinct numbers up to which a column is grouped once and the rest is worked out from its values and counts."""
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
NAMES = ("q5", "q25", "median", "q75", "q95")
DRAWN = 10_000
"""Rows of a drawn sample: what the first view of a table without stored samples rests on."""
DRAW_ABOVE = 200_000
"""Rows from which drawing a sample first is worth its scan."""
EXACT_DISTINCT_UP_TO = 50_000
TOP_UP_TO = 200_000
SEED = 7


@dataclass
class Survey:
    """What is known so far. `level` is (rows looked at, all rows) or None once all of them were."""

    columns: tuple[Column, ...]
    rows: int
    facts: Profile
    level: tuple[int, int] | None = None
    texts: TextFacts = field(default_factory=dict)
    duplicates: int | None = None
    correlations: dict[str, Any] | None = None
    target: dict[str, Any] | None = None
    fraction: float = 0.0

    def json(self) -> dict[str, Any]:
        """The same as plain JSON for a view, with what to do about what was found."""
        listed = [{"name": c.name, **self.facts[c.name]} for c in self.columns if c.name in self.facts]
        return {
            "rows": self.rows,
            "level": None if self.level is None else {"n": self.level[0], "N": self.level[1]},
            "columns": listed,
            "left_out": len(self.columns) - len(listed),
            "duplicates": self.duplicates,
            "correlations": self.correlations,
            "target": self.target,
            "suggestions": suggestions(self.columns, self.facts, self.texts, self.rows, self.duplicates),
        }


def survey(table: Table | Op, *, target: str | None = None, correlate: bool = True) -> Iterator[Survey]:
    """Surveys of a table, better each time; the last is exact but for what says on how many rows it rests.

    Above 200,000 rows the first one comes from a stored sample, or from rows drawn in one scan with a fixed seed.
    """
    plan = compiled(table)
    columns = plan.columns[:MAX_COLUMNS]
    level, n, population = levels_of(table, "10k")[0]
    whole = f"({engine().bind(plan.sql, plan.names)})"
    if level != EXACT:
        source = f"({engine().bind(plan.sql, plan.names, level)})"
        yield _sampled(table, plan.columns, columns, source, n, population, level)
    elif (rows := known_count(table)) is not None and rows >= DRAW_ABOVE:
        with drawn(whole, DRAWN, rows) as (source, n):
            yield _sampled(table, plan.columns, columns, source, n, rows, "drawn")
    yield from _exact(table, plan.columns, columns, whole, target, correlate)


def _sampled(table: Table | Op, every: tuple[Column, ...], columns: Sequence[Column], source: str, n: int,
             population: int, level: str) -> Survey:
    facts, seen = count_columns(source, columns, level, population / n)
    scale = population / n
    add_histograms(table, source, columns, facts, scale)
    _add_tops(source, columns, facts, seen, scale, False)
    _add_quantiles(source, columns, facts)
    return Survey(every, round(seen * scale), facts, (n, population), fraction=0.1)


def _exact(table: Table | Op, every: tuple[Column, ...], columns: Sequence[Column], source: str,
           target: str | None, correlate: bool) -> Iterator[Survey]:
    facts, rows = count_columns(source, columns, EXACT, 1.0)
    now = Survey(every, rows, facts)
    counted = _counted(source, columns, facts)
    _add_exact_distinct(source, columns, facts, rows)
    yield _at(now, 0.3)
    add_histograms(table, source, columns, facts, 1.0, counted)
    _add_tops(source, columns, facts, rows, 1.0, True)
    yield _at(now, 0.5)
    _add_quantiles(source, [c for c in columns if c.name not in counted], facts)
    for name, values in counted.items():
        facts[name] |= spread_of(values)
    now.texts = text_facts(source, columns, {name: one["distinct"] for name, one in facts.items()})
    yield _at(now, 0.7)
    now.duplicates = 0 if any(one["unique"] for one in facts.values()) else duplicates_in(source, every)
    if correlate and rows:
        now.correlations = _correlations(source, columns, facts, rows)
    if target and rows:
        now.target = _target(source, target, columns, facts, rows)
    yield _at(now, 1.0)


def _at(now: Survey, fraction: float) -> Survey:
    # The same dict grows on: what was sent must not change under whoever reads it.
    return Survey(now.columns, now.rows, {n: dict(one) for n, one in now.facts.items()}, now.level, now.texts,
                  now.duplicates, now.correlations, now.target, fraction)


@contextmanager
def drawn(source: str, wanted: int, rows: int) -> Iterator[tuple[str, int]]:
    """A uniform sample of a query's rows, kept while the block runs: (its name as SQL, how many rows)."""
    name = sql_name(f"drawn_{secrets.token_hex(8)}")
    share = min(100.0, 100.0 * wanted / max(rows, 1))
    sample = f"USING SAMPLE {share:.6f} PERCENT (bernoulli, {SEED})"
    engine().fetch(f"CREATE TABLE {name} AS SELECT * FROM {source} {sample}")
    try:
        yield name, max(1, int(engine().fetch(f"SELECT count(*) FROM {name}").rows[0][0]))
    finally:
        engine().drop(name)


def _add_tops(source: str, columns: Sequence[Column], facts: Profile, rows: int, scale: float, whole: bool) -> None:
    for column in columns:
        one, few = facts[column.name], column.type in ("text", "boolean", "other", "time")
        distinct = one["distinct"] if one["distinct"] is not None else TOP_UP_TO + 1
        if one["unique"] or not (few or (column.type == "integer" and distinct <= 12)):
            continue
        if distinct > TOP_UP_TO and whole and rows > TOP_UP_TO and distinct > 0.5 * rows:
            continue  # Nearly every value is another one: the most frequent of them say nothing.
        add_top(source, column, one, rows, scale, whole)


def _add_quantiles(source: str, columns: Sequence[Column], facts: Profile) -> None:
    numbers = [c for c in columns if c.type in ("integer", "number")]
    if not numbers:
        return
    picks = []
    for c in numbers:
        name = sql_name(c.name)
        value = f"CASE WHEN isfinite({name}) THEN {name} END" if c.type == "number" else name
        # The population's spread: the column is all there is, not a draw from more.
        picks += [f"quantile_cont({value}, {list(QUANTILES)})", f"stddev_samp({value})",
                  f"count(*) FILTER ({name} = 0)", f"count(*) FILTER ({name} < 0)"]
    row = engine().fetch(f"SELECT {', '.join(picks)} FROM {source}").rows[0]
    for i, c in enumerate(numbers):
        cuts, spread, zeros, below = row[4 * i : 4 * i + 4]
        one = facts[c.name]
        one["quantiles"] = None if cuts is None else {
            name: float(f"{v:.8g}") for name, v in zip(NAMES, cuts, strict=True)}
        one["std"] = None if spread is None or not math.isfinite(spread) else float(f"{spread:.8g}")
        one["zeros"], one["negative"] = int(zeros), int(below)


def _counted(source: str, columns: Sequence[Column], facts: Profile) -> ValueCounts:
    """{column: [(value, count)] ascending} of the number columns of few values; their distinct count becomes exact."""
    out: ValueCounts = {}
    for column in columns:
        distinct = facts[column.name]["distinct"]
        if column.type not in ("integer", "number") or not 0 < (distinct or 0) <= COUNTED_UP_TO:
            continue
        name = sql_name(column.name)
        finite = f"isfinite({name})" if column.type == "number" else f"{name} IS NOT NULL"
        rows = engine().fetch(f"SELECT {name}, count(*) FROM {source} WHERE {finite} GROUP BY 1").rows
        if rows and len(rows) <= 4 * COUNTED_UP_TO:
            out[column.name] = sorted((value, int(k)) for value, k in rows)
            if column.type == "integer":
                facts[column.name] |= {"distinct": len(rows), "approx": False}
    return out


def spread_of(values: Sequence[tuple[float, int]]) -> dict[str, Any]:
    """Quantiles (interpolated), sample standard deviation, zeros and negatives of values with their counts."""
    n = sum(k for _, k in values)
    mean = sum(v * k for v, k in values) / n
    squares = sum(k * (v - mean) ** 2 for v, k in values)
    cuts: dict[str, float] = {}
    ends, seen = [], 0
    for _, k in values:
        seen += k
        ends.append(seen)
    for name, share in zip(NAMES, QUANTILES, strict=True):
        place = share * (n - 1)
        low = values[bisect_right(ends, math.floor(place))][0]
        high = values[bisect_right(ends, math.ceil(place))][0]
        cuts[name] = float(f"{low + (high - low) * (place - math.floor(place)):.8g}")
    return {
        "quantiles": cuts,
        "std": float(f"{math.sqrt(squares / (n - 1)):.8g}") if n > 1 else None,
        "zeros": sum(k for v, k in values if v == 0),
        "negative": sum(k for v, k in values if v < 0),
    }


def _add_exact_distinct(source: str, columns: Sequence[Column], facts: Profile, rows: int) -> None:
    """Exact counts where the sketch says few values, or nearly as many as rows: there the difference matters."""
    unsure = [c for c in columns if facts[c.name]["approx"] and facts[c.name]["distinct"] is not None and (
        facts[c.name]["distinct"] <= EXACT_DISTINCT_UP_TO
        or (c.type in ("integer", "text") and facts[c.name]["distinct"] >= 0.95 * rows))]
    if not unsure:
        return
    picks = ", ".join(f"count(DISTINCT {sql_name(c.name)})" for c in unsure)
    for c, k in zip(unsure, engine().fetch(f"SELECT {picks} FROM {source}").rows[0], strict=True):
        one = facts[c.name]
        filled = round(rows * (1 - one["missing"]))
        one |= {"distinct": int(k), "approx": False,
                "unique": bool(filled and k == filled == rows and c.type in ("integer", "text"))}


def duplicates_in(source: str, columns: Sequence[Column]) -> int:
    """Rows that repeat another one; rows are told apart by a 64-bit hash of all their values."""
    listed = ", ".join(sql_name(c.name) for c in columns)
    row = engine().fetch(f"SELECT count(*) - count(DISTINCT hash({listed})) FROM {source}").rows[0]
    return int(row[0])


def _correlations(source: str, columns: Sequence[Column], facts: Profile, rows: int) -> dict[str, Any]:
    numbers = associations.numeric(columns, facts)
    categories = associations.categorical(columns, facts)
    out: dict[str, Any] = {"numbers": [c.name for c in numbers], "pearson": associations.pearson(source, numbers),
                           "categories": categories, "n": rows}
    if rows <= associations.RANKED_ROWS:
        return out | {"spearman": associations.spearman(source, numbers),
                      "cramer": associations.cramers(source, categories)}
    used = ", ".join(sql_name(n) for n in [*out["numbers"], *categories])
    if not used:
        return out | {"spearman": [], "cramer": []}
    with drawn(f"(SELECT {used} FROM {source})", associations.RANKED_DRAWN, rows) as (few, n):
        return out | {"spearman": associations.spearman(few, numbers),
                      "cramer": associations.cramers(few, categories), "n": n}


def _target(source: str, target: str, columns: Sequence[Column], facts: Profile, rows: int) -> dict[str, Any] | None:
    chosen = next((c for c in columns if c.name == target), None)
    if chosen is None:
        return None
    if rows <= 4 * associations.RANKED_ROWS:
        return {"column": target, "n": rows, "with": associations.with_target(source, chosen, columns, facts)}
    with drawn(source, 2 * associations.RANKED_DRAWN, rows) as (few, n):
        return {"column": target, "n": n, "with": associations.with_target(few, chosen, columns, facts)}


