"""Reading tables: columns, SQL, rows by page, counts, exact ranges, and writing a table to the store."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from workers.engine.compile import Compiled, compile_op
from workers.engine.duck import EXACT, engine, sql_name
from workers.engine.manifest import Manifest
from workers.engine.ops import Inline, OpNode, Stored, parse, sampled_source, traced
from workers.ports import Column, Op, Table

PAGE_ROWS = 200
_COUNTS: OrderedDict[str, int] = OrderedDict()
_RANGES: OrderedDict[str, tuple[Any, Any]] = OrderedDict()


def compiled(op: Op | OpNode | Table) -> Compiled:
    """SQL and columns of a table, from the cache when it was asked before."""
    host = engine()
    return compile_op(op.op if isinstance(op, Table) else op, lambda fp: host.manifest(fp).schema())


def columns_of(op: Op | Table) -> tuple[Column, ...]:
    """Columns of an op tree, without running it. Raises CellError (`unknown_column` names the nearest)."""
    return compiled(op).columns


def table_of(op: Op) -> Table:
    """A checked Table for a port: the op with its columns."""
    return Table(op, columns_of(op))


def stored(fingerprint: str) -> Table:
    """The table a result directory holds."""
    return table_of({"op": "stored", "fingerprint": fingerprint})


def sql_of(op: Op | Table, level: str = EXACT) -> str:
    """The SQL that would run on a level, for people to read."""
    one = compiled(op)
    return engine().bind(one.sql, one.names, level)


def plain(value: Any) -> Any:
    """A value as JSON: ISO dates, no NaN; whole numbers past 2^53 as text, since browsers would round them."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, int):
        return value if abs(value) <= 2**53 else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, datetime):
        return value.isoformat(sep="T")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if hasattr(value, "is_finite"):
        return float(value) if value.is_finite() else None
    return str(value)


def rows_of(table: Table | Op, level: str = EXACT, limit: int = 100_000) -> list[tuple[Any, ...]]:
    """Rows as Python values, at most `limit`: for small results."""
    one = compiled(table)
    sql = engine().bind(one.sql, one.names, level)
    return engine().fetch(f"SELECT * FROM ({sql}) LIMIT {int(limit)}").rows


def arrow_of(table: Table | Op, level: str = EXACT, limit: int | None = None) -> Any:
    """A pyarrow Table: the edge to pandas and scikit-learn."""
    one = compiled(table)
    sql = engine().bind(one.sql, one.names, level)
    return engine().arrow(f"SELECT {_typed(one)} FROM ({sql})" + (f" LIMIT {int(limit)}" if limit is not None else ""))


def _typed(one: Compiled) -> str:
    from workers.engine.manifest import SQL_TYPES

    return ", ".join(f"CAST({sql_name(c.name)} AS {SQL_TYPES[c.type]}) AS {sql_name(c.name)}" for c in one.columns)


def known_count(table: Table | Op) -> int | None:
    """Rows of a table when its manifest tells, without a scan; else None."""
    node = parse(table.op if isinstance(table, Table) else table)
    while (below := node.counted_input()) is not None:
        node = below
    if isinstance(node, Stored):
        return engine().manifest(node.fingerprint).rows
    return len(node.rows) if isinstance(node, Inline) else None


def count(table: Table | Op) -> int:
    """Exact number of rows; from the manifest where no op drops rows, else counted once and remembered."""
    known = known_count(table)
    if known is not None:
        return known
    one = compiled(table)
    if one.sql in _COUNTS:
        return _COUNTS[one.sql]
    total = int(engine().fetch(f"SELECT count(*) FROM ({engine().bind(one.sql, one.names)})").rows[0][0])
    _remember(_COUNTS, one.sql, total)
    return total


def _remember(cache: OrderedDict[str, Any], key: str, value: Any) -> None:
    cache[key] = value
    while len(cache) > 5_000:
        cache.popitem(last=False)


