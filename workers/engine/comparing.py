"""Two stored tables side by side: rows, columns that came or went, and columns whose type or values differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from workers.engine.duck import engine, sql_name
from workers.engine.tables import compiled, plain
from workers.ports import Column, Table

MOST = 300
"""Columns whose values are looked at."""


def compare(before: Table, after: Table) -> dict[str, Any]:
    """{"rows": [before, after], "columns": [{name, before, after, change, ...}]}, changed columns first.

    `change` is "added", "removed", "type", "values" or "". Values differ when the two bags of values do: the order of
    rows is no difference. Facts of a changed column are pairs: missing, distinct, lowest, highest.
    """
    old, new = {c.name: c for c in before.columns}, {c.name: c for c in after.columns}
    shared = [name for name in new if name in old][:MOST]
    facts = [_facts(table, [known[name] for name in shared]) for table, known in ((before, old), (after, new))]
    rows = [fact.pop("") for fact in facts]
    found: list[dict[str, Any]] = [
        *({"name": n, "before": c.type, "after": None, "change": "removed"} for n, c in old.items() if n not in new),
        *({"name": n, "before": None, "after": c.type, "change": "added"} for n, c in new.items() if n not in old)]
    for name in shared:
        a, b = facts[0][name], facts[1][name]
        change = "type" if old[name].type != new[name].type else "values" if a[0] != b[0] else ""
        pairs = {word: [x, y] for word, x, y in zip(("missing", "distinct", "low", "high"), a[1:], b[1:], strict=True)}
        found.append({"name": name, "before": old[name].type, "after": new[name].type, "change": change,
                      **(pairs if change else {})})
    return {"rows": rows, "columns": sorted(found, key=lambda c: not c["change"])}


def _facts(table: Table, columns: Sequence[Column]) -> dict[str, Any]:
    """Rows under "", and for each column an order-free digest of its values, missing, about distinct, low, high."""
    one = compiled(table)
    picks = ["count(*)"]
    for column in columns:
        name = sql_name(column.name)
        short = f"left({name}, 60)" if column.type == "text" else name
        picks += [f"sum(hash({name})::HUGEINT)::VARCHAR", f"count(*) - count({name})", f"approx_count_distinct({name})",
                  f"min({short})", f"max({short})"]
    row = engine().fetch(f"SELECT {', '.join(picks)} FROM ({engine().bind(one.sql, one.names)})").rows[0]
    facts: dict[str, Any] = {"": int(row[0])}
    for i, column in enumerate(columns):
        facts[column.name] = [plain(value) for value in row[1 + 5 * i : 6 + 5 * i]]
    return facts
