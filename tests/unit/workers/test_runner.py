"""One run of one cell: every end is typed, steps are coalesced and kept, and a stop or a timeout ends it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from pydantic import BaseModel, Field

from workers import registry, runner
from workers.events import CellFailed, CellStep
from workers.graph import Cell, Edge, Graph
from workers.kind import Cancel, CellError, CellKind, Params, Step, Work
from workers.ports import Table, literal_table
from workers.resolve import describe, read_page
from workers.runner import Outcome, run_cell
from workers.steps import json_view
from workers.store import Store


class ActParams(Params):
    act: str = Field("", title="Act")
    number: int = Field(1, title="Number", ge=0)


class Actor(CellKind):
    """Does what its param says."""

    name, title, group, icon = "actor", "Actor", "Explore", "x"
    params, takes_turns = ActParams, True
    view = "value"

    def compute(self, params: ActParams, *, work: Work) -> Iterator[Step]:
        """Acts."""
        yield Step(view={"type": "value", "value": 0}, exact=False, fraction=0.1)
        if params.act == "many":
            for i in range(200):
                yield Step(view={"type": "value", "value": i}, exact=False, fraction=i / 200)
        elif params.act == "crash":
            secret = {"password": "hunter2"}
            raise KeyError(secret["no"])
        elif params.act == "typed":
            raise CellError("too_odd", "This is too odd.", param="act", fix={"label": "Even it", "params": {"act": ""}})
        elif params.act == "wait":
            work.cancel.wait(30)
        elif params.act == "query":
            from workers.engine.duck import engine

            engine().fetch("SELECT sum(a.range * b.range % 7) FROM range(1000000) a, range(1000000) b")
        elif params.act == "unfinished":
            return
        elif params.act == "nan":
            yield Step(view={"type": "value", "value": float("nan")})
            return
        yield Step(view={"type": "value", "value": 42}, rows=7, interval="", note="done")


class Source(CellKind):
    """A table that must land before it is read."""

    name, title, group, icon = "fixed", "Fixed", "Data", "x"
    params = ActParams
    outputs = MappingProxyType({"table": Table})

    def compute(self, params: ActParams, *, work: Work) -> Iterator[Step]:
        """Numbers."""
        kept = work.keep(literal_table({"n": "integer"}, [[i] for i in range(1, params.number + 1)]))
        yield Step(view={"type": "table", "columns": [{"name": "n", "type": "integer"}], "rows": [], "total": 0},
                   outputs={"table": kept})


@pytest.fixture(autouse=True)
def planted(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {**registry.kinds(), "actor": Actor(), "fixed": Source()}
    monkeypatch.setattr(registry, "kinds", lambda: found)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def act(store: Store, act: str, **options: Any) -> tuple[Outcome, list[BaseModel]]:
    graph = Graph({"a": Cell("a", "actor", params={"act": act})})
    events: list[BaseModel] = []
    return run_cell(graph, "a", graph.fingerprints(), store, events.append, **options), events


def steps_of(events: list[BaseModel]) -> list[CellStep]:
    return [e for e in events if isinstance(e, CellStep)]


def test_a_run_gives_steps_then_its_exact_answer(store: Store) -> None:
    outcome, events = act(store, "", run="r1", canvas="c1")
    assert outcome.state == "done" and outcome.rows == 7 and outcome.error is None and outcome.versions["actor"] == "1"
    last = steps_of(events)[-1]
    assert last.run == "r1"
    assert last.final and last.fraction == 1.0 and last.finished_at is not None
    assert last.view == {"type": "value", "value": 42}
    kept = store.final(outcome.fingerprint)
    assert kept == last.model_dump() and outcome.bytes > 0


def test_many_steps_are_coalesced(store: Store) -> None:
    _, events = act(store, "many")
    steps = steps_of(events)
    assert len(steps) <= 8 and steps[-1].final
    assert [s.step for s in steps] == list(range(1, len(steps) + 1))


def test_among_others_a_run_is_put_back_after_its_first_step_and_goes_on_where_it_was(store: Store) -> None:
    outcome, events = act(store, "", turns=True)
    assert outcome.state == "put back" and outcome.error is None
    assert [(s.step, s.final) for s in steps_of(events)] == [(1, False)]
    outcome, events = act(store, "", shown=1)
    assert outcome.state == "done" and [(s.step, s.final) for s in steps_of(events)] == [(2, True)]


def test_a_typed_error_keeps_its_words_and_its_fix(store: Store) -> None:
    outcome, events = act(store, "typed")
    failed = events[-1]
    assert outcome.state == "failed" and isinstance(failed, CellFailed)
    assert (failed.code, failed.message, failed.param) == ("too_odd", "This is too odd.", "act")
    assert failed.fix is not None and failed.fix.params == {"act": ""}
    assert store.final(outcome.fingerprint) is None
    json.dumps(outcome.error)


def test_a_crash_is_our_fault_and_its_trace_stays_in_the_details(store: Store) -> None:
    outcome, events = act(store, "crash")
    failed = events[-1]
    assert isinstance(failed, CellFailed) and failed.code == "internal" and outcome.state == "failed"
    assert "KeyError" not in failed.message and "KeyError" in failed.detail


def test_a_kind_that_never_ends_exact_is_a_failure(store: Store) -> None:
    outcome, _ = act(store, "unfinished")
    assert outcome.state == "failed" and outcome.error is not None and outcome.error["code"] == "internal"


def test_a_number_json_lacks_becomes_null(store: Store) -> None:
    _, events = act(store, "nan")
    assert steps_of(events)[-1].view == {"type": "value", "value": None}


@pytest.mark.parametrize("what", ["wait", "query"])
def test_a_stop_ends_a_run_and_keeps_its_partial_answer(store: Store, what: str) -> None:
    cancel = Cancel()
    threading.Timer(0.3, cancel.set).start()
    outcome, events = act(store, what, cancel=cancel)
    assert outcome.state == "stopped"
    assert not any(isinstance(e, CellFailed) for e in events)
    kept = store.step(outcome.fingerprint)
    assert kept is not None and not kept["final"] and kept["view"] == {"type": "value", "value": 0}


@pytest.mark.parametrize("what", ["wait", "query"])
def test_a_timeout_is_a_typed_failure(store: Store, what: str) -> None:
    outcome, events = act(store, what, timeout=0.3)
    assert outcome.state == "failed" and outcome.error is not None and outcome.error["code"] == "timeout"
    assert isinstance(events[-1], CellFailed)


def test_a_run_stopped_before_it_starts_does_nothing(store: Store) -> None:
    cancel = Cancel()
    cancel.set()
    outcome, events = act(store, "", cancel=cancel)
    assert outcome.state == "stopped" and steps_of(events) == []


def test_an_unknown_kind_and_bad_params_are_typed(store: Store) -> None:
    graph = Graph({"a": Cell("a", "teleport"), "b": Cell("b", "actor", params={"number": -1})})
    prints = graph.fingerprints()
    unknown = run_cell(graph, "a", prints, store, lambda event: None)
    bad = run_cell(graph, "b", prints, store, lambda event: None)
    assert unknown.error is not None and unknown.error["code"] == "unknown_kind"
    assert bad.error is not None and (bad.error["code"], bad.error["param"]) == ("bad_params", "number")


def chain(**filter_params: Any) -> tuple[Graph, dict[str, str]]:
    graph = Graph(
        {"s": Cell("s", "fixed", params={"number": 450}, name="numbers"),
         "f": Cell("f", "filter", params={"column": "n", "test": ">", "value": 10, **filter_params}),
         "d": Cell("d", "derive", params={"name": "double", "expression": "n * 2"})},
        (Edge("1", "s", "table", "f", "table"), Edge("2", "f", "table", "d", "table")))
    return graph, graph.fingerprints()


def test_lazy_cells_fuse_down_to_the_stored_table(store: Store) -> None:
    graph, prints = chain()
    early = run_cell(graph, "d", prints, store, lambda event: None)
    assert early.error is not None and early.error["code"] == "not_landed" and "numbers" in early.error["message"]
    assert run_cell(graph, "s", prints, store, lambda event: None).state == "done"
    outcome = run_cell(graph, "d", prints, store, lambda event: None)
    assert outcome.state == "done" and outcome.rows == 440
    op = outcome.outputs["table"].op
    assert (op["op"], op["input"]["op"], op["input"]["input"]) == (
        "derive", "filter", {"op": "stored", "fingerprint": prints["s"]})
    assert store.final(prints["f"]) is None, "the cell between was not run"


def test_the_table_and_its_columns_are_told_before_the_exact_step(store: Store) -> None:
    graph = Graph({"a": Cell("a", "fixed", params={"number": 3})})
    prints, told = graph.fingerprints(), []
    outcome = run_cell(graph, "a", prints, store, lambda event: told.append(type(event).__name__),
                       on_table=lambda: told.append("table" if store.has_table(prints["a"]) else "too early"))
    assert outcome.state == "done"
    assert told == ["CellSchema", "table", "CellStep"]


def test_a_cell_with_a_plan_tells_its_columns_before_its_rows(store: Store) -> None:
    graph, prints = chain()
    run_cell(graph, "s", prints, store, lambda event: None)
    told: list[BaseModel] = []
    run_cell(graph, "d", prints, store, told.append)
    kinds = [type(event).__name__ for event in told]
    assert kinds[:2] == ["CellSchema", "CellStep"] and kinds.count("CellSchema") == 1
    assert [c.name for c in told[0].outputs["table"]] == ["n", "double"]  # type: ignore[attr-defined]
    assert describe(graph, prints, ["d"], store) == [told[0]]


def test_pages_are_kept_and_others_computed(store: Store) -> None:
    graph, prints = chain()
    run_cell(graph, "s", prints, store, lambda event: None)
    run_cell(graph, "d", prints, store, lambda event: None)
    kept = store.page(prints["d"], 2)
    assert kept is not None and kept["offset"] == 400 and len(kept["rows"]) == 40 and kept["total"] == 440
    assert read_page(graph, "d", prints, store, 2) == kept
    computed = read_page(graph, "f", prints, store, 1)
    assert computed["rows"][0] == [211] and computed["total"] == 440
    with pytest.raises(CellError, match="no table"):
        alone = Graph({"a": Cell("a", "actor")})
        read_page(alone, "a", alone.fingerprints(), store, 0)


def test_schemas_are_known_before_anything_but_the_source_ran(store: Store) -> None:
    graph, prints = chain()
    assert describe(graph, prints, ["f", "d"], store) == []
    run_cell(graph, "s", prints, store, lambda event: None)
    told = describe(graph, prints, ["s", "f", "d"], store)
    assert [[c.name for c in e.outputs["table"]] for e in told] == [["n"], ["n"], ["n", "double"]]  # type: ignore[attr-defined]
    assert describe(graph, prints, ["d"], store) == told[2:], "the second time from the store"


def test_a_wrong_column_is_found_by_describing(store: Store) -> None:
    graph, prints = chain(column="m")
    run_cell(graph, "s", prints, store, lambda event: None)
    for _ in range(2):
        failed = describe(graph, prints, ["f"], store)[0]
        assert isinstance(failed, CellFailed) and failed.code == "unknown_column" and failed.param == "column"


def test_a_wide_view_sheds_rows_and_a_huge_one_goes_by_reference(store: Store) -> None:
    wide = {"type": "table", "columns": [], "rows": [["x" * 400]] * 200, "total": 200}
    whole, inline = json_view(wide)
    assert len(whole["rows"]) == 200 and inline is not None and len(inline["rows"]) == 100
    assert json_view({"type": "figure", "text": "x" * 70_000})[1] is None


def test_a_late_stop_does_not_undo_the_answer(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    graph, prints = chain()
    run_cell(graph, "s", prints, store, lambda event: None)
    cancel = Cancel()

    def stopped(*_: Any) -> None:
        cancel.set()
        cancel.check()

    monkeypatch.setattr(runner, "keep_pages", stopped)
    assert run_cell(graph, "f", prints, store, lambda event: None, cancel=cancel).state == "done"


def test_cancel_hooks_run_once_and_late_ones_at_once() -> None:
    cancel, called = Cancel(), []
    cancel.on_set(lambda: called.append("early"))
    cancel.set("timeout")
    cancel.set("stopped")
    cancel.on_set(lambda: called.append("late"))
    assert called == ["early", "late"] and cancel.reason == "timeout"
    assert cancel.wait(time.monotonic()) is True
