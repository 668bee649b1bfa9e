"""The plan: what starts, waits, stops; walks of random edits and landings never do anything twice."""

from __future__ import annotations

import itertools
from types import SimpleNamespace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from workers.graph import Cell, Edge, Graph
from workers.scheduler import Cancel, Run, plan, states


def kind(lazy: bool, dear: bool = False, prompt: bool = False, outputs: bool = True) -> Any:
    return SimpleNamespace(title="K", queue="interactive", timeout=9.0, dear=dear, prompt=prompt,
                           outputs={"table": 1} if outputs else {}, is_lazy=lambda params=None: lazy)


KINDS: Any = {"source": kind(False, prompt=True), "lazy": kind(True, prompt=True), "group": kind(False),
              "chart": kind(False, prompt=True, outputs=False), "dear": kind(False, dear=True)}


def chain(*kinds: str, **changes: dict[str, Any]) -> tuple[Graph, dict[str, str]]:
    """Cells a, b, c ... in a row; `changes` are fields of cells by id."""
    ids = "abcdefgh"[: len(kinds)]
    cells = {i: Cell(i, k, **changes.get(i, {})) for i, k in zip(ids, kinds, strict=True)}
    edges = tuple(Edge(f"{p}{q}", p, "table", q, "table") for p, q in itertools.pairwise(ids))
    graph = Graph(cells, edges)
    return graph, graph.fingerprints()


def started(actions: list[Run | Cancel]) -> list[str]:
    return [a.cell for a in actions if isinstance(a, Run)]


def test_children_of_a_lazy_cell_start_with_it() -> None:
    graph, prints = chain("source", "lazy", "lazy", "chart")
    assert started(plan(graph, prints, kinds=KINDS)) == ["a"]
    assert started(plan(graph, prints, {prints["a"]}, kinds=KINDS)) == ["b", "c", "d"]


def test_children_of_a_materialising_cell_wait_for_its_landing() -> None:
    graph, prints = chain("source", "group", "chart")
    landed = {prints["a"]}
    assert started(plan(graph, prints, landed, kinds=KINDS)) == ["b"]
    flying = {"b": ("r1", prints["b"])}
    assert plan(graph, prints, landed, flying, kinds=KINDS) == []
    said = states(graph, prints, landed, flying, progress={"b": "running"}, kinds=KINDS)
    assert (said["b"].state, said["c"].state, said["c"].reason) == ("running", "queued", "Waits for K")
    assert started(plan(graph, prints, landed | {prints["b"]}, kinds=KINDS)) == ["c"]


def test_children_of_a_running_cell_start_once_its_table_stands() -> None:
    graph, prints = chain("source", "lazy", "chart")
    flying = {"a": ("r1", prints["a"])}
    assert plan(graph, prints, (), flying, kinds=KINDS) == []
    assert started(plan(graph, prints, (), flying, usable={prints["a"]}, kinds=KINDS)) == ["b", "c"]
    said = states(graph, prints, (), flying, progress={"a": "running"}, usable={prints["a"]}, kinds=KINDS)
    assert [said[c].state for c in "abc"] == ["running", "queued", "queued"] and said["b"].reason == ""


def test_a_cell_with_problems_blocks_what_follows() -> None:
    graph, prints = chain("source", "lazy", "chart", b={"problems": ("Pick a column",), "name": "late"})
    assert plan(graph, prints, {prints["a"]}, kinds=KINDS) == []
    said = states(graph, prints, {prints["a"]}, kinds=KINDS)
    assert said["b"].state == "needs_settings" and said["b"].missing == ("Pick a column",)
    assert said["c"].state == "blocked" and "late" in said["c"].reason


def test_an_obsolete_run_is_cancelled_and_replaced() -> None:
    graph, prints = chain("source", "lazy")
    flying = {"b": ("old", "0" * 64), "gone": ("r9", "1" * 64)}
    assert plan(graph, prints, {prints["a"]}, flying, kinds=KINDS) == [
        Cancel("b", "old"), Cancel("gone", "r9"), Run("b", prints["b"], "interactive", 9.0)]


