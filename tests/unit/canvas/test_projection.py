"""The projection: defaults, clamps, validated params, and a reason for each link that is dropped."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from pydantic import Field

from canvas.documents.projection import Projector, code_mark, project
from workers.graph import Graph
from workers.kind import CellKind, Params, pick_column
from workers.ports import Model, Predicate, Table, Value


class SourceParams(Params):
    """Params of a source."""

    source: str
    skip: int = Field(0, ge=0, title="rows to skip")


class StepParams(Params):
    """Params of a step."""

    column: str | None = pick_column()
    limit: int = Field(30, ge=1, le=100)


class Source(CellKind):
    """A table out of nowhere."""

    name, title, group, icon = "source", "Source", "Data", "x"
    params = SourceParams
    outputs: ClassVar[Any] = {"table": Table}


class Step(CellKind):
    """A table to a table."""

    name, title, group, icon, version = "step", "Step", "Prepare", "x", 3
    params = StepParams
    inputs: ClassVar[Any] = {"table": Table, "extra": Table}
    optional_inputs = frozenset(["extra"])
    outputs: ClassVar[Any] = {"table": Table, "model": Model}


class NoteParams(Params):
    """Params of a note."""

    code: str = ""


class Note(CellKind):
    """Words."""

    name, title, group, icon, code = "note", "Note", "Explore", "x", "markdown"
    params = NoteParams


class Margin(Note):
    """Words nobody computes."""

    name, computes = "margin", False


class BrushParams(Params):
    """What is drawn, and what is chosen in it."""

    color: str = "red"
    chosen: int | None = None


class Brush(CellKind):
    """Passes a selection and a value on."""

    name, title, group, icon, params = "brush", "Brush", "Explore", "x", BrushParams
    inputs: ClassVar[Any] = {"tables": Table}
    many_inputs = frozenset(["tables"])
    outputs: ClassVar[Any] = {"selection": Predicate, "value": Value}
    steers = frozenset(["chosen"])


KINDS: dict[str, Any] = {"source": Source(), "step": Step(), "note": Note(), "margin": Margin(), "brush": Brush()}


def edge(source: str, target: str, port: str = "table", into: str = "table") -> dict[str, str]:
    """An edge's JSON."""
    return {"from": source, "fromPort": port, "to": target, "toPort": into}


def seen(cells: dict[str, Any], edges: dict[str, Any] | None = None, sources: dict[str, str] | None = None) -> Any:
    """The projection of some cells."""
    return project({"cells": cells, "edges": edges or {}}, KINDS, sources or {})


def test_a_bare_cell_gets_defaults() -> None:
    found = seen({"a": {}, "b": {"kind": "step", "params": None, "name": 5, "mode": "other"}, "c": {"kind": "note"}})
    assert found.graph.cells["a"].problems == ("This cell lost its kind; delete it.",)
    b = found.graph.cells["b"]
    assert (b.version, dict(b.params), b.name, b.mode) == (3, {"column": None, "limit": 30}, "", "auto")
    assert b.problems == ("Connect a table to its input.",)
    assert dict(found.graph.cells["c"].params) == {"code": ""}
    assert not found.graph.cells["c"].problems


@pytest.mark.parametrize(("params", "kept", "words"), [
    ({"source": "upload:1", "skip": -4}, {"source": "upload:1", "skip": 0}, "Rows to skip: input should be greater"),
    ({"skip": 2}, {"skip": 2}, "Set source."),
    ({"source": 7}, {}, "Source: input should be a valid string"),
    ({"source": "upload:1", "skip": None}, {"source": "upload:1", "skip": 0}, ""),
    ({"source": "upload:1", "unknown": 1}, {"source": "upload:1", "skip": 0}, ""),
])
def test_params_are_validated_one_by_one(params: dict[str, Any], kept: dict[str, Any], words: str) -> None:
    cell = seen({"a": {"kind": "source", "params": params}}, sources={"upload:1": "raw:x:csv"}).graph.cells["a"]
    assert dict(cell.params) == kept
    assert (words in cell.problems[0]) if words else not cell.problems


def test_sources_become_tokens_and_missing_ones_problems() -> None:
    cells = {"a": {"kind": "source", "params": {"source": "upload:1"}}}
    assert seen(cells, sources={"upload:1": "raw:abc:csv"}).graph.cells["a"].source_token == "raw:abc:csv"
    missing = seen(cells)
    assert missing.graph.cells["a"].source_token == ""
    assert "not here any more" in missing.cell_problems["a"][0]


def test_each_unfit_link_has_its_reason() -> None:
    cells = {"s": {"kind": "source", "params": {"source": "x"}}, "a": {"kind": "step", "title": "First"},
             "b": {"kind": "step", "title": "Second"}, "u": {"kind": "who knows"}}
    edges = {"1": edge("s", "a"), "2": edge("a", "b"), "3": edge("b", "a", into="extra"), "4": edge("s", "b"),
             "5": edge("a", "a"), "6": edge("a", "gone"), "7": edge("a", "b", "nope"), "8": edge("a", "b", into="nope"),
             "9": edge("a", "b", "model", "extra"), "91": edge("u", "b", into="extra"),
             "92": edge("s", "b", into="extra")}
    found = seen(cells, edges)
    assert [e.id for e in found.graph.edges] == ["1", "2", "92"]
    assert {k: v[0][:40] for k, v in found.edge_problems.items()} == {
        "3": "This link would close a loop: First → Se", "4": "This input already has a link; only one ",
        "5": "A cell cannot feed itself.", "6": "One end of this link was deleted.",
        "7": "There is no output “nope” on a Step cell", "8": "There is no input “nope” on a Step cell.",
        "9": "What “model” gives does not fit into “ex", "91": "One end of this link has a kind this ser"}
    assert found.edge_problems["3"] == ["This link would close a loop: First → Second → First."]
    assert not found.graph.cells["b"].problems
    assert found.graph.order()[0] == "s"


