"""Cells that use a model: explained, put to work on a table, asked what if; bad input is said in words."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from workers import registry, runner
from workers.events import INLINE_VIEW_LIMIT
from workers.explain import subject
from workers.explain.subject import example_frame, example_model
from workers.kind import Cancel, Cancelled, CellError, Step
from workers.ports import Model, Table, literal_table
from workers.resolve import open_engine
from workers.steps import json_view
from workers.store import Store

MODEL = Model("example", "back")
PRINT = "ab" * 16
TABS = ("importance", "beeswarm", "dependence", "row", "counterfactual", "segments", "surrogate")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path)
    open_engine(made)
    return made


def steps(store: Store, name: str, params: dict[str, Any], cancel: Cancel | None = None, **inputs: Any) -> list[Step]:
    kind = registry.kind(name)
    work = runner.work_of(PRINT, store, cancel=cancel)
    return [*kind.compute(kind.params.model_validate(params), MODEL, **inputs, work=work)]


def customers(rows: int) -> Table:
    draw = random.Random(3)
    columns = {"visits": "integer", "city": "text", "spent": "number", "who": "integer"}
    return literal_table(columns, [[draw.randint(1, 8), draw.choice(["Oslo", "Lyon"]), draw.random() * 60, n]
                                   for n in range(rows)])


@pytest.mark.parametrize("show", TABS)
def test_each_tab_ends_with_a_small_exact_answer(store, show):
    found = steps(store, "explainer", {"show": show, "row": 5})
    assert found[-1].exact and found[-1].fraction == 1.0
    assert len(json.dumps(json_view(found[-1].view)[0])) < INLINE_VIEW_LIMIT
    assert show in found[-1].view
    assert [s.fraction for s in found] == sorted(s.fraction for s in found)


def test_importance_comes_at_once_and_gets_better(store):
    found = steps(store, "explainer", {"show": "importance"})
    assert [s.view["importance"]["kind"] for s in found] == ["gain"] + ["permutation"] * 5
    assert {"visits", "city"} == {bar["column"] for bar in found[-1].view["importance"]["bars"][:2]}


def test_a_linked_table_is_what_is_explained(store):
    found = steps(store, "explainer", {"show": "row", "row": 30}, table=customers(40))[-1].view
    assert found["rows"] == 40 and found["on"] == "40 of 40 rows of the table"
    waterfall = found["row"]
    total = waterfall["base"] + sum(p["push"] for p in waterfall["pushes"]) + waterfall["rest"]
    assert total == pytest.approx(waterfall["score"], abs=1e-3)
    swarm = steps(store, "explainer", {"show": "beeswarm"}, table=customers(40))[-1].view["beeswarm"]
    assert {dot[2] for dot in swarm["lanes"][0]["dots"]} == set(range(1, 41))


@pytest.mark.parametrize(("params", "code", "table"), [
    ({"show": "row", "row": 9000}, "no_row", False),
    ({"show": "dependence", "column": "shoe"}, "unknown_column", False),
    ({"show": "counterfactual", "wanted": "perhaps"}, "bad_value", False),
    ({"show": "segments"}, "no_target", True),
])
def test_what_cannot_be_explained_says_why(store, params, code, table):
    with pytest.raises(CellError) as refused:
        steps(store, "explainer", params, **({"table": customers(50)} if table else {}))
    assert refused.value.code == code
    assert len(refused.value.message) > 15


def test_a_model_without_memory_is_explained_on_a_table_only(store, monkeypatch):
    bare = replace(example_model(), training=None)
    monkeypatch.setattr(subject, "_example", [bare])
    with pytest.raises(CellError, match="Connect a table"):
        steps(store, "explainer", {"show": "importance"})
    assert steps(store, "explainer", {"show": "dependence"}, table=customers(60))[-1].exact
    with pytest.raises(CellError, match="Train it again"):
        steps(store, "whatif", {})


def test_a_table_goes_on_with_its_predictions(store):
    last = steps(store, "executor", {}, table=customers(50))[-1]
    kept = last.outputs["table"]
    names = [c.name for c in kept.columns]
    assert names == ["predicted_back", "probability", "probability_no", "probability_yes", "note", "visits", "city",
                     "spent", "who"]
    assert last.rows == 50 and last.view["done"] == 50
    from workers.engine import tables

    rows = tables.rows_of(kept)
    assert [row[names.index("who")] for row in rows] == list(range(50))
    assert not (store.folder(PRINT) / "chunks").exists()


def test_a_stopped_scoring_is_taken_over_without_lost_or_doubled_rows(store, monkeypatch):
    from workers.engine import tables
    from workers.explain import scoring

    monkeypatch.setattr(scoring, "CHUNK", 30)
    cancel, seen = Cancel(), 0
    kind = registry.kind("executor")
    with pytest.raises(Cancelled):
        for _ in kind.compute(kind.params(), MODEL, customers(100), work=runner.work_of(PRINT, store, cancel=cancel)):
            seen += 1
            if seen == 2:
                cancel.set()
    written = sorted((store.folder(PRINT) / "chunks").glob("chunk-*"))
    assert len(written) == 2
    before = [path.stat().st_mtime_ns for path in written]
    taken_over = registry.kind("executor").compute(kind.params(), MODEL, customers(100),
                                                   work=runner.work_of(PRINT, store))
    next(taken_over)
    assert [path.stat().st_mtime_ns for path in written] == before
    last = [*taken_over][-1]
    kept = last.outputs["table"]
    place = [c.name for c in kept.columns].index("who")
    assert [row[place] for row in tables.rows_of(kept)] == list(range(100))


def test_what_if_answers_follows_and_seeks(store):
    asked = steps(store, "whatif", {"values": {"visits": 20}, "along": "visits", "goal": 0.2})[-1].view
    assert asked["answer"]["outside"][0].startswith("visits is above all of training")
    assert asked["answer"]["prediction"] == "yes"
    assert asked["scenario"]["columns"] == ["visits"]
    assert asked["sought"]["reached"] and asked["sought"]["value"] < 20
    both = steps(store, "whatif", {"along": "visits", "beside": "city"})[-1].view["scenario"]
    assert len(both["values"][0]) == 3
    assert set(example_frame()["city"]) == set(both["grid"][1])
    with pytest.raises(CellError, match="is no number"):
        steps(store, "whatif", {"values": {"visits": "many"}})
