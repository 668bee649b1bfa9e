"""A join of a large table to a small one is read through: nothing copied, samples flow, and it asks no more."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from workers import reading, registry, resolve
from workers.engine import Query, answer, stored
from workers.engine.approx import levels_of
from workers.engine.duck import engine
from workers.engine.ops import Measure, parse
from workers.engine.recipe.numbers import Clip
from workers.engine.tables import columns_of, compiled, count, exact_range, known_count, rows_of
from workers.graph import Cell, Edge, Graph
from workers.kind import Work
from workers.local import is_landed, run_graph
from workers.ports import Column, Table, literal_table
from workers.store import Store

pytest_plugins = ["tests.unit.workers.engine_store"]
ROWS = 40_000
ZONES = literal_table({"id": "integer", "borough": "text", "area": "number"},
                      [[n, "North" if n % 3 else "South", n / 2] for n in range(9)])
KEYS = [{"left": "zone", "right": "id"}]


@pytest.fixture
def trips(engine_store: Any) -> Table:
    """Trips in ten zones, one of them unknown, with samples as a large table has them."""
    from workers.engine.parquet import write_table

    fingerprint, folder = engine_store()
    columns = (Column("zone", "integer"), Column("fare", "number"), Column("at", "integer"))
    write_table(f"SELECT i * 7919 % 10 AS zone, (i * 7919 % 1000) / 10.0 AS fare, i AS at FROM range({ROWS}) t(i)",
                columns, folder, sample_above=ROWS // 2)
    return stored(fingerprint)


def joined(table: Table, other: Table, how: str = "left", **more: Any) -> Table:
    op = {"op": "join", "left": table.op, "right": other.op, "how": how, "keys": KEYS, **more}
    return Table(op, columns_of(op))


def outcome(table: Table, other: Table, **params: Any) -> tuple[list[str], list[Any]]:
    """What the cell did with its table, and its steps."""
    kind, did = registry.kind("join"), []

    def note(word: str) -> Any:
        return lambda kept: did.append(word) or kept

    work = Work("f", None, keep=note("rows"), through=note("plan"))
    given = kind.params.model_validate({"keys": KEYS, **params})
    return did, [*kind.compute(given, work=work, table=table, other=other)]


@pytest.mark.parametrize("how", ["left", "inner", "semi", "anti"])
def test_a_large_table_with_at_most_one_match_each_is_not_copied(trips: Table, how: str) -> None:
    did, steps = outcome(trips, ZONES, how=how)
    assert did == ["plan"]
    assert steps[0].note == "Rows of a sample" and not steps[0].exact
    assert steps[-1].note == "4,000 of 40,000 without a match"
    assert steps[-1].rows == {"left": 40_000, "inner": 36_000, "semi": 36_000, "anti": 4_000}[how]


def test_repeated_keys_other_types_and_added_rows_are_kept_as_rows(trips: Table) -> None:
    twice = literal_table({"id": "integer", "borough": "text"}, [[1, "North"], [1, "South"]])
    numbers = literal_table({"id": "number", "borough": "text"}, [[1.0, "North"]])
    gaps = literal_table({"id": "integer", "borough": "text"}, [[1, "North"], [None, "?"], [None, "??"]])
    assert outcome(trips, twice)[0] == ["rows"]
    assert outcome(trips, numbers)[0] == ["rows"]
    assert outcome(trips, ZONES, how="full")[0] == ["rows"]
    assert outcome(ZONES, trips, keys=[{"left": "id", "right": "zone"}])[0] == ["rows"]
    assert outcome(trips, gaps)[0] == ["plan"], "missing keys match nothing, so they may repeat"


def test_a_sample_is_joined_to_the_whole_small_table_with_honest_intervals(trips: Table) -> None:
    table = joined(trips, ZONES, single=True)
    assert [name for name, _, _ in levels_of(table)] == ["10k", "exact"]
    query = Query(("borough",), (Measure(function="count", name="trips"), Measure(function="mean", column="fare")))
    first, exact = answer(table, query)
    truth = {row[0]: row[1] for row in exact.rows}
    assert truth == {"North": 24_000, "South": 12_000, None: 4_000} and not first.exact
    for row, low, high in zip(first.rows, first.low["trips"], first.high["trips"], strict=True):
        assert low <= truth[row[0]] <= high and high - low < 0.1 * truth[row[0]] + 400
    assert [name for name, _, _ in levels_of(joined(trips, ZONES))] == ["exact"], "nobody looked whether it is single"
    assert [name for name, _, _ in levels_of(joined(trips, trips, "semi", keys=[{"left": "at", "right": "at"}]))] == [
        "exact"], "a large other side would be sampled too"


def test_ranges_and_counts_are_known_without_reading_rows(trips: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    table = joined(trips, ZONES, single=True)
    area = exact_range(table, "area")
    monkeypatch.setattr(engine(), "fetch", lambda *_: pytest.fail("it read rows"))
    assert exact_range(table, "fare") == (0.0, 99.9)
    assert known_count(table) == ROWS and area == (0.0, 4.0)
    some = {"op": "filter", "input": table.op, "expression": {"fn": ">=", "args": [{"col": "fare"}, {"lit": 50.0}]}}
    assert exact_range(some, "fare") == (50.0, 99.9) and exact_range(some, "area") == area


@pytest.mark.parametrize(("low", "high", "ends"), [
    (10, None, (10.0, 99.9)), (None, 50, (0.0, 50.0)), (10, 50, (10.0, 50.0)), (-5, 500, (0.0, 99.9))])
def test_the_range_of_a_clipped_column_is_known_too(trips: Table, monkeypatch: pytest.MonkeyPatch, low: float | None,
                                                    high: float | None, ends: tuple[float, float]) -> None:
    clipped = {**Clip(columns=["fare"], low=low, high=high).ops(trips.columns)[0], "input": trips.op}
    values = [row[0] for row in rows_of({"op": "select", "input": clipped, "columns": ["fare"]})]
    assert (min(values), max(values)) == ends
    other = {"fn": "if", "args": [{"fn": ">", "args": [{"col": "at"}, {"lit": 5}]}, {"lit": 5.0}, {"col": "fare"}]}
    computed = {"op": "assign", "input": trips.op, "values": {"fare": other}}
    assert exact_range(computed, "fare") == (0.0, 91.9), "where another column decides, rows are read"
    monkeypatch.setattr(engine(), "fetch", lambda *_: pytest.fail("it read rows"))
    assert exact_range(clipped, "fare") == ends
    some = {"op": "filter", "input": clipped, "expression": {"fn": "<", "args": [{"col": "fare"}, {"lit": 40.0}]}}
    assert exact_range(some, "fare") == (ends[0], 40.0)


def test_a_left_join_whose_columns_nobody_reads_is_left_out(trips: Table) -> None:
    table = joined(trips, ZONES, single=True)
    half = {"op": "derive", "input": table.op, "name": "half",
            "expression": {"fn": "/", "args": [{"col": "fare"}, {"lit": 2}]}}
    plain, read = Query(("half",)).op(half), Query(("half", "borough")).op(half)
    assert "JOIN" not in compiled(plain).sql and "JOIN" in compiled(read).sql
    assert sorted(rows_of(plain)) == sorted(rows_of(Query(("half",)).op({**half, "input": trips.op})))
    some = joined(trips, ZONES, "inner", single=True)
    assert "JOIN" in compiled(Query(("zone",)).op(some)).sql, "an inner join drops rows"
    assert count(some) == 36_000


def test_a_plan_stands_while_the_tables_below_it_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "ingest", partial(reading.ingest, sample_above=20_000))
    store = Store(tmp_path / "store")
    raw = "\n".join(["zone,fare", *(f"{n % 9},{n % 70}.5" for n in range(30_000))])
    tokens = [f"raw:{store.put_raw(text.encode())[0]}:csv" for text in (raw, "id,borough\n1,North\n2,South\n")]
    cells = {c: Cell(c, "dataset", params={"source": f"upload:{c}"}, source_token=token)
             for c, token in zip("ab", tokens, strict=True)}
    cells["j"] = Cell("j", "join", params={"keys": KEYS})
    cells["c"] = Cell("c", "chart", params={"mark": "bar", "x": "borough"})
    graph = Graph(cells, (Edge("1", "a", "table", "j", "table"), Edge("2", "b", "table", "j", "other"),
                          Edge("3", "j", "table", "c", "table")))
    outcomes, prints = run_graph(graph, store), graph.fingerprints()
    assert {c: o.state for c, o in outcomes.items()} == dict.fromkeys("abjc", "done")
    assert not (store.folder(prints["j"]) / "manifest.json").exists()
    kept = resolve.stored_table(store, prints["j"])
    assert kept is not None and parse(kept.op).single and [c.name for c in kept.columns] == ["zone", "fare", "borough"]
    assert is_landed(graph, prints["j"], prints, store)
    store.drop(prints["a"])
    assert not store.has_table(prints["j"]) and not is_landed(graph, prints["j"], prints, store)
    assert run_graph(graph, store)["a"].state == "done" and store.has_table(prints["j"])
