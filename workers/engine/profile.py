"""Staged column profiles: a sample's at once, then exact counts, distinct values, histograms and top values."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workers.engine.approx import levels_of
from workers.engine.axes import Axis, binned
from workers.engine.duck import EXACT, engine, sql_name
from workers.engine.ops import Stored
from workers.engine.tables import compiled, exact_range, plain
from workers.ports import Column, Op, Table

BINS = 24
TOP = 8
MAX_COLUMNS = 100
"""Columns profiled in full; a wider table's others give type only."""
EXACT_DISTINCT_ROWS = 500_000
EXACT_ROWS = 20_000_000
"""Rows up to which what is only read through is profiled in full: past it, minutes for what a sample tells."""
GIVE_WAY_SECONDS = 0.5
NUMERIC = ("integer", "number")
MOMENT = ("date", "datetime")

Profile = dict[str, dict[str, Any]]
ValueCounts = dict[str, list[tuple[Any, int]]]
"""{column: [(value, count)]} of columns that were grouped already."""


def profile(table: Table | Op, *, start: str = "10k") -> Iterator[Profile]:
    """{column: ColumnProfile} again and again, better each time; the last is exact (distinct may stay approximate).

    ColumnProfile = {type, missing: share, distinct, approx, unique, histogram?: {edges, counts},
    top?: [[value, count]], other?, min?, max?, mean?}. Large tables: the sample's first, then the exact one in
    stages, a statement each. Past 20 M rows only what is stored as rows is profiled in full: a table that is read
    through others has the profile of its largest sample, and says `approx`.
    """
    plan = compiled(table)
    columns = list(plan.columns[:MAX_COLUMNS])
    rest = {
        c.name: {"type": c.type, "missing": 0.0, "distinct": None, "approx": True, "unique": False}
        for c in plan.columns[MAX_COLUMNS:]
    }
    levels = levels_of(table, start)
    if len(levels) > 1:
        level, n, population = levels[0]
        *_, guess = _stages(table, columns, level, population / n)
        yield {**guess, **rest}
        # While a threshold is dragged, nobody waits for the exact profile of what it keeps.
        engine().give_way(GIVE_WAY_SECONDS)
        level, n, population = levels[-2]
        if population > EXACT_ROWS and not isinstance(plan.node, Stored):
            *_, guess = _stages(table, columns, level, population / n)
            yield {**guess, **rest}
            return
    for stage in _stages(table, columns, EXACT, 1.0):
        yield {**stage, **rest}


def _stages(table: Table | Op, columns: list[Column], level: str, scale: float) -> Iterator[Profile]:
    plan = compiled(table)
    source = f"({engine().bind(plan.sql, plan.names, level)})"
    out, total = count_columns(source, columns, level, scale)
    whole = level == EXACT
    if whole and total > EXACT_DISTINCT_ROWS:
        yield {name: dict(one) for name, one in out.items()}
    add_histograms(table, source, columns, out, scale)
    for column in columns:
        if column.type in ("text", "boolean", "other", "time") or (
            column.type == "integer" and (out[column.name]["distinct"] or 99) <= TOP
        ):
            add_top(source, column, out[column.name], total, scale, whole)
    yield out


def count_columns(source: str, columns: Sequence[Column], level: str, scale: float) -> tuple[Profile, int]:
    """Missing shares, distinct values (exact below half a million rows, else HyperLogLog), extremes and means."""
    total = int(engine().fetch(f"SELECT count(*) FROM {source}").rows[0][0])
    sketch = total > EXACT_DISTINCT_ROWS
    picks, places = [], []
    for c in columns:
        name = sql_name(c.name)
        picks += [
            f"count({name})",
            f"{'approx_count_distinct' if sketch else 'count'}({'' if sketch else 'DISTINCT '}{name})",
        ]
        value = f"CASE WHEN isfinite({name}) THEN {name} END" if c.type == "number" else name
        picks += [f"min({value})", f"max({value})"] if c.type in (*NUMERIC, *MOMENT) else ["NULL", "NULL"]
        picks += [f"avg({value})"] if c.type in NUMERIC else ["NULL"]
        places.append(c)
    row = engine().fetch(f"SELECT {', '.join(picks)} FROM {source}").rows[0] if picks else ()
    out: Profile = {}
    for i, c in enumerate(places):
        filled, distinct, low, high, mean = row[5 * i : 5 * i + 5]
        sampled = level != EXACT
        one: dict[str, Any] = {
            "type": c.type,
            "missing": round(1 - filled / total, 6) if total else 0.0,
            "distinct": None if sampled and distinct > 0.05 * filled else int(min(distinct, filled)),
            "approx": sampled or sketch,
            "unique": bool(
                filled
                and filled == total
                and not sampled
                and distinct >= filled * (0.98 if sketch else 1)
                and c.type in ("integer", "text")
            ),
        }
        if low is not None:
            one |= {"min": plain(low), "max": plain(high)}
        if mean is not None and math.isfinite(mean):
            one["mean"] = float(f"{mean:.8g}")
        out[c.name] = one
    return out, total


