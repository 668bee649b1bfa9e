"""Every table step gives the same rows on DuckDB, on a real PostgreSQL, and as the pandas code we export."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.property.op_cases import FAMILIES
from tests.property.oracle import Bench, same, table_of, tables
from workers.engine.ops import REGISTRY

pytest_plugins = ["tests.unit.workers.engine_store"]
EXAMPLES = int(os.environ.get("ENGINE_EXAMPLES", "1"))
"""Pairs of tables for each family of ops; a long run by hand takes hundreds."""
SOURCES = {"stored", "inline"}
# Seven minutes a family for two hundred pairs: the limit that guards the suite is for one.
pytestmark = [pytest.mark.timeout(0)] if EXAMPLES > 1 else []


@pytest.fixture(scope="module")
def connection(postgres_server: Any) -> Iterator[Any]:
    """A real PostgreSQL."""
    import psycopg

    with psycopg.connect(postgres_server.get_uri(), autocommit=True) as open_connection:
        yield open_connection


def test_each_op_has_a_case() -> None:
    seen = {op["op"] for family in FAMILIES.values() for _, op in family({"op": "inline"}, {"op": "inline"})}
    assert seen | SOURCES == set(REGISTRY)


def test_what_an_engine_cannot_do_is_said_by_the_op() -> None:
    told = {name: dict(node.cannot) for name, node in REGISTRY.items() if node.cannot}
    print("\nnot the same on every engine:", told)
    assert set(told) == {"cast"}


@pytest.fixture(scope="module")
def pairs() -> list[tuple[Any, Any]]:
    """Pairs of tables joined from the small ones of hypothesis, so that one pair holds many odd rows."""
    import pyarrow as pa

    seen: list[tuple[Any, Any]] = []

    def joined(many: list[Any]) -> Any:
        # In the time zone of the first, or in none.
        return pa.concat_tables([one.cast(many[0].schema) for one in many])

    @settings(max_examples=2 + EXAMPLES, deadline=None, derandomize=EXAMPLES == 1, database=None,
              suppress_health_check=list(HealthCheck))
    @given(st.lists(tables(), min_size=2, max_size=5), st.lists(tables(), min_size=2, max_size=3))
    def draw(many: list[Any], few: list[Any]) -> None:
        seen.append((joined(many), joined(few)))

    draw()
    seen.sort(key=lambda pair: len(pair[0]))
    return seen[-EXAMPLES:]


@pytest.mark.parametrize("family", FAMILIES)
def test_three_engines_agree(family: str, engine_store: Any, connection: Any, pairs: list[tuple[Any, Any]]) -> None:
    for one, two in (*pairs, (pairs[-1][0].slice(0, 0), pairs[-1][1].slice(0, 3))):
        bench = Bench(engine_store, connection)
        a, b = bench.put(one), bench.put(two)
        for words, op in FAMILIES[family](a, b):
            check(bench, words, op)


def check(bench: Bench, words: str, op: dict[str, Any]) -> None:
    """All engines give the same rows."""
    ordered = words.endswith(", in order")
    expected, (found, code) = bench.duckdb(op), bench.pandas(op)
    assert same(expected, found, ordered=ordered), f"pandas: {words}\n{expected}\n{found}\n{code}"
    pushed, sql = bench.postgres(op)
    assert same(expected, pushed, ordered=ordered), f"PostgreSQL: {words}\n{expected}\n{pushed}\n{sql}"


def test_halves_go_away_from_zero_on_every_engine(engine_store: Any, connection: Any) -> None:
    bench = Bench(engine_store, connection)
    for sign in (1, -1):
        rows = [("a", "é", None if i == 6 else sign * i, sign * i / 2, True, None, None) for i in range(7)]
        a = bench.put(table_of(rows))
        fill = {"op": "fill", "input": a, "columns": ["n"], "how": "median"}
        assert sign * 3 in [row[2] for row in bench.duckdb(fill)], "a median of two and a half"
        check(bench, "fill", fill)
        whole = {"fn": "round", "args": [{"col": "x"}]}
        check(bench, "round", {"op": "assign", "input": a, "values": {"whole": whole}})


def test_a_mean_of_very_large_whole_numbers_is_rounded_alike(engine_store: Any, connection: Any) -> None:
    bench = Bench(engine_store, connection)
    far, near = 2**53 + 1, -(2**40)
    for numbers in ([near, None, near, far, -1, None, far, 0, near, -5], [far, 5, None, far, far, -3], [None, None]):
        a = bench.put(table_of([("a", "é", n, 0.5, True, None, None) for n in numbers]))
        check(bench, "fill mean", {"op": "fill", "input": a, "columns": ["n"], "how": "mean"})


def test_a_far_larger_number_leaves_no_trace_in_later_windows(engine_store: Any, connection: Any) -> None:
    bench = Bench(engine_store, connection)
    numbers = [2**53 + 1, 5, 2**53 + 1, -4, 5, None, None, 7]
    a = bench.put(table_of([("a", "é", n, 0.5, True, None, None) for n in numbers]))
    for function, last in (("moving_sum", [1, 5, None, 7]), ("moving_mean", [0.5, 5, None, 7])):
        op = {"op": "window", "input": a, "columns": [
            {"name": "out", "function": function, "column": "n", "size": 2}]}
        assert [row[-1] for row in bench.duckdb(op)][-4:] == last
        check(bench, f"window {function}, in order", op)


def test_a_difference_is_seen(engine_store: Any, connection: Any) -> None:
    bench = Bench(engine_store, connection)
    a = bench.put_like(5)
    expected = bench.duckdb({"op": "limit", "input": a, "rows": 3})
    assert not same(expected, bench.duckdb({"op": "limit", "input": a, "rows": 3, "offset": 1}))
    assert not same([(1, 2.0)], [(1, 2.1)]) and not same([(None,)], [(0,)]) and not same([(1,)], [(1.0,)])
    assert not same([(1,), (2,)], [(2,), (1,)], ordered=True)