def test_a_failed_fingerprint_is_tried_again_only_when_forced() -> None:
    graph, prints = chain("source", "lazy", "chart")
    failed = {prints["b"]: {"code": "unknown_column", "message": "There is no column x."}}
    assert plan(graph, prints, {prints["a"]}, failed=failed, kinds=KINDS) == []
    said = states(graph, prints, {prints["a"]}, failed=failed, kinds=KINDS)
    assert said["b"].state == "error" and said["b"].reason == "There is no column x."
    assert said["c"].state == "blocked"
    assert started(plan(graph, prints, {prints["a"]}, failed=failed, forced={"b"}, kinds=KINDS)) == ["b", "c"]


def test_missing_settings_found_while_running_are_no_error() -> None:
    graph, prints = chain("chart")
    failed = {prints["a"]: {"code": "needs_settings", "message": "Pick a field for X", "missing": ["X"]}}
    said = states(graph, prints, failed=failed, kinds=KINDS)["a"]
    assert (said.state, said.reason, said.missing) == ("needs_settings", "Pick a field for X", ("X",))


def test_manual_and_dear_cells_wait_for_run() -> None:
    graph, prints = chain("source", "dear", "chart", c={"mode": "manual"})
    landed = {prints["a"]}
    assert plan(graph, prints, landed, kinds=KINDS) == []
    said = states(graph, prints, landed, estimates={"b": 12_000.0}, shown={"b": "earlier"}, kinds=KINDS)
    assert said["b"].state == "stale" and "12 s" in said["b"].reason and said["b"].estimate_ms == 12_000.0
    assert said["c"].state == "blocked"
    assert started(plan(graph, prints, landed, forced={"b"}, kinds=KINDS)) == ["b"]
    landed |= {prints["b"]}
    assert plan(graph, prints, landed, kinds=KINDS) == []
    assert states(graph, prints, landed, kinds=KINDS)["c"].state == "not_run"


def test_cost_decides_only_where_no_first_step_comes_at_once() -> None:
    graph, prints = chain("source", "group", "chart")
    landed = {prints["a"]}
    assert started(plan(graph, prints, landed, estimates={"b": 500.0}, kinds=KINDS)) == ["b"]
    assert plan(graph, prints, landed, estimates={"b": 501.0}, kinds=KINDS) == []
    landed |= {prints["b"]}
    assert started(plan(graph, prints, landed, estimates={"c": 9_000.0}, kinds=KINDS)) == ["c"]


def test_a_stopped_run_is_cancelled_and_stays_stopped() -> None:
    graph, prints = chain("source", "chart")
    landed, flying = {prints["a"]}, {"b": ("r", prints["b"])}
    assert plan(graph, prints, landed, flying, stopped={prints["b"]}, kinds=KINDS) == [Cancel("b", "r")]
    assert plan(graph, prints, landed, stopped={prints["b"]}, kinds=KINDS) == []
    assert states(graph, prints, landed, stopped={prints["b"]}, kinds=KINDS)["b"].state == "stopped"
    assert started(plan(graph, prints, landed, stopped={prints["b"]}, forced={"b"}, kinds=KINDS)) == ["b"]


def test_a_landed_result_is_computed_again_only_anew() -> None:
    graph, prints = chain("source")
    assert plan(graph, prints, {prints["a"]}, forced={"a"}, kinds=KINDS) == []
    assert started(plan(graph, prints, {prints["a"]}, forced={"a"}, anew={"a"}, kinds=KINDS)) == ["a"]
    assert states(graph, prints, {prints["a"]}, kinds=KINDS)["a"].state == "cached"
    assert states(graph, prints, {prints["a"]}, ran={"a": prints["a"]}, kinds=KINDS)["a"].state == "done"


def test_equal_cells_share_one_run() -> None:
    graph = Graph({"a": Cell("a", "source"), "b": Cell("b", "source")})
    prints = graph.fingerprints()
    assert started(plan(graph, prints, kinds=KINDS)) == ["a"]
    assert states(graph, prints, (), {"a": ("r", prints["a"])}, kinds=KINDS)["b"].state == "queued"


def test_an_unknown_kind_is_told_and_never_run() -> None:
    graph = Graph({"a": Cell("a", "teleport")})
    assert plan(graph, graph.fingerprints(), kinds=KINDS) == []
    assert states(graph, graph.fingerprints(), kinds=KINDS)["a"].state == "error"