def add_histograms(
    table: Table | Op,
    source: str,
    columns: Sequence[Column],
    out: Profile,
    scale: float,
    counted: Mapping[str, Sequence[tuple[Any, int]]] | None = None,
) -> None:
    """At most 24 bins for every number and date column, all in one scan; edges from exact ranges, so they stay."""
    placed: list[tuple[Column, Axis]] = []
    for c in columns:
        if "min" in out[c.name]:
            placed.append((c, _axis(table, c, out[c.name], scale)))
    scanned = [(c, axis) for c, axis in placed if c.name not in (counted or {})]
    found: dict[str, Mapping[int, int]] = {}
    if scanned:
        picks = [f"histogram({_bin_number(c, axis)})" for c, axis in scanned]
        row = engine().fetch(f"SELECT {', '.join(picks)} FROM {source}").rows[0]
        found = {c.name: bins or {} for (c, _), bins in zip(scanned, row, strict=True)}
    for c, axis in placed:
        bins = min(axis.bins, BINS)
        counts = [0] * bins
        values = (counted or {}).get(c.name)
        numbered = found[c.name].items() if values is None else (
            (math.floor((v - axis.start) / axis.width), k) for v, k in values)
        for place, k in numbered:
            # The largest value belongs to the last bin, not to one of its own.
            counts[min(max(place, 0), bins - 1)] += k
        edges: list[Any] = [float(f"{axis.start + i * axis.width:.10g}") for i in range(bins + 1)]
        if c.type in MOMENT:
            edges = [_moment(e, c.type) for e in edges]
        out[c.name]["histogram"] = {"edges": edges, "counts": [round(k * scale) for k in counts]}


def _axis(table: Table | Op, c: Column, one: Mapping[str, Any], scale: float) -> Axis:
    low, high = exact_range(table, c.name) if scale != 1.0 else (one["min"], one["max"])
    if c.type in NUMERIC:
        return binned(c, float(low), float(high), BINS - 1)
    first, last = engine().fetch("SELECT epoch(?::TIMESTAMP), epoch(?::TIMESTAMP)", [low, high]).rows[0]
    return Axis(c.name, c.type, "bins", c.name, start=first, width=(last - first) / BINS or 1.0, bins=BINS)


def _bin_number(c: Column, axis: Axis) -> str:
    name = sql_name(c.name)
    value = name if c.type == "integer" else f"epoch({name})"
    if c.type == "number":
        value = f"CASE WHEN isfinite({name}) THEN {name} END"
    return f"TRY_CAST(floor(({value} - {axis.start!r}) / {axis.width!r}) AS INTEGER)"


def _moment(seconds: float, kind: str) -> str:
    from datetime import datetime, timedelta

    at = datetime(1970, 1, 1) + timedelta(seconds=seconds)
    return at.date().isoformat() if kind == "date" else at.replace(microsecond=0).isoformat()


def add_top(source: str, column: Column, one: dict[str, Any], total: int, scale: float, whole: bool) -> None:
    """The most frequent values, by exact grouping; a sketch where nearly every value is another one."""
    name = sql_name(column.name)
    if one["unique"]:
        return
    if whole and (one["distinct"] or 0) > 200_000:
        values = engine().fetch(f"SELECT approx_top_k({name}, {TOP}) FROM {source}").rows[0][0] or []
        listed = ", ".join("?" for _ in values)
        rows = (
            engine()
            .fetch(
                f"SELECT {name}, count(*) FROM {source} WHERE {name} IN ({listed}) GROUP BY 1 ORDER BY 2 DESC, 1",
                values,
            )
            .rows
            if values
            else []
        )
    else:
        rows = (
            engine()
            .fetch(
                f"SELECT {name}, count(*) FROM {source} WHERE {name} IS NOT NULL "
                f"GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {TOP}"
            )
            .rows
        )
    one["top"] = [
        [str(plain(value))[:80] if isinstance(value, str) else plain(value), round(k * scale)] for value, k in rows
    ]
    filled = round(total * (1 - one["missing"]))
    one["other"] = max(0, round((filled - sum(k for _, k in rows)) * scale))