def page(
    table: Table | Op,
    offset: int = 0,
    limit: int = PAGE_ROWS,
    sort: Sequence[Mapping[str, Any]] = (),
    *,
    total: bool = True,
) -> dict[str, Any]:
    """{"columns", "rows", "offset", "total"}; `sort` as in the sort op; without `total`, only a known one is told."""
    op: Op = table.op if isinstance(table, Table) else table
    if sort:
        op = {"op": "sort", "input": op, "by": [dict(s) for s in sort]}
    one = compiled(op)
    sql = engine().bind(one.sql, one.names)
    offset, limit = max(0, int(offset)), max(0, min(int(limit), 10_000))
    rows = engine().fetch(f"SELECT * FROM ({sql}) LIMIT {limit} OFFSET {offset}").rows
    if sort and one.sql not in _COUNTS and len(rows) < limit and offset == 0:
        _remember(_COUNTS, one.sql, len(rows))
    whole = len(rows) if offset == 0 and len(rows) < limit else (count(table) if total else known_count(table))
    return {
        "columns": [{"name": c.name, "type": c.type} for c in one.columns],
        "rows": [[plain(v) for v in row] for row in rows],
        "offset": offset,
        "total": whole,
    }


def exact_range(table: Table | Op, column: str) -> tuple[Any, Any]:
    """(low, high) of a column over all rows: from the manifest, tightened by filters on it, else computed once.

    Axes are fixed by it, so that they do not jump between a sample and the exact answer. (None, None) without values.
    Of a table with samples, a computed column is looked at before the filters above it: brushing scans it no more.
    """
    node = compiled(table).node
    below, name, bounds = traced(node, column, lambda op: [c.name for c in compiled(op).columns])
    if (clipped := below.clips(name)) is not None and has_samples(node):
        origin, least, most = clipped
        low, high = (_pulled(end, least, most) for end in exact_range(below.inputs()[0].model_dump(), origin))
        return (low, high) if low is None else _tightened(low, high, bounds)
    if isinstance(below, Stored):
        facts = engine().manifest(below.fingerprint).column(name)
        if facts is not None and facts.low is not None:
            return _tightened(facts.low, facts.high, bounds)
    if has_samples(node):
        low, high = _range(below, name)
        return (low, high) if low is None else _tightened(low, high, bounds)
    return _range(node, column)


def _pulled(value: Any, least: Any, most: Any) -> Any:
    if value is None:
        return None
    value = value if least is None else max(value, least)
    return value if most is None else min(value, most)


def has_samples(op: Op | OpNode) -> bool:
    """Whether samples stand for a table: the one source they come from has some, and all others are small."""
    node = parse(op)
    source = sampled_source(node)
    if not isinstance(source, Stored) or not engine().manifest(source.fingerprint).samples:
        return False
    sampled = [n for n in node.walk() if isinstance(n, Stored) and engine().manifest(n.fingerprint).samples]
    return len(sampled) == 1


def _range(op: OpNode, column: str) -> tuple[Any, Any]:
    one = compiled(op)
    key = f"{column}\0{one.sql}"
    if key not in _RANGES:
        name = sql_name(column)
        sql = engine().bind(one.sql, one.names)
        kind = next((c.type for c in one.columns if c.name == column), "other")
        finite = f" WHERE isfinite({name})" if kind == "number" else ""
        low, high = engine().fetch(f"SELECT min({name}), max({name}) FROM ({sql}){finite}").rows[0]
        _remember(_RANGES, key, (plain(low), plain(high)))
    return _RANGES[key]


def _tightened(low: Any, high: Any, bounds: Any) -> tuple[Any, Any]:
    for test, value in bounds:
        same = isinstance(value, str) == isinstance(low, str) and not isinstance(value, bool) and value is not None
        if not same:
            continue
        if test in (">", ">=") and low < value <= high:
            low = value
        elif test in ("<", "<=") and low <= value < high:
            high = value
    return low, high


def materialise(table: Table | Op, into: Path, *, progress: Callable[[float], None] | None = None) -> Manifest:
    """Write a table's rows to Parquet in `into` with a manifest, and samples when large: what a cell leaves."""
    from workers.engine.parquet import write_table

    one = compiled(table)
    return write_table(
        f"SELECT {_typed(one)} FROM ({engine().bind(one.sql, one.names)})", one.columns, into, progress=progress
    )