@st.composite
def walks(draw: st.DrawFn) -> tuple[Graph, list[int]]:
    """A random acyclic graph and a list of random choices."""
    size = draw(st.integers(1, 7))
    cells, edges = {}, []
    for i in range(size):
        problems = ("x",) if draw(st.integers(0, 9)) == 0 else ()
        cells[f"c{i}"] = Cell(f"c{i}", draw(st.sampled_from(sorted(KINDS))), params={"i": i}, problems=problems,
                              mode=draw(st.sampled_from(["auto", "auto", "manual"])))
        for j in range(i):
            if draw(st.booleans()) and draw(st.booleans()):
                edges.append(Edge(f"{j}-{i}", f"c{j}", "table", f"c{i}", f"p{j}"))
    return Graph(cells, tuple(edges)), draw(st.lists(st.integers(0, 10_000), max_size=25))


@settings(max_examples=150, deadline=None)
@given(walks())
def test_a_walk_never_starts_twice_and_ends_quiet(walk: tuple[Graph, list[int]]) -> None:
    """Plan, carry out, land or fail or change something; the invariants of the scheduler hold at each turn."""
    graph, choices = walk
    landed: set[str] = set()
    failed: set[str] = set()
    flying: dict[str, tuple[str, str]] = {}
    runs = 0
    for choice in [*choices, *[0] * 40]:
        prints = graph.fingerprints()
        for action in plan(graph, prints, landed, flying, failed, kinds=KINDS):
            if isinstance(action, Cancel):
                assert flying.pop(action.cell)[0] == action.run
            else:
                runs += 1
                _check_start(graph, prints, action, landed, failed, flying)
                flying[action.cell] = (f"r{runs}", action.fingerprint)
        assert plan(graph, prints, landed, flying, failed, kinds=KINDS) == [], "a plan carried out leaves nothing to do"
        said = states(graph, prints, landed, flying, failed, kinds=KINDS)
        assert set(said) == set(graph.cells)
        assert all(said[c].state == "queued" for c in flying)
        graph = _turn(graph, choice, flying, landed, failed)
    assert not flying, "everything that could land has landed"


def _check_start(graph: Graph, prints: dict[str, str], action: Run, landed: set[str], failed: set[str],
                 flying: dict[str, tuple[str, str]]) -> None:
    cell = graph.cells[action.cell]
    assert action.fingerprint == prints[action.cell]
    assert action.fingerprint not in landed | failed
    assert action.fingerprint not in {fp for _, fp in flying.values()}
    assert not cell.problems and cell.mode == "auto" and cell.kind != "dear"
    for edge in graph.inputs_of(action.cell):
        source = graph.cells[edge.source]
        assert KINDS[source.kind].is_lazy() or prints[edge.source] in landed


def _turn(graph: Graph, choice: int, flying: dict[str, tuple[str, str]], landed: set[str], failed: set[str]) -> Graph:
    """One thing happens: a run lands or fails, or a cell's params change."""
    if choice % 3 == 2:
        ids = sorted(graph.cells)
        cell = graph.cells[ids[choice % len(ids)]]
        changed = Cell(cell.id, cell.kind, params={"i": choice}, mode=cell.mode, problems=cell.problems)
        return Graph({**graph.cells, cell.id: changed}, graph.edges)
    if flying:
        cell_id = sorted(flying)[choice % len(flying)]
        _, fingerprint = flying.pop(cell_id)
        (failed if choice % 7 == 6 else landed).add(fingerprint)
    return graph


def test_a_cell_that_failed_for_want_of_its_input_waits_for_that_cell() -> None:
    graph = Graph({"a": Cell("a", "filter", problems=("Set Column",)), "b": Cell("b", "chart")},
                  (Edge("e", "a", "table", "b", "table"),))
    prints = graph.fingerprints()
    failed = {prints["b"]: {"code": "needs_settings", "message": "Set Column", "missing": ["Column"]}}
    words = states(graph, prints, failed=failed)
    assert (words["b"].state, words["b"].missing) == ("blocked", ())
    assert "needs attention first" in words["b"].reason