def test_moving_and_renaming_a_card_changes_nothing() -> None:
    projector = Projector(KINDS)
    projector.set_cell("a", {"kind": "step", "pos": [1, 2], "title": "x"})
    assert projector.take_changed()
    projector.set_cell("a", {"kind": "step", "pos": [3, 4], "title": "y", "z": "b"})
    assert not projector.take_changed()
    projector.set_cell("a", {"kind": "step", "params": {"limit": 5}})
    assert projector.take_changed()


def test_over_long_code_is_cut_with_a_word_about_it() -> None:
    cell = seen({"a": {"kind": "note", "code": "x" * 200_001}}).graph.cells["a"]
    assert len(cell.params["code"]) == 200_000
    assert "longer than 200,000" in cell.problems[0]


def test_writing_where_nothing_runs_plans_nothing() -> None:
    projector = Projector(KINDS)
    projector.set_cell("a", {"kind": "note", "code": "1"})
    assert projector.take_changed()
    projector.set_cell("b", {"kind": "margin", "code": "Hello"})
    projector.set_cell("b", {"kind": "margin", "code": "Hello you"})
    assert not projector.take_changed()
    assert set(projector.projection().graph.cells) == {"a"}


def test_what_steers_is_kept_apart_from_what_a_cell_computes() -> None:
    brush = seen({"b": {"kind": "brush", "params": {"color": "blue", "chosen": 3}}}).graph.cells["b"]
    assert (brush.params, brush.steering) == ({"color": "blue"}, {"chosen": 3})
    assert brush.steered == ("selection", "value") and brush.named_ports == ("tables",)


def test_filter_links_and_ports_that_take_many_take_many() -> None:
    cells = {"s": {"kind": "source"}, "t": {"kind": "source"}, "b": {"kind": "brush"}, "c": {"kind": "brush"},
             "x": {"kind": "step"}}
    edges = {"1": edge("s", "b", into="tables"), "2": edge("t", "b", into="tables"),
             "3": edge("t", "c", into="tables"),
             "4": edge("s", "x"), "5": edge("b", "x", "selection", "filters"),
             "6": edge("c", "x", "selection", "filters"),
             "7": edge("t", "x"), "8": edge("b", "s", "selection", "filters")}
    found = seen(cells, edges)
    assert [e.id for e in found.graph.edges] == ["1", "2", "3", "4", "5", "6"]
    assert found.edge_problems == {"7": ["This input already has a link; only one can feed it."],
                                   "8": ["There is no input “filters” on a Source cell."]}


def test_a_value_links_to_a_param_once() -> None:
    cells = {"b": {"kind": "brush"}, "c": {"kind": "brush"}, "x": {"kind": "step"}, "s": {"kind": "source"}}
    edges = {"1": edge("b", "x", "value", "param.limit"), "2": edge("c", "x", "value", "param.limit"),
             "3": edge("b", "x", "value", "param.nope"), "4": edge("b", "x", "selection", "param.limit"),
             "5": edge("b", "s", "value", "param.source"), "6": edge("b", "c", "value", "param.chosen")}
    found = seen(cells, edges)
    assert [e.id for e in found.graph.edges] == ["1"]
    assert set(found.edge_problems) == {"2", "3", "4", "5", "6"}


class ScriptParams(Params):
    """Code alone."""

    code: str = ""


class Script(CellKind):
    """A computing kind with code."""

    name, title, group, icon = "script", "Script", "Prepare", "code"
    params, code = ScriptParams, "python"


SCRIPTS = {"script": Script()}


def script(**more: Any) -> Any:
    cell = {"kind": "script", "pos": [0, 0], "params": {}, "code": "1 + 1", **more}
    return project({"cells": {"s": cell}, "edges": {}}, SCRIPTS, {}).graph.cells["s"]


def test_code_is_a_param_so_it_decides_what_is_fresh() -> None:
    one, other = script(), script(code="1 + 2")
    assert one.params == {"code": "1 + 1"}
    assert Graph({"s": one}).fingerprints() != Graph({"s": other}).fingerprints()


def test_code_runs_by_itself_only_while_it_is_what_somebody_ran() -> None:
    assert script().mode == "written"
    assert script(ran=code_mark("1 + 1")).mode == "auto"
    assert script(ran=code_mark("1 + 1"), code="1 + 12").mode == "written"
    assert script(ran=code_mark("1 + 1"), mode="manual").mode == "manual"
    assert script(ran=7).mode == "written"


@pytest.mark.parametrize(("text", "mark"), [
    ("", "cbf29ce484222325"), ("a", "af63dc4c8601ec8c"), ("foobar", "85944171f73967e8"),
    ("größe ✓", "9884b0374da7aee1"),
])
def test_the_mark_of_a_text_is_the_one_browsers_make(text: str, mark: str) -> None:
    assert code_mark(text) == mark
