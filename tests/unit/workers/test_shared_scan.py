"""Questions to one table share a scan, and nobody can tell from the answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.workers.test_approx import population
from workers.engine import Query, answer
from workers.engine.duck import Cancelled, engine
from workers.engine.figures import draw
from workers.engine.meeting import Meeting
from workers.engine.ops import Measure
from workers.engine.shared_scan import answers
from workers.kind import CellError
from workers.ports import Op

pytest_plugins = ["tests.unit.workers.engine_store"]
Fresh = Callable[[], tuple[str, Path]]
DAY = date(2024, 1, 1)
ROWS = [
    [["Oslo", "Lima", None, "Quito", ""][i % 5], None if i % 7 == 0 else i / 4, i % 3 == 0, i % 11,
     (DAY + timedelta(days=i)).isoformat()] for i in range(400)
]
TABLE: Op = {"op": "inline", "rows": ROWS, "columns": [
    {"name": n, "type": t} for n, t in (("city", "text"), ("fare", "number"), ("shared", "boolean"),
                                        ("zone", "integer"), ("day", "date"))]}
FAR: Op = {"op": "filter", "input": TABLE,
           "expression": {"fn": ">", "args": [{"col": "fare"}, {"lit": 12.5}]}}
COUNT = Measure(function="count", name="count")
MEASURES = [COUNT, *(Measure(function=f, column=c, name=f"{f} {c}") for f in ("sum", "mean", "min", "max", "stddev",
                                                                           "missing", "count") for c in ("fare", "zone")
                     )]


def met(works: list[Callable[[], Any]]) -> tuple[list[Any], Meeting]:
    """What each work gives, in a thread of its own at one meeting."""
    meeting, found = Meeting(patience=20), [None] * len(works)

    def sit(place: int) -> None:
        with meeting.seat():
            found[place] = works[place]()

    meeting.expect(len(works))
    threads = [threading.Thread(target=sit, args=(place,)) for place in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found, meeting


def answered(asked: list[tuple[Op, Query]]) -> tuple[list[Any], Meeting]:
    """The answers of each question, asked at one meeting."""
    return met([lambda table=table, query=query: list(answer(table, query)) for table, query in asked])


def alike(one: Any, other: Any) -> bool:
    """Sums of numbers may be added up in another order."""
    same = (one.keys, one.groups, one.counts, one.columns) == (other.keys, other.groups, other.counts, other.columns)
    return same and [r[:one.keys] for r in one.rows] == [r[:one.keys] for r in other.rows] and all(
        a == b or a == pytest.approx(b, rel=1e-9)
        for x, y in zip(one.rows, other.rows, strict=True) for a, b in zip(x[one.keys:], y[one.keys:], strict=True))


QUERIES = st.builds(
    Query, by=st.lists(st.sampled_from(["city", "shared", "zone", "day"]), max_size=2, unique=True).map(tuple),
    measures=st.lists(st.sampled_from(MEASURES), min_size=1, max_size=3, unique=True).map(tuple),
    time_unit=st.sampled_from(["none", "month", "day_of_week"]), limit=st.sampled_from([3, 10_000]),
    order=st.sampled_from(["rows", "key"]))


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(QUERIES, min_size=2, max_size=4), st.sampled_from([TABLE, FAR]))
def test_answers_of_a_shared_scan_are_those_that_each_would_get_alone(
        engine_store: Fresh, queries: list[Query], table: Op) -> None:
    together, meeting = answered([(table, query) for query in queries])
    for query, (found,) in zip(queries, together, strict=True):
        assert alike(found, *answer(table, query)), query
    # The largest groups come first: the first by key may lie beyond them.
    most = max(query.limit for query in queries)
    assert meeting.scans == 1 and meeting.shared >= sum(found.groups <= most for (found,) in together)


def test_samples_are_shared_too_with_their_intervals(engine_store: Fresh) -> None:
    table = {"op": "filter", "input": {"op": "stored", "fingerprint": population(engine_store, sample_above=10_000)},
             "expression": {"fn": ">", "args": [{"col": "x"}, {"lit": 5.0}]}}
    queries = [Query(("g",), (Measure(function=f, column="x", name="x"),)) for f in ("mean", "sum", "max")]
    together, meeting = answered([(table, query) for query in queries])
    for query, steps in zip(queries, together, strict=True):
        alone = list(answer(table, query))
        assert [step.level for step in steps] == ["10k", "exact"]
        assert all(alike(one, other) for one, other in zip(steps, alone, strict=True))
        assert steps[0].low.get("x") == pytest.approx(alone[0].low.get("x"))
        assert steps[0].interval == alone[0].interval
    assert meeting.scans == 2 and meeting.shared == 6


def test_charts_of_one_table_look_the_same_drawn_together(engine_store: Fresh) -> None:
    specs = [{"mark": "bar", "x": "city"}, {"mark": "bar", "x": "city", "y": "fare", "aggregate": "mean"},
             {"mark": "line", "x": "day", "color": "shared"}, {"mark": "histogram", "x": "fare"},
             {"mark": "box", "x": "city", "y": "fare"},
             {"mark": "bar", "x": "zone", "y": "fare", "aggregate": "median"}]
    alone = [list(draw(FAR, spec))[-1].view for spec in specs]
    found, meeting = met([lambda spec=spec: list(draw(FAR, spec))[-1].view for spec in specs])
    assert found == alone
    assert meeting.shared == 4, "all but those that need every value of a group"


def test_questions_to_different_tables_do_not_share(engine_store: Fresh) -> None:
    other = {**FAR, "expression": {"fn": "<", "args": [{"col": "fare"}, {"lit": 3}]}}
    found, _ = answered([(FAR, Query(("city",))), (other, Query(("city",)))])
    assert alike(found[0][0], *answer(FAR, Query(("city",)))) and alike(found[1][0], *answer(other, Query(("city",))))
    assert found[0][0].counts != found[1][0].counts


def test_what_people_write_is_never_read_as_part_of_the_statement(engine_store: Fresh) -> None:
    odd = "%s, __limit, __q0___x ' \" 918273645000"
    table = {"op": "inline", "columns": [{"name": n, "type": "text"} for n in (odd, "__k0")],
             "rows": [[odd, "__m0"], [odd, "__set"], ["other", "__m0"]]}
    some = {"op": "filter", "input": table, "expression": {"fn": "=", "args": [{"col": odd}, {"lit": odd}]}}
    found, meeting = answered([(some, Query((odd,))), (some, Query((odd,), MEASURES[:1]))])
    assert [one.rows for (one,) in found] == [[[odd, 2]], [[odd, 2]]] and meeting.shared == 2
    found, meeting = answered([(some, Query((odd,))), (some, Query(("__k0",))), (some, Query((odd, "__k0")))])
    assert meeting.shared == 0, "a column that is named like ours"
    assert [[row[:-1] for row in one.rows] for (one,) in found] == [
        [[odd]], [["__m0"], ["__set"]], [[odd, "__m0"], [odd, "__set"]]]
    assert [one.counts for (one,) in found] == [[2.0], [1.0, 1.0], [1.0, 1.0]]


def test_who_has_left_is_not_waited_for(engine_store: Fresh) -> None:
    meeting = Meeting(patience=60)
    meeting.expect(2)
    with meeting.seat():
        pass
    start = time.monotonic()
    with meeting.seat():
        assert list(answer(TABLE, Query(("city",))))[-1].exact
    assert time.monotonic() - start < 30 and meeting.scans == 0


def test_a_cancelled_run_leaves_the_others_their_answer(engine_store: Fresh) -> None:
    meeting, ends = Meeting(patience=60), dict[str, Any]()

    def work(run: str) -> None:
        with meeting.seat(), engine().run_scope(run):
            try:
                ends[run] = list(answer(TABLE, Query(("city",))))[-1].groups
            except Cancelled:
                ends[run] = "cancelled"

    engine_store()
    meeting.expect(3)
    first, second, third = (threading.Thread(target=work, args=(run,)) for run in ("one", "two", "three"))
    first.start()
    second.start()
    engine().interrupt("one")
    first.join(5)
    assert ends == {"one": "cancelled"}, "it does not wait for those that are still to come"
    third.start()
    second.join(20)
    third.join(20)
    assert ends == {"one": "cancelled", "two": 5, "three": 5} and meeting.scans == 1


def test_who_asks_for_all_and_is_cancelled_hands_over(engine_store: Fresh, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def once_cancelled(questions: Any) -> Any:
        calls.append(len(questions))
        if len(calls) == 1:
            raise Cancelled
        return answers(questions)

    engine_store()
    monkeypatch.setattr("workers.engine.shared_scan.answers", once_cancelled)
    meeting, ends = Meeting(patience=60), list[Any]()

    def work() -> None:
        with meeting.seat():
            try:
                ends.append(list(answer(TABLE, Query(("city",))))[-1].groups)
            except Cancelled:
                ends.append("cancelled")

    meeting.expect(3)
    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(map(str, ends)) == ["5", "5", "cancelled"] and calls == [3, 2]


def test_an_error_of_one_question_is_not_that_of_the_others(engine_store: Fresh,
                                                            monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(questions: Any) -> Any:
        raise CellError("out_of_memory", "Too much at once.")

    monkeypatch.setattr("workers.engine.shared_scan.answers", broken)
    found, _ = answered([(TABLE, Query(("city",))), (TABLE, Query(("zone",)))])
    assert [one.groups for (one,) in found] == [5, 11], "each asked alone"
