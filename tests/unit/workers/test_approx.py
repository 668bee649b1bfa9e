"""Answers from samples: levels, scaling, and intervals that hold as often as they say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from workers.engine import Query, answer, stored
from workers.engine.approx import Answer, ask_level, levels_of, short
from workers.engine.duck import Cancelled, engine
from workers.engine.intervals import count_interval, mean_interval, t_quantile
from workers.engine.ops import Measure
from workers.engine.parquet import write_table
from workers.kind import CellError
from workers.ports import Column

pytest_plugins = ["tests.unit.workers.engine_store"]
Fresh = Callable[[], tuple[str, Path]]
ROWS = 20_000
MEASURES = (
    Measure(function="count", name="rows"),
    Measure(function="sum", column="x", name="total"),
    Measure(function="mean", column="x", name="mean"),
)


def population(engine_store: Fresh, rows: int = ROWS, sample_above: int = 10**9) -> str:
    """A stored table: skewed groups, skewed values, in order of time."""
    import pyarrow.parquet as pq

    draw = np.random.default_rng(7)
    frame = pa.table(
        {
            "g": np.minimum(draw.geometric(0.25, rows), 12),
            "x": np.round(draw.lognormal(2, 0.6, rows), 3),
            "t": np.arange(rows),
        }
    )
    fingerprint, into = engine_store()
    into.mkdir()
    pq.write_table(frame, into.parent / f"{fingerprint}.raw")
    columns = (Column("g", "integer"), Column("x", "number"), Column("t", "integer"))
    write_table(
        f"SELECT * FROM read_parquet('{into.parent / f'{fingerprint}.raw'}')", columns, into, sample_above=sample_above
    )
    return fingerprint


def seeded(fingerprint: str, seed: int, n: int, query: Query) -> Answer:
    """The answer of one seeded uniform draw of n rows."""
    engine().define_level(
        fingerprint, "draw", f"SELECT g, x, t FROM {{parts}} ORDER BY hash(t * 1000003 + {seed}) LIMIT {n}"
    )
    return ask_level(stored(fingerprint), query, "draw", n, ROWS)


def test_a_95_percent_interval_holds_in_93_to_97_percent_of_cells_over_200_draws(engine_store: Fresh) -> None:
    fingerprint = population(engine_store)
    query = Query(("g",), MEASURES)
    truth = {row[0]: row[1:] for row in list(answer(stored(fingerprint), query))[-1].rows}
    held: dict[str, list[bool]] = {m.output(): [] for m in MEASURES}
    for seed in range(200):
        guess = seeded(fingerprint, seed, 2_000, query)
        for i, row in enumerate(guess.rows):
            for k, measure in enumerate(MEASURES):
                low, high = guess.low[measure.output()][i], guess.high[measure.output()][i]
                if not guess.few[i]:
                    assert low is not None and high is not None
                    held[measure.output()].append(low <= truth[row[0]][k] <= high)
    shares = {name: sum(h) / len(h) for name, h in held.items()}
    assert all(len(h) > 1_200 for h in held.values())
    assert all(0.93 <= share <= 0.97 for share in shares.values()), shares


def test_estimates_are_scaled_and_few_rows_are_flagged(engine_store: Fresh) -> None:
    fingerprint = population(engine_store)
    guess = seeded(fingerprint, 1, 400, Query(("g",), MEASURES))
    assert sum(guess.counts) == pytest.approx(ROWS)
    assert any(guess.few) and not all(guess.few)
    for i, few in enumerate(guess.few):
        assert (guess.low["mean"][i] is None) == few
        assert guess.low["rows"][i] is not None
    assert guess.fraction == 0.02 and guess.interval.startswith("±") and "rare groups" in guess.note


def test_levels_go_up_to_exact_and_skip_those_with_few_matches(engine_store: Fresh) -> None:
    fingerprint = population(engine_store, sample_above=ROWS // 2)
    table = stored(fingerprint)
    assert [name for name, _, _ in levels_of(table)] == ["10k", "exact"]
    steps = list(answer(table, Query(("g",), MEASURES)))
    assert [s.exact for s in steps] == [False, True]
    assert steps[-1].rows[0][1] == steps[-1].counts[0]
    rare = {"op": "filter", "input": table.op, "expression": {"fn": "<", "args": [{"col": "t"}, {"lit": 1_000}]}}
    assert [s.level for s in answer(rare, Query(("g",)))] == ["exact"]
    sorted_ = {"op": "limit", "input": {"op": "sort", "input": table.op, "by": [{"column": "t"}]}, "rows": 50}
    assert [s.level for s in answer(sorted_, Query(("g",)))] == ["exact"]
    distinct = Query(("g",), (Measure(function="distinct", column="x", name="u"),))
    assert [s.level for s in answer(table, distinct)] == ["exact"]


def test_unknown_columns_are_told_before_anything_runs(engine_store: Fresh) -> None:
    fingerprint = population(engine_store, 100)
    with pytest.raises(CellError, match="There is no column “gg”"):
        next(answer(stored(fingerprint), Query(("gg",))))


def test_interrupt_stops_the_run_and_only_it(engine_store: Fresh) -> None:
    import threading

    engine_store()
    host = engine()
    slow = "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range + b.range = 3"
    outcome: list[Any] = []

    def work() -> None:
        with host.run_scope("doomed"):
            try:
                host.fetch(slow)
            except Cancelled as error:
                outcome.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    while thread.is_alive() and not host._running.get("doomed"):
        thread.join(0.01)
    host.interrupt("other")
    assert thread.is_alive()
    host.interrupt("doomed")
    thread.join(20)
    assert len(outcome) == 1
    assert host.fetch("SELECT 1").rows == [(1,)]


def test_a_run_cancelled_before_its_query_does_not_start_it(engine_store: Fresh) -> None:
    engine_store()
    with engine().run_scope("late"):
        engine().interrupt("late")
        with pytest.raises(Cancelled):
            engine().fetch("SELECT 1")
    with engine().run_scope("late"):
        assert engine().fetch("SELECT 1").rows == [(1,)]


@pytest.mark.parametrize(
    ("k", "n", "population"),
    [(0, 100, 1000), (1, 100, 1000), (29, 100, 1000), (50, 100, 1000), (100, 100, 100), (100, 100, 1000)],
)
def test_count_interval_holds_the_estimate_and_stays_possible(k: int, n: int, population: int) -> None:
    low, high = count_interval(k, n, population)
    assert k <= low <= k * population / n <= high <= population or (k == n and low <= population)


def test_small_facts() -> None:
    assert t_quantile(29) == pytest.approx(2.04523, abs=2e-4)
    assert t_quantile(10**6) == pytest.approx(1.95996, abs=1e-4)
    assert mean_interval(5.0, 1.0, 29, 1.0) is None
    assert [short(v) for v in (999, 1_000, 2_500_000, 100_000_000)] == ["999", "1k", "2.5M", "100M"]
